"""Every interaction has the context of its event, whatever the order of the lines and however they were read."""

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features.action import CONTEXT
from recommndr.tenancy import TenantPolicy
from recommndr_training.data import event_contexts
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.logins import NO_LOGINS
from recommndr_training.data.split import write_train
from tests.training.orders import CUT_S, DAY_S, Order, table

POLICY = TenantPolicy()
words = st.sampled_from([None, "DE", "AT", "de", "x y"])
contexts = st.lists(st.tuples(words, words, words, words), max_size=20)


@given(contexts)
def test_a_code_stands_for_the_context_of_its_line(rows: list[tuple[str | None, ...]]) -> None:
    found = event_contexts.coded(pd.DataFrame(rows, columns=list(CONTEXT), dtype=object))
    assert [found.names[code] for code in found.codes] == [tuple(word or "" for word in row) for row in rows]
    assert list(found.names) == sorted({tuple(word or "" for word in row) for row in rows})


def lines() -> pd.DataFrame:
    orders = [Order(f"o{n}", f"u{n % 3}", CUT_S - (9 - n) * DAY_S, ("a", f"b{n}")) for n in range(6)]
    found = table(orders)
    countries = dict(zip(sorted({order.event_id for order in orders}), ("DE", "AT", None, "DE", "CH", "AT"), strict=True))
    return found.assign(country=found["event_id"].map(countries), device=None, os=None, region=None)


def countries_of(known: Interactions, item_ids: list[str]) -> list[str]:
    of_item = {
        known.item_ids[item]: known.context_names[code][2] for item, code in zip(known.items, known.contexts, strict=True)
    }
    return [of_item[item_id] for item_id in item_ids]


def test_interactions_keep_the_context_of_their_event_in_any_order_of_lines() -> None:
    given_lines = lines()
    expected = given_lines.set_index("item_id")["country"].fillna("")
    shuffled = given_lines.iloc[np.random.default_rng(3).permutation(len(given_lines))]
    for part in (given_lines, shuffled):
        known = Interactions.from_lines(part, POLICY)
        singles = [f"b{n}" for n in range(6)]
        assert countries_of(known, singles) == [expected[item_id] for item_id in singles]
        past = known.before(CUT_S - 6 * DAY_S)
        assert countries_of(past, singles[:3]) == [expected[item_id] for item_id in singles[:3]]


def test_lines_of_the_split_are_read_with_their_contexts(tmp_path: Path) -> None:
    written = lines()
    items = pd.DataFrame({"item_id": sorted(set(written["item_id"]))})
    write_train(written, NO_LOGINS, items, tmp_path)
    read, made = Interactions.read(tmp_path, POLICY), Interactions.from_lines(written, POLICY, items["item_id"])
    assert read.context_names == made.context_names
    assert read.contexts.tolist() == made.contexts.tolist()
    assert {names[2] for names in read.context_names} == {"", "AT", "CH", "DE"}


def test_lines_without_context_have_one_and_it_is_unknown() -> None:
    known = Interactions.from_lines(table([Order("o", "u", CUT_S - DAY_S, ("a", "b"))]), POLICY)
    assert known.context_names == (("", "", "", ""),)
    assert known.contexts.tolist() == [0, 0]
