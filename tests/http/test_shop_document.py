"""`docs/openapi.json` is the API as a shop sees it, with an example of everything; `make docs` writes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from recommndr_http.openapi import Schema, operations
from recommndr_http.shop_document import shop_document
from tests.collector.test_openapi import document as of_collector
from tests.serving.test_openapi import document as of_serving

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def made() -> Schema:
    return shop_document([orjson.loads(of_serving()), orjson.loads(of_collector())])


def written() -> bytes:
    return orjson.dumps(made(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


OPERATIONS = {operation["operationId"]: operation for _, _, operation in operations(made())}


def bodies(operation: Schema) -> dict[str, Schema]:
    """Contents of the request and of the answers, by place."""
    answers = {status: answer["content"] for status, answer in operation["responses"].items()}
    asked = {"request": operation["requestBody"]["content"]} if "requestBody" in operation else {}
    return {f"{place} {media}": content for place, by_media in (asked | answers).items() for media, content in by_media.items()}


def examples(content: Schema) -> list[Any]:
    return [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]


def test_the_committed_document_is_in_step() -> None:
    assert DOCUMENT.read_bytes() == written(), "run `make docs`"


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_has_words_and_an_example_of_its_request_and_its_answers(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["description"]
    assert operation["security"]
    for place, content in bodies(operation).items():
        if place.startswith(("request", "2", "400")):
            assert examples(content), f"{name}: no example of {place}"


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_examples_are_what_the_schema_says(name: str) -> None:
    components = made()["components"]
    for place, content in bodies(OPERATIONS[name]).items():
        validator = jsonschema_rs.validator_for(content["schema"] | {"components": components})
        for example in examples(content):
            assert [f"{place}: {error.message}" for error in validator.iter_errors(example)] == []


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_refusal_is_a_problem(name: str) -> None:
    refused = {status: answer for status, answer in OPERATIONS[name]["responses"].items() if status >= "400"}
    assert {"400", "401", "403", "503"} <= refused.keys()
    for answer in refused.values():
        (content,) = answer["content"].items()
        assert content[0] == "application/problem+json"
        assert content[1]["schema"] == {"$ref": "#/components/schemas/ProblemAnswer"}


def test_every_array_says_what_is_in_it() -> None:
    """Makers of clients leave out what has an array that does not."""
    arrays = [schema for schema in _schemas(made()) if schema.get("type") == "array"]
    assert arrays
    assert not [schema for schema in arrays if not schema.keys() & {"items", "prefixItems"}]


def _schemas(node: Any) -> Iterator[Schema]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _schemas(inner)


def test_what_needs_no_credential_is_not_for_shops() -> None:
    assert not {"/metrics", "/slot", "/health/live", "/health/ready"} & made()["paths"].keys()


def test_documents_that_disagree_are_refused() -> None:
    one = orjson.loads(of_serving())
    other = orjson.loads(of_serving())
    other["components"]["schemas"]["ItemPage"]["title"] = "Another page"
    with pytest.raises(ValueError, match="ItemPage means two things"):
        shop_document([one, other])


def test_two_operations_of_one_name_are_refused() -> None:
    one = orjson.loads(of_serving())
    one["paths"]["/again"] = one["paths"]["/trending"]
    with pytest.raises(ValueError, match="operations trending have the name of another"):
        shop_document([one])


if __name__ == "__main__":
    DOCUMENT.write_bytes(written())
