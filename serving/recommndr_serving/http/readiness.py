"""What a slot that has just started refuses: answers that would pass for the whole while a part of the shop is still unread.

The edge asks the other slot after such a 503, and a storefront asks again. The slot refuses no more than that, because a list
that can be given is better than an error:

- No bundle, and the release records have not been tried: 503, because the list would be that of a shop without a release. The
  wait is short: kept copies are read from disk, and a bundle that cannot be fetched counts as tried. Then, and for a shop that
  has no release, the step `static` answers.
- A bundle, and the catalogue not read to its end: the list is given. It may lack items, but what it has is in stock, because
  availability is read first. If Kafka is lost meanwhile, this list is all that can be had.
- An empty list, and the catalogue not read to its end: 503, because the items may be in the part that is missing.
"""

from collections.abc import Sequence

from recommndr_http.problem import Problem
from recommndr_serving.tenant_slot import TenantSlot

_LOADING = "the slot is still loading the shop's bundle; ask again in a few seconds"
_READING = "the slot is still reading the catalogue; ask again in a few seconds"


def check_releases_tried(tenant: TenantSlot, awaited: Sequence[str]) -> None:
    """Raise `Problem` 503 if the tenant may have a release that the slot has not tried yet."""
    if tenant.serving is None and "releases" in awaited:
        raise _not_ready(_LOADING)


def check_catalogue_read(awaited: Sequence[str]) -> None:
    """Raise `Problem` 503 if the slot had not read the whole catalogue when it looked.

    Callers read `awaited` before they look: what is read in between is missing from what they found.
    """
    if "tails" in awaited:
        raise _not_ready(_READING)


def unknown_item(item_id: str, awaited: Sequence[str]) -> Problem:
    """The problem of an unknown item: 404; raises 503 if the slot had not read the whole catalogue when it looked."""
    check_catalogue_read(awaited)
    return Problem(404, f"item_id: got {item_id!r}, expected an item of the catalogue")


def _not_ready(detail: str) -> Problem:
    return Problem(503, detail, headers={"retry-after": "1"})
