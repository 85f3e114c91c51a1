"""`docs/openapi-serving.json` is the document that a slot serves; `make docs` writes it."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import orjson

from recommndr_serving.http.api import create_app
from recommndr_serving.http.requests import ItemField, RecommendRequest

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi-serving.json"


def document() -> bytes:
    @asynccontextmanager
    async def never_opened() -> Any:
        yield None

    return orjson.dumps(create_app(never_opened).openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def test_the_committed_document_is_in_step() -> None:
    assert DOCUMENT.read_bytes() == document(), "run `make docs`"


def test_every_reference_leads_somewhere_and_every_field_of_a_request_is_in() -> None:
    schema = orjson.loads(document())
    schemas = schema["components"]["schemas"]
    for reference in _references(schema):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference
    assert set(schemas["RecommendRequest"]["properties"]) == set(RecommendRequest.model_fields)
    assert set(get_args(ItemField)) <= set(schemas["ListedItem"]["properties"])


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []


if __name__ == "__main__":
    DOCUMENT.write_bytes(document())
