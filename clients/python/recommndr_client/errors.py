"""What a caller may have to handle."""

from typing import Any

from recommndr_client.api_types import ProblemAnswer


class Refused(Exception):
    """The installation refuses the request; `problem` names the field, its value and what was expected."""

    def __init__(self, status: int, problem: ProblemAnswer) -> None:
        super().__init__(f"{status}: {problem['detail']}")
        self.status, self.problem = status, problem


class Unavailable(Exception):
    """There is no answer: the network, a timeout, a 5xx, or a 429. `retry_after_s` is the installation's wish, if any."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


def problem_of(status: int, body: Any) -> ProblemAnswer:
    """The problem in a body; one of our own for a body that is none, such as a proxy's page."""
    if isinstance(body, dict) and isinstance(body.get("detail"), str):
        return body  # type: ignore[return-value]
    return {"type": "about:blank", "title": "The request is refused", "status": status, "detail": "the answer says no reason"}
