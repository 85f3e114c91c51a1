"""What `recommndr shop add` takes a shop's files for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from recommndr_importing import mapping as mapping_module
from recommndr_importing.shop_import import run
from recommndr_lake_writer.items import read_items
from recommndr_lake_writer.lake import read_events
from recommndr_training.shops.guess import Guesses
from recommndr_training.shops.mapping_text import mapping_text
from recommndr_training.shops.shop_files import ShopFiles
from tests.importing.shop import order, silently
from tests.training.exports import EVERY, Export

by_shape = pytest.mark.parametrize("export", EVERY, ids=lambda export: export.name)


def guessed(export: Export, **told: str) -> tuple[ShopFiles, Guesses]:
    files = ShopFiles.look([export.events], export.items)
    return files, files.guesses(told)


def without_file(section: dict[str, Any], *more: str) -> dict[str, Any]:
    return {field: value for field, value in section.items() if field not in ("file", "reject", *more)}


@by_shape
def test_the_columns_are_found(export: Export) -> None:
    _, guesses = guessed(export)
    assert without_file(guesses.content()["events"]) == export.expected["events"]
    assert [question.field for question in guesses.questions if question.default is None] == []


@by_shape
def test_the_columns_of_an_item_table_are_found(export: Export) -> None:
    _, guesses = guessed(export)
    if export.items is None:
        assert guesses.content()["items"]["from_events"] is True
    else:
        assert without_file(guesses.content()["items"]) == export.expected["items"]


def imported(folder: Path, export: Export) -> Iterator[tuple[Any, ...]]:
    """Import by the guesses alone; gives the deeds that are then in the lake."""
    files, guesses = guessed(export)
    mapping = mapping_module.parse(mapping_text(guesses, files.names), "shop.yaml")
    run(replace(order(folder), mapping=mapping, event_files=files.events, item_file=files.items, max_rejects=0.9), silently)
    for line in read_events(folder / "lake", "boutique").to_pylist():
        at = line["event_at"].astimezone(UTC).replace(tzinfo=None).isoformat()
        yield line["user_id"], line["item_id"], line["kind"], at


@by_shape
def test_the_files_are_imported_without_a_mapping(export: Export, tmp_path: Path) -> None:
    assert sorted(imported(tmp_path, export)) == sorted(map(tuple, export.expected["deeds"]))
    assert read_items(tmp_path / "lake", "boutique").num_rows > 0
