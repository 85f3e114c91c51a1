"""What is counted on a text's bytes is what a parser finds in it, and one bad member of a list leaves the others alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_http.json_shape import JsonList, Shape, check, json_list, measure
from recommndr_http.problem import Problem

TEXT = st.text(alphabet=st.sampled_from('ab\\"{}[],:é\n\u2028😀'), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def counted(value: Any) -> Shape:
    """The shape of a value by walking it."""
    if not isinstance(value, (list, dict)):
        return Shape(0, 0, 0)
    inner = [counted(one) for one in (value.values() if isinstance(value, dict) else value)]
    return Shape(
        1 + max((shape.depth for shape in inner), default=0),
        sum(shape.n_keys for shape in inner) + (len(value) if isinstance(value, dict) else 0),
        sum(shape.n_commas for shape in inner) + max(len(value) - 1, 0),
    )


@given(value=VALUES, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_the_shape_of_a_text_is_that_of_the_value_it_means(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert measure(text.encode()) == counted(value)


def refuses(text: bytes, most: Shape) -> bool:
    try:
        check(text, most)
    except Problem:
        return True
    return False


LIMITS = st.builds(Shape, depth=st.integers(0, 4), n_keys=st.integers(0, 6), n_commas=st.integers(0, 6))


@given(value=VALUES, most=LIMITS)
def test_a_text_is_refused_when_its_value_exceeds_the_limits_whatever_its_strings_contain(value: Any, most: Shape) -> None:
    shape = counted(value)
    exceeds = shape.depth > most.depth or shape.n_keys > most.n_keys or shape.n_commas > most.n_commas
    assert refuses(json.dumps(value).encode(), most) == exceeds


@given(values=st.lists(VALUES, max_size=6), indent=st.sampled_from([None, 1]))
def test_a_lists_members_are_what_a_parser_finds(values: list[Any], indent: int | None) -> None:
    members = JsonList(f" {json.dumps(values, indent=indent)}\n".encode())
    found = [(json.loads(member.payload), member.shape) for member in members] if len(members) else []
    assert found == [(value, counted(value)) for value in values]
    assert len(members) == len(values)


BROKEN = [
    b"", b"nonsense", b"\xff", b"\x00", b'"\xff"', b'"\xed\xa0\x80"', b'"\\ud800"', b"NaN", b"9" * 10_000, b"{]", b"[}",
    b'{"a"}', b'{"a":1,"a":2}', b"[" * 5_000 + b"]" * 5_000, b'"\\\\\\\\"', b'"\\\\\\""', b"1 2", b'"a" "b"', b'"\n"',
]  # fmt: skip


@given(values=st.lists(VALUES, min_size=1, max_size=5), place=st.integers(0, 5), broken=st.sampled_from(BROKEN))
def test_a_member_that_is_no_json_moves_no_other(values: list[Any], place: int, broken: bytes) -> None:
    texts = [json.dumps(value).encode() for value in values]
    texts.insert(place, broken)
    assert [member.payload for member in JsonList(b"[" + b",".join(texts) + b"]")] == texts


@given(text=st.binary(max_size=60) | st.text(alphabet='[]{},:"\\ 1', max_size=30).map(str.encode))
def test_any_bytes_are_split_or_refused(text: bytes) -> None:
    measure(text)
    try:
        members = JsonList(text)
    except ValueError:
        assert not is_list(text)
    else:
        assert len(list(members)) >= len(members)


def is_list(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except ValueError:
        return False


@pytest.mark.parametrize("text", [b"[", b"]", b"[]]", b"[[]", b"[] []", b'["a]', b'[1]"]', b"{}", b"1", b"", b"[1] x"])
def test_what_is_not_one_list_is_refused(text: bytes) -> None:
    with pytest.raises(Problem, match="body"):
        json_list(text, 5, "a list")


def test_a_text_with_more_than_may_be_is_refused_by_what_is_too_much() -> None:
    most = Shape(depth=2, n_keys=3, n_commas=4)
    measure(b'{"a":[1,2,3],"b":1,"c":1}').check(most)
    for text, what in ((b"[[[]]]", "3 levels"), (b'{"a":1,"b":1,"c":1,"d":1}', "4 keys"), (b"[1,1,1,1,1,1]", "5 values")):
        with pytest.raises(Problem, match=what):
            measure(text).check(most)
