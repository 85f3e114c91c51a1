"""What live traffic needs of a shop's server: lists, and the two kinds of failure.

NoAccess   no request can succeed for this shop: no such key, or no server; the message says what to do
Failed     one request failed; `reason` is a label for counting, the message is the platform's
"""

from dataclasses import dataclass


class NoAccess(RuntimeError):
    """No request can succeed for this shop; the message has cause and remedy."""


class Failed(RuntimeError):
    """One request failed; `reason` is one of a small set, such as `400 kind` or `unreachable`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ShownList:
    """An answered list as a page shows it."""

    item_ids: tuple[str, ...]
    request_id: str = ""
    attribution: str | None = None  # token to send with events about this list
    ladder: str = "none"
    model_version: str | None = None


NOTHING_SHOWN = ShownList(())
