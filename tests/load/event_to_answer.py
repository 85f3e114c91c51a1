"""Seconds from an event's 202 to the first changed answer, under a steady stream: real held-out baskets of distinct households.

    python tests/load/event_to_answer.py --key "$(cat var/keys/grocer)" --events 100 --per-second 50

Needs a running installation (`make demo`). Each basket is another household's; pollers ask for all that are still waiting, in
turn, so the resolution is the number of those waiting times one answer's time; it is printed too.
"""

import argparse
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import numpy as np

from recommndr.settings import Settings
from recommndr_native.shop import Answer, Shop, purchase
from recommndr_training.shipping.held_out import Basket, baskets

_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A household whose event was acknowledged and whose answer is not seen to have changed."""

    user_id: str
    before: Answer
    acknowledged_s: float
    asked_s: float


class Pollers:
    """Threads that ask for whoever waits until the answer changed."""

    def __init__(self, edge: str, tenant: str, key: str, n_threads: int) -> None:
        self.waiting: queue.Queue[Waiting] = queue.Queue()
        self.seconds: list[float] = []
        self.gaps: list[float] = []  # between two questions for the same household: the resolution
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(Shop(edge, tenant, key),)) for _ in range(n_threads)]

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _run(self, shop: Shop) -> None:
        with closing(shop):
            while not self._stop.is_set():
                try:
                    one = self.waiting.get(timeout=0.05)
                except queue.Empty:
                    continue
                self._ask(shop, one)

    def _ask(self, shop: Shop, one: Waiting) -> None:
        asked_s = time.monotonic()
        answer = shop.recommend(one.user_id)
        seen_s = time.monotonic()
        self.gaps.append(asked_s - one.asked_s)
        if answer.n_events > one.before.n_events and answer.item_ids != one.before.item_ids:
            self.seconds.append(seen_s - one.acknowledged_s)
        elif seen_s - one.acknowledged_s < _TIMEOUT_S:
            self.waiting.put(Waiting(one.user_id, one.before, one.acknowledged_s, asked_s))


def distinct_households(profile: str, n: int) -> list[Basket]:
    """The last baskets of `n` households, so that a demo that replayed the first ones is no matter."""
    by_user = {basket.user_id: basket for basket in baskets(profile)}
    return list(by_user.values())[-n:]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--key", required=True)
    arguments.add_argument("--tenant", default="grocer")
    arguments.add_argument("--profile", default="small")
    arguments.add_argument("--edge", default=Settings().envoy_url)
    arguments.add_argument("--events", type=int, default=100)
    arguments.add_argument("--per-second", type=float, default=50.0)
    arguments.add_argument("--pollers", type=int, default=4)
    given = arguments.parse_args()

    shop = Shop(given.edge, given.tenant, given.key)
    chosen = [(basket, shop.recommend(basket.user_id)) for basket in distinct_households(given.profile, given.events)]
    pollers = Pollers(given.edge, given.tenant, given.key, given.pollers)
    with pollers.running():
        began = time.monotonic()
        for n, (basket, before) in enumerate(chosen):
            time.sleep(max(0.0, began + n / given.per_second - time.monotonic()))
            shop.send(purchase(basket.user_id, basket.lines))
            now_s = time.monotonic()
            pollers.waiting.put(Waiting(basket.user_id, before, now_s, now_s))
        sent_s = time.monotonic() - began
        deadline = time.monotonic() + _TIMEOUT_S
        while len(pollers.seconds) < len(chosen) and time.monotonic() < deadline:
            time.sleep(0.05)
    shop.close()
    p50, p95 = np.percentile(pollers.seconds, (50, 95))
    print(f"{len(pollers.seconds)} of {len(chosen)} answers changed; sent at {len(chosen) / sent_s:.1f} events/s")
    print(f"event to changed answer: p50 {p50:.3f} s, p95 {p95:.3f} s, max {max(pollers.seconds):.3f} s")
    print(f"resolution (time between two questions for one household): p50 {np.median(pollers.gaps):.3f} s")


if __name__ == "__main__":
    main()
