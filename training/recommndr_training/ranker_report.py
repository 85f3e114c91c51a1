"""What stage ranker found, for later stages as JSON and for people as tables and plots."""

from collections.abc import Mapping
from typing import Any

from recommndr_engine.pipeline import WEIGHTED
from recommndr_training import tuning_quality
from recommndr_training.examples import Examples
from recommndr_training.ranker_choice import best_first, method_order, simple_methods
from recommndr_training.ranker_training import Trained


def report(trained: Trained, tuning: Examples) -> dict[str, Any]:
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
        "method_order": method_order(trained.against_ranker, best_first(singles, "ndcg_all")),
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
        _compared("variant", found["variants"], "log-loss"),
        _compared("method", found["against_ranker"], "the ranker"),
    ]
    return "\n\n".join(parts) + "\n"


def _compared(what: str, found: Mapping[str, Mapping[str, float]], base: str) -> str:
    lines = [f"| {what} | NDCG@10 all | NDCG@10 new | gain over {base} | 95 % interval |", "|---|---|---|---|---|"]
    for name in sorted(found, key=lambda name: -found[name]["gain"]):
        one = found[name]
        interval = f"[{one['gain_low']:+.1%}, {one['gain_high']:+.1%}]"
        lines.append(f"| {name} | {one['ndcg_all']:.4f} | {one['ndcg_new']:.4f} | {one['gain']:+.1%} | {interval} |")
    return "\n".join(lines)
