"""What stage ranker found, for later stages as JSON and for people as tables and plots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from recommndr_engine.pipeline_config import WEIGHTED
from recommndr_training.examples.examples import Examples
from recommndr_training.questions import QUESTIONS
from recommndr_training.ranking import tuning_quality
from recommndr_training.ranking.ranker_choice import best_first, method_orders, simple_methods
from recommndr_training.ranking.ranker_sizes import MAX_LOSS
from recommndr_training.ranking.ranker_training import Trained
from recommndr_training.ranking.retriever_ablation import MARGINS, Worth


def report(trained: Trained, tuning: Examples, worths: Sequence[Worth] = ()) -> dict[str, Any]:
    """Quality of each single method on the tuning cut (over the same candidates), and the gain of each column.

    The shipped ranker was trained on this cut too, so its figures here would be too good; the gate measures it.
    """
    singles = {name: tuning_quality.means(figures) for name, figures in simple_methods(tuning).items() if name != WEIGHTED}
    return {
        "n_trees": trained.n_trees,
        "onnx_parity": trained.parity,
        "recipe": trained.recipe.to_json(),
        "variants": {name: each.to_json() for name, each in trained.variants.items()},
        "against_ranker": {name: each.to_json() for name, each in trained.against_ranker.items()},
        "method_orders": method_orders(trained.against_ranker, QUESTIONS),
        "calibration": [asdict(one) for one in trained.calibration],
        "size": trained.size,
        "sizes": {size.name: size.to_json() for size in trained.sizes},
        "first_cuts": {str(cut.n_ranked): cut.to_json() for cut in trained.first_cuts},
        "ablation": {worth.retriever: worth.to_json() for worth in worths},
        "tuning": singles,
        "best_single": {
            "all": best_first(singles, "ndcg_all")[0],
            "new": best_first(singles, "ndcg_new")[0],
        },
        "gains": trained.gains,
    }


def table(found: Mapping[str, Any]) -> str:
    """Variants and methods of the tuning cut in Markdown, best first."""
    parts = [
        f"The ranker ships as `{found['recipe']['variant']}` with {found['n_trees']} trees. Figures are of the tuning cut.",
        _variants(found["variants"]),
        _methods(found["against_ranker"], found["method_orders"]),
    ]
    parts += [_ablation(found["ablation"])] if found["ablation"] else []
    parts.append(_first_cuts(found["first_cuts"], found["recipe"]["n_ranked"]))
    return "\n\n".join(parts) + "\n"


def _ablation(found: Mapping[str, Mapping[str, float]], costs_ms: Mapping[str, float] | None = None) -> str:
    lines = [
        "What each retriever adds to NDCG@10, and the share of wanted candidates that it alone proposed, dearest first. One "
        "stays if its interval is above 0, or if it and those left out before it together add more than noise, or on average "
        f"more than {' or '.join(f'{margin:.1%} ({name})' for name, margin in MARGINS.items())}.\n",
        f"| retriever | ms | all | 95 % interval | new | 95 % interval | together | alone | ships |\n|{'---|' * 9}",
    ]
    for name, one in found.items():
        together = ", ".join(f"{one[f'together_{which}_mean']:+.1%}" for which in MARGINS)
        cost = one["cost_ms"] if costs_ms is None else costs_ms.get(name, 0.0)
        cells = [name, f"{cost:.2g}", *_gains(one, MARGINS), together, f"{one['only']:.1%}", "yes" if one["kept"] else "no"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _first_cuts(found: Mapping[str, Mapping[str, float]], n_ranked: int) -> str:
    lines = [
        f"The ranker scores {n_ranked} candidates of a request at most. Gains are over all of them.\n",
        "| candidates | share of all | all | 95 % interval | new | 95 % interval |",
        f"|{'---|' * 6}",
    ]
    for n, one in found.items():
        lines.append(f"| {n} | {one['share']:.0%} | {' | '.join(_gains(one, MAX_LOSS))} |")
    return "\n".join(lines)


def _gains(one: Mapping[str, float], questions: Iterable[str]) -> list[str]:
    """Two cells for each question: the gain and its interval."""
    return [f"{one[f'{which}_mean']:+.1%} | [{one[f'{which}_low']:+.1%}, {one[f'{which}_high']:+.1%}]" for which in questions]


def cost_table(found: Mapping[str, Any], costs_ms: Mapping[str, float]) -> str:
    """The ablation with the milliseconds that were measured here, which differ from run to run."""
    others = ", ".join(f"{name} {ms:.2g} ms" for name, ms in costs_ms.items() if name not in found["ablation"])
    told = f"Milliseconds are medians of requests at the tuning cut, on one thread. Not tried: {others or 'none'}."
    return "\n\n".join([told, *([_ablation(found["ablation"], costs_ms)] if found["ablation"] else [])]) + "\n"


def size_table(trained: Trained) -> str:
    """Sizes of the ranker in Markdown. Times differ from run to run, so they are in no file that a stage reads."""
    lines = [
        f"The ranker ships with its size `{trained.size}`: the smallest whose interval ends above "
        f"{' and '.join(f'-{most:.1%} ({name})' for name, most in MAX_LOSS.items())}. Figures are of the tuning cut.\n",
        "| size | trees | bytes | p50 of 200, ms | p50 of 500, ms | all | 95 % interval | new | 95 % interval |",
        f"|{'---|' * 9}",
    ]
    for size in trained.sizes:
        gains = " | ".join(f"{gain.mean:+.1%} | [{gain.low:+.1%}, {gain.high:+.1%}]" for gain in size.gains.values())
        times = " | ".join(f"{ms:.2f}" for ms in size.p50_ms.values())
        lines.append(f"| {size.name} | {size.n_trees} | {size.n_bytes} | {times} | {gains} |")
    return "\n".join(lines) + "\n"


def _variants(found: Mapping[str, Mapping[str, float]]) -> str:
    lines = ["| variant | NDCG@10 all | NDCG@10 new | gain over log-loss | 95 % interval |", "|---|---|---|---|---|"]
    for name in sorted(found, key=lambda name: -found[name]["gain"]):
        one = found[name]
        interval = f"[{one['gain_low']:+.1%}, {one['gain_high']:+.1%}]"
        lines.append(f"| {name} | {one['ndcg_all']:.4f} | {one['ndcg_new']:.4f} | {one['gain']:+.1%} | {interval} |")
    return "\n".join(lines)


def _methods(found: Mapping[str, Mapping[str, float]], orders: Mapping[str, Sequence[str]]) -> str:
    lines = [
        "Gains of methods are over the ranker. The gate tries those first whose interval lies above 0, then the ranker.\n",
        "| method | NDCG@10 all | gain | 95 % interval | NDCG@10 new | gain | 95 % interval |",
        f"|{'---|' * 7}",
    ]
    for name in sorted(found, key=lambda name: -found[name]["gain"]):
        one, gains = found[name], _gains(found[name], QUESTIONS)
        cells = [f"{one[f'ndcg_{question}']:.4f} | {gain}" for question, gain in zip(QUESTIONS, gains, strict=True)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    tried = (f"First for {question} items: {', '.join(order[:3])}." for question, order in orders.items())
    return "\n".join([*lines, "", *tried])
