"""Stage validate: checks the prepared tables before training (Great Expectations).

A failed check stops the run and is printed with its rows; all results are a site under `var/<profile>/validate/data_docs`.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from recommndr_training import params
from recommndr_training.console import explained
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.prepared import ITEMS_SCHEMA
from recommndr_training.params import DataParams
from recommndr_training.validation.checking import Checked
from recommndr_training.validation.events import Rules, check_events
from recommndr_training.validation.items import check_items, root_categories
from recommndr_training.validation.left_out import check_left_out
from recommndr_training.validation.refusal import Refused
from recommndr_training.validation.verdict import conclude

# Read as dictionary codes; event ids are excluded, because they hardly repeat.
_REPEATED = ["user_id", "item_id", "kind"]


def validate(lines: pa.Table, items: pa.Table, data: DataParams, now: datetime) -> list[Checked]:
    """Outcomes of all suites of both tables; events are checked only if the catalogue can be read."""
    of_items = check_items(items, ITEMS_SCHEMA, data.currency, data.limits)
    if of_items[0].failures:
        return of_items
    rules = Rules(
        schema=LINES_SCHEMA,
        kinds=data.policy.kinds,
        since_s=data.since.timestamp(),
        until_s=data.until.timestamp(),
        now_s=now.timestamp(),
        limits=data.limits,
    )
    return of_items + check_events(lines, root_categories(items), rules)


def read_lines(path: Path) -> pa.Table:
    """Lines of events, dictionary-encoded."""
    return pq.read_table(path, read_dictionary=_REPEATED)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Check the prepared tables of a profile; prints failing rows and exits with 1 if they must not be trained on."""
    with explained(Refused, pa.ArrowInvalid):
        data, directory, now = params.data(profile), params.profile_dir(profile), datetime.now(UTC)
        lines = read_lines(directory / "prepared" / "lines.parquet")
        items = pq.read_table(directory / "prepared" / "items.parquet")
        counts = json.loads((directory / "prepared" / "rejected.json").read_text())
        outcomes = [check_left_out(counts, data.limits), *validate(lines, items, data, now)]
        conclude(outcomes, {"events": len(lines), "items": len(items)}, directory / "validate", now)


if __name__ == "__main__":
    typer.run(main)
