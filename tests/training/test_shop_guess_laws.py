"""However a shop writes its log, the same rows are imported: laws of the guesses of `recommndr shop add`."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr_importing import mapping as mapping_module
from recommndr_training.shops.column_names import names_of
from recommndr_training.shops.mapping_text import mapping_text
from recommndr_training.shops.preview import preview
from recommndr_training.shops.shop_files import ShopFiles

MEANINGS = ("user_id", "item_id", "kind", "time", "order_id", "quantity", "price")
KINDS = ("view", "view", "add_to_cart", "purchase")
ROWS = [
    (f"shopper{n % 7}", f"A-{n % 11}", KINDS[n % 4], datetime(2024, 1 + n % 3, 1 + n % 28, n % 24, n % 60, tzinfo=UTC),
     f"o{n}" if n % 4 == 3 else "", 1 + n % 3, 1_000 * (n % 2) + 2.5 + n / 4)
    for n in range(60)
]  # fmt: skip
TIMES: dict[str, Callable[[datetime], str]] = {
    form: lambda at, form=form: at.strftime(form)  # type: ignore[misc]
    for form in (
        "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p",
        "%Y/%m/%d %H:%M:%S", "%d %b %Y %H:%M", "%d-%m-%Y %H:%M", "%d/%m/%y %H:%M", "%Y-%m-%d %H:%M:%S +0000",
    )
}  # fmt: skip
TIMES |= {f"epoch x{per_s}": lambda at, per_s=per_s: str(int(at.timestamp()) * per_s) for per_s in (1, 1_000, 1_000_000)}  # type: ignore[misc]


def written(names: dict[str, str], order: list[str], delimiter: str, comma: bool, form: str) -> str:
    """The log as text: names of the columns by meaning, their order, and how values are written."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([names[meaning] for meaning in order])
    for row in ROWS:
        said = dict(zip(MEANINGS, row, strict=True)) | {"time": TIMES[form](row[3])}
        said["price"] = f"{row[6]:.2f}".replace(".", "," if comma else ".")
        writer.writerow([said[meaning] for meaning in order])
    return text.getvalue()


def lines_of(text: str, encoding: str = "utf-8") -> list[tuple[Any, ...]]:
    """What is imported from a log by the guesses alone."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_bytes(text.encode(encoding))
        files = ShopFiles.look([path], None)
        mapping = mapping_module.parse(mapping_text(files.guesses({}), "log.csv"), "log.yaml")
        lines = preview(files.log, mapping, "shop", datetime(2026, 1, 1, tzinfo=UTC)).lines
    wanted = ("user_id", "item_id", "kind", "at", "quantity", "price_minor", "event_id")
    return sorted(tuple(line[name] for name in wanted) for line in lines.to_pylist())


PLAIN = {meaning: meaning for meaning in MEANINGS}
EXPECTED = lines_of(written(PLAIN, list(MEANINGS), ",", comma=False, form="%Y-%m-%d %H:%M"))


def test_all_rows_of_the_log_are_imported() -> None:
    assert len(EXPECTED) == len(ROWS)


@settings(max_examples=10, deadline=None)
@given(st.permutations(MEANINGS))
def test_the_order_of_the_columns_does_not_matter(order: list[str]) -> None:
    assert lines_of(written(PLAIN, order, ",", comma=False, form="%Y-%m-%d %H:%M")) == EXPECTED


SYNONYMS = [(meaning, name) for meaning in MEANINGS for name in names_of(meaning)]


@pytest.mark.parametrize("meaning", MEANINGS)
def test_any_known_name_of_a_column_means_the_same(meaning: str) -> None:
    others = {
        name
        for name in names_of(meaning)
        if lines_of(written(PLAIN | {meaning: name}, list(MEANINGS), ",", comma=False, form="%Y-%m-%d %H:%M")) != EXPECTED
    }
    assert others == set()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([",", ";", "\t", "|"]), st.booleans(), st.sampled_from(sorted(TIMES)), st.permutations(MEANINGS))
def test_delimiter_decimal_sign_and_form_of_times_do_not_matter(
    delimiter: str, comma: bool, form: str, order: list[str]
) -> None:
    assert lines_of(written(PLAIN, order, delimiter, comma, form)) == EXPECTED


@settings(max_examples=15, deadline=None)
@given(st.fixed_dictionaries({meaning: st.sampled_from(names_of(meaning)) for meaning in MEANINGS}))
def test_a_log_of_other_names_gives_the_same_rows(names: dict[str, str]) -> None:
    if len(set(names.values())) == len(names):
        assert lines_of(written(names, list(MEANINGS), ",", comma=False, form="%Y-%m-%d %H:%M")) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_does_not_matter(encoding: str) -> None:
    names = PLAIN | {"price": "Stückpreis"}
    assert lines_of(written(names, list(MEANINGS), ";", comma=True, form="%d.%m.%Y %H:%M"), encoding) == EXPECTED
