"""The shipped lists against simple and published methods, on the gate's requests; run by hand after `evaluate`.

The reference methods are not served and read the whole history instead of states. Each family has the settings that were best
on the tuning cut, for all and for new items apart. What ships should not lose to any of them outside its interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import typer
from threadpoolctl import threadpool_limits

from recommndr_engine import list_metrics as metrics
from recommndr_engine.arrays import NO_ROW, Rows
from recommndr_training import params, stage_files
from recommndr_training.console import Advance, progress
from recommndr_training.data import coded_lines
from recommndr_training.data.interactions import Floats, Interactions, Ints
from recommndr_training.judging import evaluate, gate
from recommndr_training.judging.gate_report import GateReport
from recommndr_training.judging.judged import K, minus
from recommndr_training.judging.reference.collaborative import COLLABORATIVE
from recommndr_training.judging.reference.method import Method, Variant, popularity, top
from recommndr_training.judging.reference.personal import PERSONAL
from recommndr_training.judging.reference.popular import POPULAR, category_variants
from recommndr_training.judging.reference.sessions import SESSIONS
from recommndr_training.params import DataParams

TABLE = "reference_methods/table.md"
METRICS = "reference_methods/metrics.json"
_CHUNK = 256  # users whose scores of all items are in memory at once
_MAX_TUNING_SHOPPERS = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """Shoppers of one request set with the items that are right for them; parallel sequences."""

    users: Ints
    relevant: Sequence[Rows]
    excluded: Sequence[Rows]  # what the shopper had before, where only new items count

    @classmethod
    def at(cls, known: Interactions, cut_s: float, until_s: float, only_new: bool) -> "Question":
        """Shoppers known before the cut with target events in [cut, until)."""
        before = known.before(cut_s)
        after = known.targets.between(cut_s, until_s)
        had, wanted = before.targets.items_by_user(), after.items_by_user()
        none = np.zeros(0, np.int32)
        found = [(user, wanted[user], had.get(user, none)) for user in sorted(wanted.keys() & set(before.users.tolist()))]
        if only_new:
            found = [(user, np.setdiff1d(rows, mine), mine) for user, rows, mine in found]
            found = [each for each in found if len(each[1])]
        return cls(
            np.array([user for user, *_ in found], np.int32),
            [rows for _, rows, _ in found],
            [mine if only_new else none for *_, mine in found],
        )

    def sampled(self, n: int) -> "Question":
        """At most `n` of the shoppers, drawn with a fixed seed."""
        kept = np.sort(np.random.default_rng(0).permutation(len(self.users))[:n])
        return Question(self.users[kept], [self.relevant[i] for i in kept], [self.excluded[i] for i in kept])


def ndcg(method: Method, question: Question, rest: Floats) -> Floats:
    """(n_users,) NDCG@10 of the method's lists; `rest` (n_items,) orders items of which it has nothing to say."""
    found = []
    for start in range(0, len(question.users), _CHUNK):
        part = slice(start, start + _CHUNK)
        lists = top(method(question.users[part]), rest, question.excluded[part], K)
        hits = np.stack([np.isin(rows, right) for rows, right in zip(lists, question.relevant[part], strict=True)])
        n_relevant = np.array([len(right) for right in question.relevant[part]])
        found.append(metrics.ndcg_at_k(hits & (lists != NO_ROW), n_relevant, K))
    return np.concatenate(found) if found else np.zeros(0)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A family's variant that was best on the tuning cut."""

    variant: Variant
    tuning: float  # NDCG@10


def choose(
    variants: Sequence[Variant],
    known: Interactions,
    cut_s: float,
    asked: Mapping[str, Question],
    advance: Advance = lambda _: None,
) -> dict[str, list[Chosen]]:
    """By request set, the best variant of each family, the first of equals; `advance` counts the variants that are done."""
    before = known.before(cut_s)
    rest = popularity(before, cut_s)
    found: dict[str, list[Chosen]] = {name: [] for name in asked}
    for _, members in groupby(variants, key=lambda variant: variant.family):
        family = list(members)
        methods = [variant.fit(before, cut_s) for variant in family]
        for name, question in asked.items():
            values = [float(ndcg(method, question, rest).mean()) for method in methods]
            best = int(np.argmax(values))
            found[name].append(Chosen(family[best], values[best]))
        advance(len(family))
    return found


def compare(
    chosen: Mapping[str, Sequence[Chosen]], known: Interactions, cut_s: float, asked: Mapping[str, Question]
) -> dict[str, dict[str, Floats]]:
    """By request set and family, (n_users,) NDCG@10 at the cut."""
    before = known.before(cut_s)
    rest = popularity(before, cut_s)
    return {
        name: {each.variant.family: ndcg(each.variant.fit(before, cut_s), asked[name], rest) for each in chosen[name]}
        for name in asked
    }


def figures(own: Floats, families: Mapping[str, Floats], chosen: Sequence[Chosen], n_draws: int) -> dict[str, Any]:
    """The family's figure, and the paired difference of the shipped lists to it with its 95 % interval."""
    found = {}
    for each in chosen:
        theirs = families[each.variant.family]
        found[each.variant.family] = {
            "settings": each.variant.settings,
            "tuning_ndcg@10": each.tuning,
            "ndcg@10": float(theirs.mean()),
            "shipped_minus_it": minus(own, theirs, n_draws),
        }
    return {"shoppers": len(own), "shipped_ndcg@10": float(own.mean()), "families": found}


def table(found: Mapping[str, Mapping[str, Any]], methods: Mapping[str, str]) -> str:
    """The figures as Markdown, best family first; `methods` are those that ship, by request set."""
    lines = []
    for name, each in found.items():
        lines += [f"## {name}: {each['shoppers']:,} shoppers, shipped ({methods[name]}) {each['shipped_ndcg@10']:.4f}", ""]
        lines += ["| method | settings, chosen on tuning | NDCG@10 | shipped minus it, 95 % interval |", "|---|---|---|---|"]
        for family, values in sorted(each["families"].items(), key=lambda pair: -pair[1]["ndcg@10"]):
            gap = values["shipped_minus_it"]
            loses = " **loses**" if gap["high"] < 0.0 else ""
            lines.append(
                f"| {family} | {values['settings']} | {values['ndcg@10']:.4f} "
                f"| {gap['ndcg@10']:+.4f} [{gap['low']:+.4f}, {gap['high']:+.4f}]{loses} |"
            )
        lines.append("")
    return "\n".join(lines)


def leaf_codes(items: pd.DataFrame, item_ids: Sequence[str]) -> npt.NDArray[np.int32]:
    """(n_items,) code of each item's category path, -1 for items without one."""
    paths = items.set_index("item_id")["category_path"].map(lambda path: "\x1f".join(path) if len(path) else None)
    codes, _ = pd.factorize(paths.reindex(pd.Index(item_ids)))
    return codes.astype(np.int32)


def questions(known: Interactions, cut_s: float, data: DataParams) -> dict[str, Question]:
    """The sets `all` and `new` at a cut, as the gate asks."""
    until_s = cut_s + data.policy.label_horizon_days * 86_400.0
    return {name: Question.at(known, cut_s, until_s, name == "new") for name in ("all", "new")}


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Compare a profile's shipped lists with reference methods."""
    data, directory = params.data(profile), params.profile_dir(profile)
    lines = coded_lines.read(*(directory / f"split/{part}.parquet" for part in ("train", "gate")))
    known = Interactions.from_lines(lines, data.policy)
    leaf = leaf_codes(pd.read_parquet(directory / "prepared/items.parquet"), known.item_ids)
    variants = [*POPULAR, *category_variants(leaf), *PERSONAL, *COLLABORATIVE, *SESSIONS]
    tuning_s = data.gate_cut_s - data.policy.label_horizon_days * 86_400.0
    shipped = pd.read_parquet(directory / evaluate.BY_SHOPPER)
    methods = GateReport.from_json(stage_files.load_json(directory / evaluate.GATE_REPORT)).methods
    with threadpool_limits(1, "openmp"), progress("reference methods", len(variants)) as advance:
        tuning = {name: asked.sampled(_MAX_TUNING_SHOPPERS) for name, asked in questions(known, tuning_s, data).items()}
        chosen = choose(variants, known, tuning_s, tuning, advance)
        asked = questions(known, data.gate_cut_s, data)
        theirs = compare(chosen, known, data.gate_cut_s, asked)
    found = {}
    for name, question in asked.items():
        user_ids = [known.user_ids[user] for user in question.users]
        own = shipped[shipped["requests"] == name].set_index("user_id")[methods[name]].reindex(user_ids).to_numpy()
        judged = ~np.isnan(own)  # a shopper known by impressions only is not asked
        of_them = {family: values[judged] for family, values in theirs[name].items()}
        found[name] = figures(own[judged], of_them, chosen[name], gate.GatePolicy().n_draws)
    stage_files.save_json(directory / METRICS, found)
    text = table(found, methods)
    (directory / TABLE).write_text(text)
    typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
