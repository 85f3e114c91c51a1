"""Shared parts of all services' OpenAPI documents: models, problems and credentials."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from recommndr_http.problem import MEDIA_TYPE
from recommndr_http.problem_answer import ProblemAnswer

REF = "#/components/schemas/{model}"
Responses = dict[int | str, dict[str, Any]]
Schema = dict[str, Any]

SERVER_KEY: dict[str, list[str]] = {"serverKey": []}
SHOPPER_TOKEN: dict[str, list[str]] = {"shopperToken": []}
_SCHEMES = {
    "serverKey": {"type": "http", "scheme": "bearer", "bearerFormat": "rk_<tenant>_<secret>"},
    "shopperToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "from the collector's POST /tokens; valid for one shopper only",
    },
}


def ref(model: type[BaseModel]) -> Schema:
    """A reference to a model of the document."""
    return {"$ref": REF.format(model=model.__name__)}


def content(schema: Schema, media_type: str = "application/json") -> Schema:
    """A body with this schema."""
    return {media_type: {"schema": schema}}


def body(schema: Schema) -> Schema:
    """A required request body."""
    return {"requestBody": {"required": True, "content": content(schema)}}


def answer(description: str, model: type[BaseModel]) -> Schema:
    """An answer of this model."""
    return {"description": description, "content": content(ref(model))}


def refusal(description: str) -> Schema:
    """A problem."""
    return {"description": description, "content": content(ref(ProblemAnswer), MEDIA_TYPE)}


def document(
    app: FastAPI,
    models: Sequence[type[BaseModel]],
    security: Sequence[Mapping[str, Any]],
    parts: Mapping[str, Any] | None = None,
) -> Schema:
    """The application's OpenAPI document with these models and further parts; made once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        named = [(model, "validation") for model in (*models, ProblemAnswer)]
        _, found = models_json_schema(named, ref_template=REF)  # type: ignore[arg-type]
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {}).update(found["$defs"] | (parts or {}))
        components["securitySchemes"] = _SCHEMES
        schema["security"] = list(security)
        app.openapi_schema = schema
    return app.openapi_schema
