"""An action: the values of an event that folds read, the same for the live stream and for history."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from recommndr.events import KIND_CODE, NOT_ACTIONS, Event, Identify, Sender, is_late, kind_code

CONTEXT = ("device", "os", "country", "region")  # what an action says of where the shopper was
IDENTIFY = -1  # a guest logged in; no code of `events.KINDS`, because only the group of guests reads it
PURCHASE, IMPRESSION = KIND_CODE["purchase"], KIND_CODE["impression"]


class Action(NamedTuple):
    """The part of an event that feature groups read. Times are seconds since the epoch, UTC.

    A tuple, because the stream makes some for each event and a frozen dataclass takes six times as long.
    """

    kind: int  # code: `recommndr.events.kind_code`
    at_s: float  # event_at: the only time used for decay
    event_id: str
    user_id: str
    item_ids: tuple[str, ...]  # one per line, repeats kept
    device: str | None = None
    os: str | None = None
    country: str | None = None
    region: str | None = None
    sender: Sender = "server"  # by `events.is_claimed`; no fold counts these as a success of a release
    doubted: bool = False  # by `events.Doubt`; it counts for the shopper and not for items
    guest_id: str | None = None  # of `IDENTIFY`

    @classmethod
    def from_event(cls, event: Event, own_kinds: Sequence[str] = ()) -> Self | None:
        """The action of an event; None for other `NOT_ACTIONS` and for events too late to be folded live.

        An `identify` is never too late. `own_kinds` are the tenant's; raises `ValueError` for a kind that is neither built in
        nor one of them.
        """
        if isinstance(event, Identify):
            at_s = event.event_at.timestamp()
            return cls(IDENTIFY, at_s, str(event.event_id), event.user_id, (), guest_id=event.guest_id, sender=event.sender)
        if event.kind in NOT_ACTIONS or is_late(event.event_at, event.received_at):
            return None
        context = event.context
        return cls(
            kind=kind_code(event.kind, own_kinds),
            at_s=event.event_at.timestamp(),
            event_id=str(event.event_id),
            user_id=event.user_id,
            item_ids=tuple(line.item_id for line in event.lines),
            device=context.device,
            os=context.os,
            country=context.country,
            region=context.region,
            sender=event.sender,
            doubted=event.doubt is not None,
        )
