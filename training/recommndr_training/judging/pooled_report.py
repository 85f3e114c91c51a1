"""The pooled figures for people (Markdown) and for programs (JSON)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from recommndr_training.judging import pooled
from recommndr_training.judging.evaluation_report import over_popularity
from recommndr_training.judging.pooled import QUESTIONS, SHIPPED, Comparison, Run
from recommndr_training.judging.window_run import Window
from recommndr_training.questions import told

_SURE = 2.8  # a difference of two trainings has sqrt(2) times the noise of one; 1.96 of that is 95 %


def figures(runs: Sequence[Run], windows: Sequence[Window], n_draws: int) -> dict[str, Any]:
    """All figures: pooled, per window and per seed."""
    parts = {
        "pooled": list(runs),
        **{f"window {number}": found for number, found in pooled.by_window(runs).items()},
        **{f"seed {seed}": found for seed, found in pooled.by_seed(runs).items()},
    }
    return {
        "windows": [
            {"window": one.number, "gate_cut": one.cut.isoformat(), "shipped": _shipped(runs, one.number)} for one in windows
        ],
        "figures": {part: _by_question(found, n_draws) for part, found in parts.items()},
        "seed_noise": {question: pooled.seed_noise(runs, question) for question in QUESTIONS},
        "windows_apart": {question: _apart(runs, question, n_draws) for question in QUESTIONS},
    }


def with_hidden_items(found: Mapping[str, Any], run: Run, share: float) -> dict[str, Any]:
    """The same figures, and how items are found whose interactions were all hidden from the training of `run`.

    Of the gate's own requests: those in visits see what happens to the hidden items after the cut.
    """
    judged = {question: run.segments[question] for question in QUESTIONS if question in run.segments}
    segments = {question: each["untouched"] for question, each in judged.items() if "untouched" in each}
    return {**found, "hidden_items": {"share": share, "shipped": told(run.shipped), "untouched": segments}}


def _shipped(runs: Sequence[Run], window: int) -> dict[str, str]:
    return {str(run.seed): told(run.shipped) for run in runs if run.window == window}


def _by_question(runs: Sequence[Run], n_draws: int) -> dict[str, Any]:
    found = {question: pooled.compare(runs, question, n_draws) for question in QUESTIONS}
    return {question: _comparison(each) for question, each in found.items() if each is not None}


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "ndcg@10": {name: asdict(each) for name, each in found.ndcg.items()},
        "shipped_minus": {name: asdict(each) for name, each in found.shipped_minus.items()},
    }


def _apart(runs: Sequence[Run], question: str, n_draws: int) -> dict[str, Any]:
    found = pooled.apart(runs, question, n_draws)
    return {str(window): {"lead": asdict(mine), "others": asdict(theirs)} for window, (mine, theirs) in found.items()}


def markdown(profile: str, found: Mapping[str, Any]) -> str:
    """The report: what was run, the pooled comparison, then each window and seed, then what to be careful about."""
    lines = [f"# {profile}: NDCG@10 over {len(found['windows'])} gate windows", ""]
    for one in found["windows"]:
        shipped = ", ".join(f"{method} (seed {seed})" for seed, method in one["shipped"].items())
        lines.append(f"- window {one['window']}: gate cut {one['gate_cut']}; ships {shipped}")
    for question, each in found["figures"]["pooled"].items():
        lines += ["", f"## {question} items, pooled", "", *_methods(each)]
    lines += ["", "## What ships, per window and seed", "", *_parts(found["figures"])]
    if hidden := found.get("hidden_items"):
        lines += [
            "",
            f"## Items without interactions ({hidden['share']:.0%} of those with some were hidden)",
            "",
            *_hidden(hidden),
        ]
    lines += ["", "## How far to trust it", "", *_notes(found)]
    return "\n".join(lines) + "\n"


def _methods(found: Mapping[str, Any]) -> Iterable[str]:
    yield "| method | NDCG@10, 95 % interval | shipped minus it, 95 % interval | shoppers | windows |"
    yield "|---|---|---|---|---|"
    values = found["ndcg@10"]
    for name in sorted(values, key=lambda name: (name != SHIPPED, -values[name]["mean"])):
        minus = found["shipped_minus"].get(name)
        loses = " **loses**" if minus and minus["high"] < 0.0 else ""
        gap = f"{_signed(minus)}{loses}" if minus else ""
        yield f"| {name} | {_plain(values[name])} | {gap} | {values[name]['n_shoppers']:,} | {values[name]['n_windows']} |"


def _hidden(hidden: Mapping[str, Any]) -> Iterable[str]:
    yield "Judged by these items alone, over shoppers who took one."
    yield ""
    yield "| items | shoppers | NDCG@10 by method, best first | gain over contextual popularity |"
    yield "|---|---|---|---|"
    for question, segment in hidden["untouched"].items():
        values = sorted(segment["ndcg@10"].items(), key=lambda pair: -pair[1])
        by_method = ", ".join(f"{name} {value:.4f}" for name, value in values)
        yield f"| {question} | {segment['shoppers']:,} | {by_method} | {over_popularity(segment)} |"
    if not hidden["untouched"]:
        yield "| nobody took one | | | |"


def _parts(figures: Mapping[str, Any]) -> Iterable[str]:
    yield "| figures of | items | shipped | best other method | shipped minus it |"
    yield "|---|---|---|---|---|"
    for part, questions in figures.items():
        for question, found in questions.items():
            others = found["shipped_minus"]
            best = max(others, key=lambda name: found["ndcg@10"][name]["mean"], default=None)
            rest = f"{best} {found['ndcg@10'][best]['mean']:.4f} | {_signed(others[best])}" if best else "| "
            yield f"| {part} | {question} | {_plain(found['ndcg@10'][SHIPPED])} | {rest} |"


def _notes(found: Mapping[str, Any]) -> Iterable[str]:
    for question, noise in found["seed_noise"].items():
        if noise is None:
            yield f"- {question} items: one seed says nothing about the noise of seeds; run with --seeds 3."
        else:
            yield (
                f"- {question} items: trainings that differ in the seed only have a standard deviation of {noise:.4f}; "
                f"a difference of two trainings below {_SURE * noise:.4f} says nothing."
            )
    for question, windows in found["windows_apart"].items():
        for window, each in windows.items():
            yield (
                f"- **window {window} stands apart** for {question} items: it leads the best other method by "
                f"{_signed(each['lead'])}, the other windows by {_signed(each['others'])}. Look for a leak there, or for "
                "what changed in the shop."
            )
    yield "- Intervals are over shoppers (all windows of a shopper are drawn together); they do not hold the noise of seeds."


def _plain(value: Mapping[str, Any]) -> str:
    return f"{value['mean']:.4f} [{value['low']:.4f}, {value['high']:.4f}]"


def _signed(value: Mapping[str, Any]) -> str:
    return f"{value['mean']:+.4f} [{value['low']:+.4f}, {value['high']:+.4f}]"
