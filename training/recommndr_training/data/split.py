"""Stage split: train = before the gate cut, gate = the horizon that starts there. By time, never at random.

The catalogue is cut, too: the stages after this one see the items that the shop knew before the gate cut.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import typer

from recommndr_lake_writer.interest import IMPRESSION
from recommndr_training import params
from recommndr_training.console import explained
from recommndr_training.data import coded_lines, logins
from recommndr_training.data.known_items import known_before
from recommndr_training.stage_files import ITEMS, TRAIN_LINES, TRAIN_LOGINS
from recommndr_training.validation.refusal import Refused


@dataclass(frozen=True, slots=True)
class Split:
    """The two periods; lines outside both: `n_after` are after the gate's end, `n_late` became known too late."""

    train: pd.DataFrame
    gate: pd.DataFrame
    n_after: int
    n_late: int  # happened before the cut, known only after it


def split(lines: pd.DataFrame, cut_s: float, end_s: float) -> Split:
    """Cut at `cut_s` and `end_s` (epoch seconds, each belongs to what follows); raises `Refused` without train events.

    Train is what was known before the cut: a version made at the cut could not have used lines that were received later.
    """
    at_s, known_s = lines["at_s"], lines["known_s"]
    train, gate = lines[known_s < cut_s], lines[(at_s >= cut_s) & (at_s < end_s)]
    if not (train["kind"] != IMPRESSION).any():
        raise Refused(
            "nothing to train on: no event before the gate cut but impressions; check data.gate_cut, or wait for events: "
            "until then the shop gets lists of its catalogue"
        )
    return Split(train, gate, int((at_s >= end_s).sum()), int(((at_s < cut_s) & (known_s >= cut_s)).sum()))


def write_train(lines: pd.DataFrame, identified: pa.Table, items: pd.DataFrame, directory: Path) -> None:
    """What models are fitted on, below a profile's folder."""
    coded_lines.write(lines, directory / TRAIN_LINES)
    logins.write(identified, directory / TRAIN_LOGINS)
    items.to_parquet(directory / ITEMS, index=False, compression="zstd")


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Write the train and gate lines of a profile."""
    data, directory = params.data(profile), params.profile_dir(profile)
    lines = coded_lines.read(directory / "prepared/lines.parquet")
    with explained(Refused):
        parts = split(lines, data.gate_cut_s, data.gate_end_s)
    if parts.gate.empty:
        typer.echo("no events in the gate period: nothing can be judged; check gate_cut in params.yaml", err=True)
    items = known_before(pd.read_parquet(directory / "prepared" / "items.parquet"), lines, data.gate_cut_s)
    identified = logins.known_before(logins.read(directory / "prepared/logins.parquet"), data.gate_cut_s)
    write_train(parts.train, identified, items, directory)
    coded_lines.write(parts.gate, directory / "split/gate.parquet")
    sizes = {
        "train_lines": len(parts.train),
        "train_items": len(items),
        "train_shoppers": parts.train["user_id"].nunique(),
        "gate_lines": len(parts.gate),
        "gate_shoppers": parts.gate["user_id"].nunique(),
        "lines_after_gate": parts.n_after,
        "lines_known_too_late": parts.n_late,
    }
    (directory / "split" / "sizes.json").write_text(json.dumps(sizes, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
