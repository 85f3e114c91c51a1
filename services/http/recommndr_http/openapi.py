"""Shared parts of all services' OpenAPI documents: models, problems and credentials."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
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


def body(schema: Schema, examples: Mapping[str, Any]) -> Schema:
    """A required request body; `examples` by what they show."""
    named = {name.replace(" ", "-"): {"summary": name, "value": value} for name, value in examples.items()}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": named}}}}


def answer(description: str, model: type[BaseModel], example: Any) -> Schema:
    """An answer of this model."""
    return {"description": description, "content": {"application/json": {"schema": ref(model), "example": example}}}


def refusal(description: str, example: Mapping[str, Any] | None = None) -> Schema:
    """A problem."""
    of_media = {"schema": ref(ProblemAnswer)} | ({} if example is None else {"example": example})
    return {"description": description, "content": {MEDIA_TYPE: of_media}}


def header(name: str, meaning: str) -> Schema:
    """An optional header of a request."""
    return {"name": name, "in": "header", "required": False, "description": meaning, "schema": {"type": "string"}}


def operation_id(route: APIRoute) -> str:
    """The endpoint's own name, which generated clients use."""
    return route.name


def operations(schema: Schema) -> Iterator[tuple[str, str, Schema]]:
    """Path, method and operation of a document."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


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
        _correct(schema)
        app.openapi_schema = schema
    return app.openapi_schema


def _correct(schema: Schema) -> None:
    """Invalid requests are 400s, not FastAPI's 422s; health and metrics need no credential."""
    for path, _, operation in operations(schema):
        operation["responses"].pop("422", None)
        if path.startswith("/health") or path == "/metrics":
            operation["security"] = []
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
