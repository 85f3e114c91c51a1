"""The laws of every feature group that is a file in `recommndr.features.added`; `docs/how-to/add-a-feature.md` adds one."""

from collections.abc import Callable
from functools import reduce
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import added
from recommndr.features.action import Action
from tests.recommndr.actions import histories

SHIFT_S = 14 * 86_400.0
Law = Callable[[ModuleType, list[Action], st.DataObject], None]


def of(group: ModuleType, history: list[Action]) -> list[Action]:
    return [action for action in history if group.takes(action)]


def order_does_not_matter(group: ModuleType, history: list[Action], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(history))
    assert group.fold(group.EMPTY, of(group, mixed)) == group.fold(group.EMPTY, of(group, history))


def a_fold_is_the_merge_of_its_parts(group: ModuleType, history: list[Action], data: st.DataObject) -> None:
    alone = [group.fold(group.EMPTY, [action]) for action in of(group, history)]
    assert reduce(group.merge, data.draw(st.permutations(alone)), group.EMPTY) == group.fold(group.EMPTY, of(group, history))


def a_state_survives_its_bytes(group: ModuleType, history: list[Action], _: st.DataObject) -> None:
    state = group.fold(group.EMPTY, of(group, history))
    assert group.from_bytes(group.to_bytes(state)) == state
    with pytest.raises(ValueError, match=group.SCHEMA.name):
        group.from_bytes(b"")


def a_shifted_state_is_that_of_later_actions(group: ModuleType, history: list[Action], _: st.DataObject) -> None:
    later = [action._replace(at_s=action.at_s + SHIFT_S) for action in history]
    assert group.shifted(group.fold(group.EMPTY, of(group, history)), SHIFT_S) == group.fold(group.EMPTY, of(group, later))


def its_columns_are_those_of_its_schema(group: ModuleType, history: list[Action], _: st.DataObject) -> None:
    assert set(group.columns(group.fold(group.EMPTY, of(group, history)))) == {field.name for field in group.SCHEMA.fields}


LAWS = (
    order_does_not_matter,
    a_fold_is_the_merge_of_its_parts,
    a_state_survives_its_bytes,
    a_shifted_state_is_that_of_later_actions,
    its_columns_are_those_of_its_schema,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@given(histories, st.data())
def test_the_laws_hold(law: Law, history: list[Action], data: st.DataObject) -> None:
    for group in added.groups():
        law(group, history, data)
