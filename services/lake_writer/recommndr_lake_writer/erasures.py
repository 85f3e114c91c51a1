"""The lake's list of shoppers to erase: a file each, so that a writer notes one and upkeep carries it out later.

A file is written before the offset behind the erasure is committed, so none is lost; a repeat has the same name. An erasure is
due once the table has the offset, because only then everything that lies before it is in the table.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from recommndr.private_file import write_private

# The clocks of slots and of other collectors may be ahead of the one that received the erasure.
CLOCKS_DIFFER = timedelta(minutes=5)


class Erasure(BaseModel):
    """One shopper's erasure, its position in the topic, and when the lake's rows were deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    event_id: str
    tenant: str
    user_id: str
    received_at: datetime
    topic: str
    topic_id: str
    partition: int
    offset: int
    done_at: datetime | None = None
    n_rows: int = 0


@dataclass(frozen=True)
class Erasures:
    """The files of one lake."""

    lake_dir: Path

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.lake_dir / "erasures"

    def note(self, erasure: Erasure) -> None:
        """Write an erasure down unless it is there; raises `OSError`."""
        if not self._path(erasure).exists():
            self._write(erasure)

    def done(self, erasure: Erasure, at: datetime, n_rows: int) -> None:
        """Note that the lake's rows were deleted; raises `OSError`."""
        self._write(erasure.model_copy(update={"done_at": at, "n_rows": n_rows}))

    def all(self) -> Iterator[Erasure]:
        """Every erasure, by name of its file."""
        for path in sorted(self.folder.glob("*.json")):
            yield Erasure.model_validate_json(path.read_bytes())

    def new(self, read: set[str]) -> Iterator[Erasure]:
        """Those whose files' names are not in `read`; adds them to it."""
        for path in sorted(self.folder.glob("*.json")):
            if path.name not in read:
                read.add(path.name)
                yield Erasure.model_validate_json(path.read_bytes())

    def _write(self, erasure: Erasure) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(erasure)
        draft = path.with_suffix(f".{os.getpid()}")
        write_private(draft, erasure.model_dump_json())
        draft.replace(path)

    def _path(self, erasure: Erasure) -> Path:
        return self.folder / f"{erasure.tenant}-{erasure.event_id}.json"
