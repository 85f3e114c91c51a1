"""Generates a simulated shop's log in chunks of shoppers on several processes; the bytes do not depend on their number."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from recommndr_simulation import noise
from recommndr_simulation.arrays import Lines
from recommndr_simulation.arrivals import Visits, draw_visits, expected_returns
from recommndr_simulation.memory import Memory
from recommndr_simulation.moves import MoveTable
from recommndr_simulation.sessions import play
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.trail import dated
from recommndr_simulation.world import World

CHUNK_SHOPPERS = 20_000  # part of the result: another size gives another log
_STREAM, _PILOT_STREAM = 4, 5
_PILOT_SHOPPERS, _PILOT_RETURNS = 4_000, 3.0
_NUMBERS_PER_CHUNK = 1 << 32


def n_chunks(world: World) -> int:
    """How many chunks the shoppers of a world make."""
    return -(-world.shoppers.n_shoppers // CHUNK_SHOPPERS)


def mean_returns(world: World) -> float:
    """Returns of a shopper of rate 1 for a log of about `profile.events` events; measured on a sample of shoppers."""
    profile = world.profile
    who = world.shoppers.take(slice(0, _PILOT_SHOPPERS))
    visits = draw_visits(world, who, _PILOT_RETURNS, profile.rng(_PILOT_STREAM))
    lines = _lines(world, who, visits, profile.rng(_PILOT_STREAM, 1))
    events_per_visit = len(np.unique(lines["event"])) / len(visits)
    visits_per_shopper = profile.events * (1 - noise.SHARE_OF_BOTS) / profile.users / events_per_visit
    return max(0.05, (visits_per_shopper - 1) / expected_returns(world.shoppers.take(slice(None))))


def lines_of_chunk(world: World, chunk: int, returns: float) -> Lines:
    """The log of one chunk of shoppers, in time order; equal arguments give equal bytes."""
    first = chunk * CHUNK_SHOPPERS
    who = world.shoppers.take(slice(first, first + CHUNK_SHOPPERS))
    rng = world.profile.rng(_STREAM, chunk)
    lines = _lines(world, who, draw_visits(world, who, returns, rng), rng)
    lines["user"] += first
    n_bot_events = round(noise.SHARE_OF_BOTS * world.profile.events * who.n_shoppers / world.shoppers.n_shoppers)
    robots = noise.bots(world, n_bot_events, world.shoppers.n_shoppers + chunk * 1_000, rng)
    parts = [lines, robots, noise.sent_twice(lines, rng)]
    return _numbered(parts, chunk, rng)


def _numbered(parts: list[Lines], chunk: int, rng: np.random.Generator) -> Lines:
    """Join parts in time order and number events and visits so that no other chunk has the same numbers."""
    taken = 0
    taken_visits = 0
    for number, part in enumerate(parts):
        part["event"] += taken
        taken = int(part["event"].max(initial=taken - 1)) + 1
        if number < 2:  # a repeated event belongs to the visit it was copied from
            part["visit"] += taken_visits
            taken_visits = int(part["visit"].max(initial=taken_visits - 1)) + 1
    lines = np.concatenate(parts)
    noise.delay(lines, rng)
    lines["event"] += chunk * _NUMBERS_PER_CHUNK
    lines["visit"] += chunk * _NUMBERS_PER_CHUNK
    return lines[np.lexsort((lines["line_no"], lines["event"], lines["at_us"]))]


def _lines(world: World, who: Shoppers, visits: Visits, rng: np.random.Generator) -> Lines:
    """All visits of `who`, visit by visit, because shoppers come back for items of earlier visits."""
    memory = Memory.blank(who.n_shoppers)
    by_turn = np.argsort(visits.turn, kind="stable")
    ends = np.cumsum(np.bincount(visits.turn))
    played: list[MoveTable] = []
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        rows = by_turn[begin:end]
        shopper = visits.shopper[rows]
        visitors = who.take(shopper)
        remembered = memory.take(shopper)
        first_visit = (visits.turn[rows] == 0) & (visitors.arrives > 0)
        moves = play(world, visitors, visits.at_s[rows], first_visit, remembered, rng)
        memory.put(shopper, remembered)
        played.append(replace(moves, visit=rows[moves.visit]))
    joined = MoveTable(*(np.concatenate([getattr(moves, name) for moves in played]) for name in MoveTable.__slots__))
    return dated(world, who, visits, joined, rng)


def spill(world_dir: Path, spill_dir: Path, processes: int, advance: Callable[[int], None]) -> list[Path]:
    """Write each chunk's lines to `spill_dir` as `.npy` on `processes` processes; calls `advance` after each chunk."""
    world = World.load(world_dir)
    spill_dir.mkdir(parents=True, exist_ok=True)
    returns, chunks = mean_returns(world), n_chunks(world)
    paths = [spill_dir / f"{chunk:05d}.npy" for chunk in range(chunks)]
    tasks = [(world_dir, chunk, returns, path) for chunk, path in enumerate(paths)]
    for _ in _results(tasks, min(processes, chunks)):
        advance(1)
    return paths


def _results(tasks: list[tuple[Path, int, float, Path]], processes: int) -> Iterator[None]:
    if processes == 1:
        yield from map(_spill_chunk, tasks)
        return
    # Spawned, because a fork would copy threads of Arrow and the lake in an undefined state.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_spill_chunk, tasks)


def _spill_chunk(task: tuple[Path, int, float, Path]) -> None:
    world_dir, chunk, returns, path = task
    np.save(path, lines_of_chunk(World.load(world_dir), chunk, returns), allow_pickle=False)
