"""Replays held-out baskets live, and shows one household's list before and after its own basket."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from recommndr_native.shop import Answer, Shop, purchase
from recommndr_training.shipping.held_out import Basket

_MIN_KNOWN_EVENTS = 20  # from this number on all retrievers answer
_LINES_OF_A_STORY = range(6, 41)  # a basket of readable size
_CHANGE_TIMEOUT_S = 30.0
_POLL_S = 0.01


class NothingChanged(RuntimeError):
    """A purchase did not change the answer in time."""


@dataclass(frozen=True, slots=True)
class Story:
    """One household's answers before and after one real purchase."""

    basket: Basket
    before: Answer
    after: Answer
    seconds: float  # from the event's 202 to the first changed answer


def replay(shop: Shop, baskets: Iterable[Basket], per_second: float, progress: Callable[[], None]) -> int:
    """Send baskets as purchases that happen now, in their order, evenly; returns how many."""
    began, n_sent = time.monotonic(), 0
    for basket in baskets:
        time.sleep(max(0.0, began + n_sent / per_second - time.monotonic()))
        shop.send(purchase(basket.user_id, basket.lines))
        n_sent += 1
        progress()
    return n_sent


def choose(shop: Shop, baskets: Sequence[Basket]) -> int:
    """Index of the first basket to show: from a household with many events, and of readable size."""
    seen: set[str] = set()
    for index, basket in enumerate(baskets):
        if basket.user_id not in seen and len(basket.lines) in _LINES_OF_A_STORY:
            answer = shop.recommend(basket.user_id)
            if answer.ladder == "full" and answer.n_events >= _MIN_KNOWN_EVENTS:
                return index
        seen.add(basket.user_id)
    raise LookupError(f"none of {len(baskets)} baskets is of a household with {_MIN_KNOWN_EVENTS} events and 6-40 lines")


def tell_story(shop: Shop, basket: Basket) -> Story:
    """Ask, buy, and ask until the answer contains the purchase and differs; raises `NothingChanged`."""
    before = shop.recommend(basket.user_id)
    shop.send(purchase(basket.user_id, basket.lines))
    acknowledged = time.monotonic()
    while time.monotonic() - acknowledged < _CHANGE_TIMEOUT_S:
        after = shop.recommend(basket.user_id)
        # Other households' purchases also change lists slightly, so only an answer that contains this one counts.
        if after.n_events > before.n_events and after.item_ids != before.item_ids:
            return Story(basket, before, after, time.monotonic() - acknowledged)
        time.sleep(_POLL_S)
    raise NothingChanged(
        f"household {basket.user_id}: the answer did not change within {_CHANGE_TIMEOUT_S:.0f} s after its purchase"
    )
