"""Shoppers who ask at a steady rate, and note which version answered when, and what was refused."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException

from recommndr_native.shop import Refused, Shop

_N_THREADS = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer; without a version it was refused."""

    at_s: float  # epoch, when it was there
    user_id: str
    version: str | None
    refused: str = ""
    ladder: str = ""  # the step that answered
    took_s: float = 0.0


@dataclass
class Watcher:
    """All answers, in the order in which they came."""

    seen: list[Seen] = field(default_factory=list)

    def newest(self) -> dict[str, str]:
        """By shopper the version that answered last."""
        return {one.user_id: one.version for one in list(self.seen) if one.version is not None}

    def versions(self) -> set[str]:
        """All versions that answered."""
        return set(one.version for one in list(self.seen) if one.version is not None)

    def refused(self, since_s: float = 0.0) -> list[Seen]:
        """What was refused since an instant."""
        return [one for one in self.seen if one.refused and one.at_s >= since_s]

    def last_of(self, version: str) -> float | None:
        """When the version answered last, epoch."""
        return max((one.at_s for one in self.seen if one.version == version), default=None)

    def moved_twice(self, since_s: float = 0.0) -> list[str]:
        """Shoppers who came back to a version that they had left."""
        changes: dict[str, list[str]] = {}
        for one in self.seen:
            if one.version is not None and one.at_s >= since_s:
                of_shopper = changes.setdefault(one.user_id, [])
                if not of_shopper or of_shopper[-1] != one.version:
                    of_shopper.append(one.version)
        return [user_id for user_id, versions in changes.items() if len(versions) > len(set(versions))]


@contextmanager
def watching(shops: Callable[[], Shop], user_ids: Sequence[str], per_s: float) -> Iterator[Watcher]:
    """Ask for these shoppers one after the other, `per_s` times a second, until the context ends."""
    watcher, over = Watcher(), threading.Event()

    def ask(first: int) -> None:
        with closing(shops()) as shop:
            number, due_s = first, time.monotonic()
            while not over.wait(max(0.0, due_s - time.monotonic())):
                user_id = user_ids[number % len(user_ids)]
                began_s = time.monotonic()
                try:
                    answer = shop.recommend(user_id)
                    seen = Seen(time.time(), user_id, answer.model_version, "", answer.ladder, answer.took_s)
                except (Refused, OSError, HTTPException) as cause:  # the edge refuses, or does not answer at all
                    seen = Seen(time.time(), user_id, None, str(cause), "", time.monotonic() - began_s)
                watcher.seen.append(seen)
                number += _N_THREADS
                due_s += _N_THREADS / per_s

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(_N_THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield watcher
    finally:
        over.set()
        for thread in threads:
            thread.join()
