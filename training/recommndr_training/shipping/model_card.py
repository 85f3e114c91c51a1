"""The model card of a version: what it learnt from, what ships, how good it is and where it is not, and how to make it again.

It is made of reports that exist, lies in the bundle as `model_card.md`, and so comes to the registry with it. No clock and no
commit are in it: the same inputs give the same bundle. Pure but for `Reports.read`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recommndr.bundle import Manifest
from recommndr_engine.pipeline import POPULARITY
from recommndr_training import stage_files
from recommndr_training.judging import pooled
from recommndr_training.judging.evaluation_report import over_popularity
from recommndr_training.judging.gate_report import FEW_JUDGED, NOT_JUDGED, GateReport
from recommndr_training.judging.pooled import SHIPPED, Comparison, Estimate, Run
from recommndr_training.questions import method_of, told
from recommndr_training.retrieval import kept_retrievers
from recommndr_training.shipping import source

_ROUGH = 200  # shoppers; the gate judges no smaller segment either
_QUESTIONS = {"all": "all items", "new": "items new to the shopper", "repeat": "repeats", "cold": "shoppers without history"}
_COLD = "cold"  # the set without history, whose lists popularity orders


@dataclass(frozen=True, slots=True)
class Reports:
    """What the stages of a profile wrote about its version."""

    figures: Mapping[str, Any]  # of stage evaluate
    by_shopper: pd.DataFrame  # as `evaluate.by_shopper` has it
    by_age: str  # a table in Markdown
    learnt: Mapping[str, Any]  # of stage ranker
    left_out: Sequence[str]  # retrievers that added nothing on the tuning cut

    @classmethod
    def read(cls, directory: Path) -> "Reports":
        """From below a profile's folder."""
        left_out = directory / kept_retrievers.LEFT_OUT
        return cls(
            stage_files.load_json(directory / "evaluate/metrics.json"),
            pd.read_parquet(directory / "evaluate/by_shopper.parquet"),
            (directory / "evaluate/by_age.md").read_text(),
            stage_files.load_json(directory / "ranker/report.json"),
            stage_files.load_json(left_out)["names"] if left_out.exists() else (),
        )


def card(profile: str, manifest: Manifest, judged: GateReport, reports: Reports, n_draws: int = 2_000) -> str:
    """The card in Markdown. `manifest` is that of the bundle without the card."""
    run = Run(1, 0, {**judged.methods, _COLD: POPULARITY}, reports.by_shopper)
    compared = {question: pooled.compare([run], question, n_draws) for question in _QUESTIONS}
    parts = [
        f"# Model card: {manifest.tenant}",
        "\n".join(_learnt_from(manifest, judged)),
        "\n".join(_ships(manifest, judged, reports)),
        *("\n".join(_quality(question, found)) for question, found in compared.items() if found is not None),
        "\n".join(_segments(run.shipped, reports.figures)),
        f"## As the version ages\n\n{reports.by_age.strip()}",
        "\n".join(_limits(judged, reports)),
        "\n".join(_again(profile, manifest)),
    ]
    return "\n\n".join(parts) + "\n"


def _learnt_from(manifest: Manifest, judged: GateReport) -> Iterable[str]:
    data = manifest.training_data
    yield "## What it learnt from"
    yield ""
    yield f"- shop: {manifest.tenant}"
    yield f"- period: {data.since:%Y-%m-%d %H:%M} to {data.until:%Y-%m-%d %H:%M} UTC"
    yield f"- {data.n_lines:,} events, {data.n_items:,} items with events, {data.n_users:,} shoppers"
    if (lake := source.told(manifest.parameters)) is not None:
        yield f"- {lake}"
    if judged.judged_at is not None:
        yield f"- the recipe was judged at {judged.judged_at}, by models that had seen nothing of that instant or later"


def _ships(manifest: Manifest, judged: GateReport, reports: Reports) -> Iterable[str]:
    yield "## What ships"
    yield ""
    yield f"- lists are ordered by {told(judged.methods)}"
    if recipe := reports.learnt.get("recipe"):
        yield f"- ranker: variant {recipe['variant']}, {sum(recipe['n_trees'])} trees, {len(manifest.ranker_columns)} columns"
    yield f"- {sum(entry.n_bytes for entry in manifest.files.values()):,} bytes in {len(manifest.files)} files"
    yield f"- retrievers: {', '.join(manifest.retrievers)}"
    yield ""
    yield "| setting | value |"
    yield "|---|---|"
    for name, value in sorted(manifest.parameters.items()):
        yield f"| {name} | {value} |"


def _quality(question: str, found: Comparison) -> Iterable[str]:
    shipped = found.ndcg[SHIPPED]
    yield f"## NDCG@10, {_QUESTIONS[question]}: {_plain(shipped)}, {shipped.n_shoppers:,} shoppers"
    yield ""
    yield "| simple method | NDCG@10, 95 % interval | shipped minus it, 95 % interval |"
    yield "|---|---|---|"
    for name, minus in sorted(found.shipped_minus.items(), key=lambda pair: -found.ndcg[pair[0]].mean):
        yield f"| {name} | {_plain(found.ndcg[name])} | {minus.mean:+.4f} [{minus.low:+.4f}, {minus.high:+.4f}] |"


def _segments(shipped: Mapping[str, str], figures: Mapping[str, Any]) -> Iterable[str]:
    yield "## By segment"
    yield ""
    yield "cold: 1 to 4 events before the cut; warm: up to 49; hot: 50 and more. long_tail, new_items (first seen less than 7"
    yield "days before the cut) and untouched (no events before it) are judged by these items alone."
    yield ""
    yield "| items | segment | shoppers | NDCG@10 | gain over contextual popularity, 95 % interval |"
    yield "|---|---|---|---|---|"
    for question in (name for name in _QUESTIONS if name in figures):
        for name, segment in figures[question]["segments"].items():
            value = segment["ndcg@10"].get(method_of(shipped, question))
            told = f"{value:.4f}" if value is not None else ""
            yield f"| {question} | {name} | {segment['shoppers']:,} | {told} | {over_popularity(segment)} |"


def _limits(judged: GateReport, reports: Reports) -> Iterable[str]:
    yield "## Known limits"
    yield ""
    for refusal in judged.refusals:
        yield f"- **refused by the gate**: {refusal}"
    yield from (f"- {finding}" for finding in judged.instead)
    for check in judged.checks:
        if check.name in (NOT_JUDGED, FEW_JUDGED):
            yield f"- {check.finding}"
    if why := reports.learnt.get("left_out"):
        yield f"- {why}"
    if reports.left_out:
        yield f"- left out, because they added nothing on the tuning cut: {', '.join(reports.left_out)}"
    rough = [
        f"{question} {name}"
        for question, found in reports.figures.items()
        for name, segment in found["segments"].items()
        if question in _QUESTIONS and segment["shoppers"] < _ROUGH
    ]
    if rough:
        yield f"- segments of fewer than {_ROUGH} shoppers say little: {', '.join(rough)}"
    yield "- shoppers without history all get the same best-sellers"
    yield "- figures are those of one gate period and one seed; `recommndr judge` says how much others differ"


def _again(profile: str, manifest: Manifest) -> Iterable[str]:
    yield "## How to make it again"
    yield ""
    version = manifest.parameters.get(source.VERSION)
    what = f"--profile {profile}" if version is None else f"--tenant {manifest.tenant} --lake-version {version}"
    yield f"- `recommndr train {what}`, code revision {manifest.code_revision}; the registry names the commit"
    yield f"- training lines: SHA-256 {manifest.training_data.sha256}"
    yield "- settings that were chosen, and numbers of trees: `recipe.json` beside this card; the gate's decision: `gate.json`"


def _plain(value: Estimate) -> str:
    return f"{value.mean:.4f} [{value.low:.4f}, {value.high:.4f}]"
