"""What is read of `served.v1` is what was written, and nothing else is read."""

from dataclasses import fields, replace
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given

from recommndr.served_answer import ServedAnswer
from tests.recommndr.served_answers import AN_ANSWER, answers, floats


@given(answers())
def test_what_is_read_is_what_was_written_bit_by_bit(answer: ServedAnswer) -> None:
    read = ServedAnswer.from_bytes(answer.to_bytes())
    for one in fields(ServedAnswer):
        wrote, got = getattr(answer, one.name), getattr(read, one.name)
        if isinstance(wrote, np.ndarray):
            assert (wrote.shape, wrote.tobytes()) == (got.shape, got.tobytes()), one.name
        else:
            assert repr(wrote) == repr(got), one.name


@given(answers())
def test_a_record_may_leave_out_the_names_and_nothing_else(answer: ServedAnswer) -> None:
    assert answer.to_bytes(named=False) == replace(answer, columns=(), retrievers=()).to_bytes()


@pytest.mark.parametrize(
    "value",
    [b"", b"{}", b'{"schema_version":1,"request_id":"r"}', b"\xc0", b"\x93\x01\x02\x03", msgpack.packb({"schema_version": 3})],
)
def test_other_bytes_are_refused_with_a_word(value: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        ServedAnswer.from_bytes(value)


@pytest.mark.parametrize(
    "changed",
    [
        {"scores": floats([0.5, 0.4])},
        {"sources": ()},
        {"columns": ("a", "b", "c")},
        {"shown_inputs": np.zeros((2, 2), np.float32)},
    ],
)
def test_an_answer_whose_arrays_do_not_belong_together_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        ServedAnswer.from_bytes(replace(AN_ANSWER, **changed).to_bytes())
