from pathlib import Path

import pytest

from recommndr.events import KINDS
from recommndr_importing.mapping import BadMapping, load, parse, shipped

EVENTS = "events: {user_id: u, item_id: i, kind: view, time: t}\n"


@pytest.mark.parametrize("name", shipped())
def test_a_mapping_that_ships_is_sound_and_has_its_name_in_the_how_to(name: str) -> None:
    mapping = load(name)
    assert mapping.events.kind.names <= set(KINDS)
    assert mapping.items is not None
    how_to = Path(__file__).parents[2] / "docs" / "how-to" / "import-your-shop.md"
    assert f"`{name}`" in how_to.read_text()


def test_a_mapping_is_found_by_path_too(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(EVENTS)
    assert load(str(tmp_path / "my.yaml")) == parse(EVENTS, "")


def test_an_unknown_mapping_is_answered_with_those_that_ship() -> None:
    with pytest.raises(BadMapping, match=r"no mapping 'etsy': expected a path, or the name of a shipped one: gorse, movielens"):
        load("etsy")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("events: {user_id: u, kind: view, time: t}", "my.yaml: events.item_id: Field required"),
        (EVENTS + "item: {}", "my.yaml: item {}: Extra inputs are not permitted"),
        (
            EVENTS.replace("time: t", "time: {column: t, zone: London}"),
            "events.time.zone 'London': expected a time zone's name",
        ),
        (EVENTS.replace("time: t", "time: {column: t, format: unix}"), "events.time.format 'unix': expected iso, epoch_s"),
        (EVENTS.replace("view", "{column: k}"), "expected the name of a kind, or a column with either values or at_least"),
        (EVENTS.replace("view", "{values: {a: b}}"), "expected the name of a kind, or a column with either values or at_least"),
        (EVENTS.replace("t}", "t, price: {column: p, currency: euro}}"), "events.price.currency.constant 'euro'"),
        (EVENTS.replace("t}", "t, reject: [{reason: r, column: c}]}"), "expected exactly one of equals, starts_with"),
        (EVENTS.replace("t}", "t, reject: [{reason: r, column: c, matches: '('}]}"), "expected a regular expression"),
        ("events: [", "my.yaml: not valid YAML"),
        ("", "my.yaml: the whole file None"),
    ],
)
def test_what_is_wrong_is_said_with_file_field_value_and_expectation(text: str, said: str) -> None:
    with pytest.raises(BadMapping) as refused:
        parse(text, "my.yaml")
    assert said in str(refused.value)
