"""The shards of a replay, in this process or each in a child process; the result is identical.

Every event goes to every process, which keeps its shard's: reading is serial and costs the least.
"""

import multiprocessing
import os
import resource
from collections.abc import Collection, Iterator, Sequence
from heapq import merge
from itertools import chain
from multiprocessing.connection import Connection
from typing import Any, Protocol, Self

import numpy as np
import pyarrow as pa

from recommndr.counting import Counting
from recommndr.features.item import Records
from recommndr_training.examples.shard import Answer, Asked, Shard, Share

_PAGE = 10_000
_STOP_TIMEOUT_S = 10.0
_WITHOUT_ANSWER = ("add", "ask")


class ReplayFailed(RuntimeError):
    """A process of the replay has ended; the message has its exit status."""


class Worker(Protocol):
    """Runs one shard's methods, in this process or a child process."""

    share: Share

    def post(self, method: str, *arguments: Any) -> None:
        """Call a method of the shard."""
        ...

    def take(self) -> Any:
        """The result of the last method that returns one; raises what it raised."""
        ...

    def close(self) -> None:
        """Close the shard."""
        ...


class LocalShard:
    """A shard in this process."""

    def __init__(self, shard: Shard) -> None:
        self.share = shard.share
        self._shard = shard
        self._answer: Any = None

    def post(self, method: str, *arguments: Any) -> None:
        """See `Worker.post`."""
        self._answer = getattr(self._shard, method)(*arguments)

    def take(self) -> Any:
        """See `Worker.take`."""
        return self._answer

    def close(self) -> None:
        """See `Worker.close`."""


class ChildShard:
    """A shard in a process of its own."""

    def __init__(self, share: Share, counting: Counting) -> None:
        self.share = share
        context = multiprocessing.get_context("spawn")  # threads of Arrow do not survive a fork
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, share, counting), daemon=True)
        self._process.start()
        theirs.close()

    def post(self, method: str, *arguments: Any) -> None:
        """See `Worker.post`; waits while the process is busy with what it got before."""
        try:
            self._connection.send((method, [_sent(one) for one in arguments]))
        except (BrokenPipeError, ConnectionError):
            self.take()

    def take(self) -> Any:
        """See `Worker.take`; raises `ReplayFailed` when the process ended."""
        try:
            raised, answer = self._connection.recv()
        except (EOFError, ConnectionError) as cause:
            self._process.join(_STOP_TIMEOUT_S)
            code = self._process.exitcode
            raise ReplayFailed(
                f"replay process {self.share.number} ended with status {code}; check whether memory ran out"
            ) from cause
        if raised:
            raise answer
        return answer

    def close(self) -> None:
        """See `Worker.close`."""
        self._connection.close()
        self._process.join(_STOP_TIMEOUT_S)
        if self._process.is_alive():
            self._process.terminate()


def _sent(argument: Any) -> Any:
    """Tables as an Arrow stream, because pickling a slice of a table would copy the whole table."""
    if not isinstance(argument, pa.Table):
        return argument
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, argument.schema) as stream:
        stream.write_table(argument)
    return sink.getvalue()


def _received(argument: Any) -> Any:
    return pa.ipc.open_stream(argument).read_all() if isinstance(argument, pa.Buffer) else argument


def _serve(connection: Connection, share: Share, counting: Counting) -> None:
    """Runs in the process: until the other end is closed."""
    shard = Shard(share, counting)
    while True:
        try:
            method, arguments = connection.recv()
        except EOFError:
            return
        try:
            answer = getattr(shard, method)(*map(_received, arguments))
        except Exception as cause:  # send any error to the parent
            connection.send((True, cause))
            return
        if method not in _WITHOUT_ANSWER:
            connection.send((False, answer))


class ShardPool:
    """All shards of a replay; together they hold all shoppers and items."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers

    @classmethod
    def start(cls, counting: Counting, n_processes: int = 1) -> Self:
        """Start `n` processes; 1 means this process."""
        if n_processes == 1:
            return cls([LocalShard(Shard(Share(), counting))])
        return cls([ChildShard(Share(number, n_processes), counting) for number in range(n_processes)])

    @classmethod
    def of_shoppers(cls, counting: Counting, shoppers: Collection[str]) -> Self:
        """In this process, of these shoppers and all items: much less work than all shoppers of a large shop."""
        return cls([LocalShard(Shard(Share(), counting, shoppers=shoppers))])

    def add(self, events: pa.Table) -> None:
        """Queue a table of events for folding."""
        for worker in self._workers:
            worker.post("add", events)

    def ask(self, asked: Sequence[Asked]) -> None:
        """Queue requests; call it before adding events that they must not see."""
        for worker in self._workers:
            worker.post("ask", [one for one in asked if worker.share.owns(one.user_id)])

    def answers(self) -> list[Answer]:
        """Answers to the requests since the last call, by number."""
        return sorted(chain.from_iterable(self._everyone("answers")))

    def count(self) -> tuple[int, int]:
        """How many shoppers and items there are."""
        shoppers, items = zip(*self._everyone("count"), strict=True)
        return sum(shoppers), sum(items)

    def states(self, group: str) -> Iterator[tuple[str, bytes]]:
        """All states of a group (`recommndr.seed.GROUP_*`), by id; nothing may be added meanwhile."""
        return merge(*(_pages(worker, group) for worker in self._workers))

    def item_records(self) -> tuple[list[str], Records]:
        """All items' ids, sorted, and their (n,) records."""
        of_shards = self._everyone("item_records")
        item_ids = list(chain.from_iterable(ids for ids, _ in of_shards))
        order = sorted(range(len(item_ids)), key=item_ids.__getitem__)
        return [item_ids[place] for place in order], np.concatenate([records for _, records in of_shards])[order]

    def peak_mb(self) -> float:
        """Sum of the peak memory of all processes, this one included: an upper bound of what they took at once."""
        kb = dict(self._everyone("memory")) | {os.getpid(): resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}
        return sum(kb.values()) / 1024

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.close()

    def _everyone(self, method: str) -> list[Any]:
        for worker in self._workers:
            worker.post(method)
        return [worker.take() for worker in self._workers]


def _pages(worker: Worker, group: str) -> Iterator[tuple[str, bytes]]:
    start = 0
    while True:
        worker.post("page", group, start, _PAGE)
        page = worker.take()
        if not page:
            return
        yield from page
        start += _PAGE
