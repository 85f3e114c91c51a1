"""The OpenAPI document of what a shop calls: the documents of several services as one, as they look through the edge."""

from collections.abc import Sequence
from typing import Any

from recommndr_http.openapi import Schema, operations

_DESCRIPTION = (
    "Send events and the catalogue, ask for lists. The credential is a server key, or in a browser a shopper's token. "
    "Every refusal is an application/problem+json that names the field, the value and what was expected."
)
_SERVERS: list[Schema] = [
    {"url": "http://127.0.0.1:18000", "description": "the edge of `make demo`"},
    {
        "url": "https://{host}",
        "description": "the edge of an installation",
        "variables": {"host": {"default": "recommndr.example", "description": "host and port"}},
    },
]


def shop_document(documents: Sequence[Schema]) -> Schema:
    """One document of all operations that need a credential; raises `ValueError` if two documents disagree about a name."""
    merged: Schema = {
        "openapi": documents[0]["openapi"],
        "info": {"title": "Recommndr", "version": documents[0]["info"]["version"], "description": _DESCRIPTION},
        "servers": _SERVERS,
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for document in documents:
        for path, method, operation in operations(document):
            security = operation.get("security", document["security"])
            if security:
                _put(merged["paths"].setdefault(path, {}), method, operation | {"security": security}, f"{method} {path}")
        for kind, parts in merged["components"].items():
            for name, part in document["components"].get(kind, {}).items():
                _put(parts, name, part, name)
    _check_names([operation["operationId"] for _, _, operation in operations(merged)])
    return merged


def _put(parts: Schema, name: str, part: Any, shown: str) -> None:
    if parts.setdefault(name, part) != part:
        raise ValueError(f"{shown} means two things: expected the same in all documents")


def _check_names(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"operations {', '.join(twice)} have the name of another: expected one name each")
