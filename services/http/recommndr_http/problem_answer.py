"""The schema of problems in the OpenAPI documents."""

from pydantic import BaseModel


class FieldProblem(BaseModel):
    """One field that is not as expected."""

    field: str
    value: str
    expected: str


class ProblemAnswer(BaseModel):
    """RFC 9457; the first error's field, value and expectation are at the top level."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    value: str | None = None
    expected: str | None = None
    errors: list[FieldProblem] = []
