"""What a shop's own server gets to hear of the platform: lists, and the ways in which a request fails.

NoAccess   nothing can be done for this shop here: no such key, nobody listens; the message holds the cure
Failed     this one request came to nothing; `reason` counts it, the message is the platform's
"""

from dataclasses import dataclass


class NoAccess(RuntimeError):
    """Nothing can be done for this shop; cause and cure are in the message."""


class Failed(RuntimeError):
    """One request came to nothing; `reason` is of a small set, such as `400 kind` or `unreachable`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ShownList:
    """An answer as a page shows it."""

    item_ids: tuple[str, ...]
    request_id: str = ""
    attribution: str | None = None  # goes back with what the shopper does about this list
    ladder: str = "none"
    model_version: str | None = None


NOTHING_SHOWN = ShownList(())
