"""Reads a tenant's answers from the lake, which keeps them longer than the topic."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from recommndr.identity import TenantId
from recommndr_lake_writer.served_rows import answer_of
from recommndr_lake_writer.served_table import ColumnNames, Named, stored_answers
from recommndr_training.live.served_topic import Served, ServedAnswers

_NO_NAMES = Named((), ())


@dataclass(frozen=True)
class ServedLake:
    """The answers of a period."""

    lake_dir: Path
    tenant: TenantId
    since: datetime
    until: datetime

    def columns(self) -> dict[str, tuple[str, ...]]:
        """The names of ranker inputs, by version of the bundle, of all answers; raises `DeltaError` or `OSError`."""
        versions: set[str | None] = set()
        for day in stored_answers(self.lake_dir, self.tenant, self.since, self.until, ["model_version"]):
            versions |= set(day["model_version"].unique().to_pylist())
        names = ColumnNames(self.lake_dir)
        found = {version: names.of(version) or _NO_NAMES for version in sorted(one for one in versions if one)}
        return {version: named.columns for version, named in found.items() if named.columns}

    def days(self) -> Iterator[ServedAnswers]:
        """The answers of each day that has any, oldest first; raises likewise."""
        names = ColumnNames(self.lake_dir)
        for rows in stored_answers(self.lake_dir, self.tenant, self.since, self.until):
            day = ServedAnswers()
            for row in rows.to_pylist():
                version = row["model_version"]
                named = (names.of(version) if version else None) or _NO_NAMES
                if named.columns:
                    day.columns[version] = named.columns
                day.served.append(Served(row["user_id"], answer_of(row, named.columns, named.retrievers)))
            yield day
