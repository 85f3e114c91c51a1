"""A refusal names field, value and expectation, and is cheap whatever it refuses."""

from typing import Annotated, Any

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, FailFast, ValidationError

from recommndr_http.problem import MAX_ERRORS, Problem, refused_errors, refused_field, refused_model, shown_value


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = ""
    sizes: Annotated[tuple[int, ...], FailFast()] = ()


def refusal(body: Any) -> Problem:
    with pytest.raises(ValidationError) as raised:
        Asked.model_validate(body)
    return refused_model(raised.value)


def test_each_wrong_field_is_named_with_its_value_and_what_was_expected() -> None:
    problem = refusal({"name": 7, "colour": "red"}).to_dict()
    assert (problem["field"], problem["value"], problem["expected"]) == ("name", "7", "a valid string")
    assert problem["errors"][1] == {"field": "colour", "value": "red", "expected": "no such field"}
    assert problem["detail"] == "name: got 7, expected a valid string; colour: got red, expected no such field"


def test_of_more_errors_than_a_problem_shows_none_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as raised:
        Asked.model_validate(dict.fromkeys(map(str, range(MAX_ERRORS + 1))))
    described = CountedErrors(raised.value)
    problem = refused_model(described)  # type: ignore[arg-type]
    assert described.n_described == 0
    assert (problem.errors[0].field, problem.errors[0].value) == ("body", "21 errors")


class CountedErrors:
    """Counts the errors whose description is read."""

    def __init__(self, cause: ValidationError) -> None:
        self._cause, self.n_described = cause, 0

    def error_count(self) -> int:
        return self._cause.error_count()

    def errors(self, **options: Any) -> list[Any]:
        self.n_described += self._cause.error_count()
        return list(self._cause.errors(**options))


ENDLESS = [
    10**5_000,
    "x" * 10_000,
    ["x" * 1_000] * 1_000,
    {str(n): n for n in range(10_000)},
    [[[[[[[[1]]]]]]]],
    b"\xff" * 9_999,
]


@pytest.mark.parametrize("value", [*ENDLESS, "\ud800"], ids=range(len(ENDLESS) + 1))
def test_a_value_of_any_size_is_shown_briefly_and_as_json(value: object) -> None:
    shown = shown_value(value)
    assert len(shown) <= 201
    assert orjson.loads(refused_field("f", value, "less").to_response().body)["value"] == shown


def test_a_name_of_any_length_is_cut() -> None:
    error = {"loc": ("x" * 100_000, 3), "type": "extra_forbidden", "input": 1, "msg": ""}
    assert len(refused_errors([error]).detail) < 200
