"""`docs/openapi-collector.json` is the document that the collector serves; `make docs` writes it."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from recommndr.tenancy import Tenants
from recommndr_collector.app import create_app

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi-collector.json"


def document() -> bytes:
    @asynccontextmanager
    async def never_opened() -> Any:
        yield None

    schema = create_app(never_opened, Tenants(tenants={})).openapi()
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def test_the_committed_document_is_in_step() -> None:
    assert DOCUMENT.read_bytes() == document(), "run `make docs`"


def test_every_reference_leads_somewhere() -> None:
    schema = orjson.loads(document())
    schemas = schema["components"]["schemas"]
    references = list(_references(schema))
    assert {"EventAccepted", "ProblemAnswer", "CatalogItem"} <= {name.rpartition("/")[2] for name in references}
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in schemas, reference


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []


if __name__ == "__main__":
    DOCUMENT.write_bytes(document())
