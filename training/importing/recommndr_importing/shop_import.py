"""One import: writes a tenant's files to the lake as events and items, or writes nothing and reports why."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pyarrow as pa

from recommndr.tenancy import TenantPolicy
from recommndr_importing import items, lake_rows
from recommndr_importing.batch import BadFile, Batch, Source, one_line
from recommndr_importing.catalogue import joined
from recommndr_importing.columns import MissingColumn
from recommndr_importing.events import Converted, EventLog, Noticed
from recommndr_importing.items_seen import ItemsSeen
from recommndr_importing.known_orders import KnownOrders
from recommndr_importing.lake_rows import Destination, Written
from recommndr_importing.mapping import BadMapping, ItemsMapping, Mapping, TextFile
from recommndr_importing.order_times import OrderTimes
from recommndr_importing.rejects import Rejects
from recommndr_importing.rules import check_rules
from recommndr_importing.source import open_source
from recommndr_importing.spool import Spool
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.items import read_items, write_items
from recommndr_lake_writer.lake import events_dir

Progress = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]


class TooManyRejects(ValueError):
    """So many rows were rejected that the mapping is probably wrong; nothing was written."""


@dataclass(frozen=True)
class Order:
    """The options of an import."""

    event_files: tuple[Path, ...]
    item_file: Path | None
    mapping: Mapping
    tenant: str
    policy: TenantPolicy
    lake_dir: Path
    rejects_path: Path
    now: datetime
    max_rejects: float = 0.5  # share of rows
    dry_run: bool = False
    replace: bool = False  # replace the tenant's rows of earlier imports


@dataclass(frozen=True)
class Outcome:
    """The result of an import."""

    n_rows: int
    n_accepted: int
    written: Written
    n_items: int | None  # None: the catalogue was not changed
    rejects: Rejects
    noticed: Noticed = field(default_factory=Noticed)


def run(order: Order, progress: Progress) -> Outcome:
    """Run an import. Raises `BadFile`, `BadMapping`, `OtherRules`, `TooManyRejects`; then only the rejects are written."""
    with ExitStack() as stack:
        _check_lake(order)
        sources = {path: open_source(path, order.mapping.events.file) for path in order.event_files}
        table = _item_source(order)
        named = [*sources.values(), *([table] if table else [])]
        path = None if order.dry_run else order.rejects_path
        rejects = stack.enter_context(Rejects(path, [name for source in named for name in source.columns]))
        reading = _Reading(order, rejects, stack)
        for file, source in sources.items():
            with progress(f"reading {file.name}", source.n_rows) as advance:
                reading.events(file, source, advance)
        catalogue = _catalogue(order, table, reading)
        reading.judge()
        return _commit(order, reading, catalogue, progress)


class _Reading:
    """The rows, items and rejects that were read so far."""

    def __init__(self, order: Order, rejects: Rejects, stack: ExitStack) -> None:
        self._log = EventLog(order.mapping.events, order.tenant, order.now)
        self.rejects, self.noticed = rejects, Noticed()
        self.n_rows = self.n_accepted = 0
        self._order = order
        mapping = order.mapping.items
        from_events = mapping is not None and mapping.from_events and order.item_file is None and order.event_files
        self.seen = ItemsSeen(mapping) if mapping and from_events else None
        self.spool: Spool | None = None
        if not order.dry_run:
            order.lake_dir.mkdir(parents=True, exist_ok=True)
            directory = Path(mkdtemp(prefix=".import-", dir=order.lake_dir))
            stack.callback(shutil.rmtree, directory)
            self.spool = Spool(directory)

    def events(self, path: Path, source: Source, advance: Callable[[int], None]) -> None:
        """Read a file of events to its end; raises `BadFile`."""
        for batch in source.batches():
            with _of(path, batch):
                self._take(path.name, batch, self._log.convert(batch.rows))
            advance(batch.rows.num_rows)

    def _take(self, file: str, batch: Batch, converted: Converted) -> None:
        rejected = ~converted.accepted
        self.n_rows += batch.rows.num_rows + len(batch.broken)
        self.n_accepted += converted.lines.num_rows
        self.noticed += converted.noticed
        self.rejects.add_broken(file, batch.broken)
        self.rejects.add(file, batch.rows.filter(pa.array(rejected)), batch.row_numbers[rejected], converted.reasons)
        if self.seen is not None:
            self.seen.add(batch.rows.filter(pa.array(converted.accepted)))
        if self.spool is not None:
            self.spool.add(converted.lines)

    def items(self, path: Path, source: Source, mapping: ItemsMapping) -> pa.Table:
        """Read an item table to its end; raises `BadFile`."""
        batches = list(source.batches())
        rows = pa.concat_tables([batch.rows for batch in batches], promote_options="permissive").combine_chunks()
        numbers = np.concatenate([batch.row_numbers for batch in batches])
        with _of(path, Batch(rows, numbers)):
            found = items.convert(rows, mapping)
        for batch in batches:
            self.rejects.add_broken(path.name, batch.broken)
        rejected = ~found.accepted
        self.rejects.add(path.name, rows.filter(pa.array(rejected)), numbers[rejected], found.reasons)
        self.n_rows += rows.num_rows + sum(len(batch.broken) for batch in batches)
        self.n_accepted += int(found.accepted.sum())
        if found.items.num_rows == 0:
            reasons = ", ".join(f"{reason} {n:,}" for reason, n in _by_count(self.rejects.counts))
            raise BadFile(f"{path}: no valid item ({reasons or 'no rows'}); the catalogue was not changed")
        if found.damaged.any():
            self.noticed.damaged["item_id"] += int(found.damaged.sum())
        if found.unpriced.any():
            self.noticed.emptied["price of items"] += int(found.unpriced.sum())
        return found.items

    def judge(self) -> None:
        """Raise `TooManyRejects` when the share of rejected rows is above the limit."""
        n_rejected = self.rejects.n
        share, most = n_rejected / max(self.n_rows, 1), self._order.max_rejects
        if self.n_rows == 0:
            raise TooManyRejects("the files have no rows: nothing was written")
        if self.n_accepted and share <= most:
            return
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in _by_count(self.rejects.counts))
        shown = "" if self.rejects.path is None else f"; the rows and their reasons are in {self.rejects.path}"
        raise TooManyRejects(
            f"{n_rejected:,} of {self.n_rows:,} rows rejected ({share:.0%}), at most {most:.0%} allowed (--max-rejects): "
            f"nothing was written. Reasons: {reasons}{shown}"
        )


def _by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: -pair[1])


def _check_lake(order: Order) -> None:
    """Raise `OtherRules` when the lake holds events of other rules that this import does not replace."""
    if order.event_files and not order.replace and events_dir(order.lake_dir).is_dir():
        check_rules(EventsTable(order.lake_dir), order.tenant)


def _item_source(order: Order) -> Source | None:
    if order.item_file is None:
        return None
    if order.mapping.items is None:
        raise BadMapping(f"{order.item_file}: the mapping needs a section 'items' that names the columns of this file")
    return open_source(order.item_file, order.mapping.items.file)


def _catalogue(order: Order, source: Source | None, reading: _Reading) -> pa.Table | None:
    """Return the catalogue, or None when the import has no items."""
    mapping = order.mapping.items
    if mapping is None:
        return None
    if source is not None and order.item_file is not None:
        return reading.items(order.item_file, source, mapping)
    if reading.seen is None:
        return None
    written = TextFile()  # The reader has already converted the numbers.
    taken = items.convert(reading.seen.table(), mapping.model_copy(update={"reject": (), "file": written})).items
    # A part of a log has only some of the items. Items of earlier parts must stay.
    return taken if order.replace else joined(read_items(order.lake_dir, order.tenant), taken)


@contextmanager
def _of(path: Path, batch: Batch) -> Iterator[None]:
    """Turn any error of a batch into one line that names the file, the rows and the cause."""
    try:
        yield
    except (ValueError, pa.ArrowException) as cause:
        numbers = batch.row_numbers
        rows = "" if isinstance(cause, MissingColumn) or not len(numbers) else f" rows {numbers[0]:,} to {numbers[-1]:,}:"
        raise BadFile(f"{path}:{rows} {one_line(cause)}") from cause


def _commit(order: Order, reading: _Reading, catalogue: pa.Table | None, progress: Progress) -> Outcome:
    written = Written()
    if reading.spool is not None:
        if reading.spool.n_lines:
            with progress("writing", reading.spool.n_lines) as advance:
                to = Destination(EventsTable(order.lake_dir), order.tenant, order.policy, order.replace)
                orders = OrderTimes(None if order.replace else KnownOrders(order.lake_dir, order.tenant))
                written = lake_rows.write(reading.spool, orders, to, advance)
        if catalogue is not None:
            write_items(order.lake_dir, order.tenant, catalogue)
    n_items = None if catalogue is None else catalogue.num_rows
    return Outcome(reading.n_rows, reading.n_accepted, written, n_items, reading.rejects, reading.noticed)
