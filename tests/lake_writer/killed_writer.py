"""A lake writer over a topic in memory that dies at a chosen effect: `python -m tests.lake_writer.killed_writer FOLDER`.

Each life is a fork, so that dozens of them take seconds: the parent has imported everything and opened nothing. A life writes,
compacts and vacuums a few records at a time until the topic is read, or until it is killed: before or after its n-th effect,
or by its parent after some milliseconds, which also hits the middle of a commit.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from deltalake.table import DeltaTable, TableOptimizer
from prometheus_client import CollectorRegistry

from recommndr.dead_letter import DeadLetter
from recommndr_lake_writer import fenced_table, upkeep
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.events_writer import events_writer
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.upkeep import Upkeep
from recommndr_tail.group_inbox import InMemoryInbox
from recommndr_tail.record import TopicRecord
from tests.lake_writer.topic import NOW, TOPIC, event_bytes, records

N_EFFECTS = 2 * 13  # before and after each of two batches, with their upkeep
N_MOMENTS = 14
N_LIVES = N_EFFECTS + N_MOMENTS
N_EVENTS = 6 * N_LIVES
_BATCH = 3


def topic() -> list[TopicRecord]:
    """Events of three days, every seventh twice, and two records that nobody can read."""
    values: list[bytes | None] = [event_bytes(n, received_s=86_400.0 * (n % 3)) for n in range(1, N_EVENTS + 1)]
    return records([*values, *values[::7], b"{", None])


@dataclass
class _Doom:
    """Counts down to the effect at which the process dies."""

    left: int

    def around(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            self.strike()
            found = effect(*arguments, **options)
            self.strike()
            return found

        return wrapped

    def strike(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class FileOfLetters:
    """Dead letters that survive the process: one line each."""

    path: Path
    unsafe: list[DeadLetter]

    def put(self, letter: DeadLetter) -> None:
        """Keep it until the next flush."""
        self.unsafe.append(letter)

    def flush(self) -> None:
        """Append them."""
        with self.path.open("a") as file:
            file.writelines(f"{letter.record_key().decode()}\n" for letter in self.unsafe)
        self.unsafe.clear()


def live(folder: Path, doom: _Doom, known: list[TopicRecord]) -> None:
    """One life: from the lake's offsets to the end of the topic as it is known then."""
    for module in (fenced_table, upkeep):
        setattr(module, "write_deltalake", doom.around(module.write_deltalake))  # noqa: B010 (the module's own name)
    for owner, name in ((TableOptimizer, "compact"), (DeltaTable, "vacuum"), (DeltaTable, "cleanup_metadata")):
        setattr(owner, name, doom.around(getattr(owner, name)))
    letters = FileOfLetters(folder / "letters", [])
    letters.flush = doom.around(letters.flush)  # type: ignore[method-assign]
    inbox = InMemoryInbox(known, {(TOPIC, 0), (TOPIC, 1)}, _BATCH)
    inbox.commit = doom.around(inbox.commit)  # type: ignore[method-assign]
    metrics = Metrics(CollectorRegistry())
    writer = events_writer(inbox, EventsTable(folder), letters, {}, metrics, lambda: NOW)
    keeper = Upkeep(folder, timedelta(hours=1), metrics, lambda: NOW + timedelta(days=30))
    while True:
        writer.step()
        if not writer.has_uncommitted:
            return
        writer.commit()
        keeper.compact()
        keeper.vacuum()


def _lives(folder: Path) -> Iterator[bool]:
    """Whether each was killed."""
    chance, every = random.Random(1), topic()
    for number in range(N_LIVES):
        known = every[: len(every) * (number + 1) // N_LIVES]
        pid = os.fork()
        if pid == 0:
            live(folder, _Doom(number + 1 if number < N_EFFECTS else 0), known)
            os._exit(0)
        if number >= N_EFFECTS:
            time.sleep(chance.random() * 0.1)
            os.kill(pid, signal.SIGKILL)
        yield os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def main() -> None:
    """Every effect, then some moments, then one life to the end; prints how many were killed."""
    print(sum(_lives(Path(sys.argv[1]))))
    live(Path(sys.argv[1]), _Doom(0), topic())


if __name__ == "__main__":
    main()
