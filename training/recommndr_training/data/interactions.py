"""Interactions of shoppers with items as parallel arrays. The fit functions of all retrievers read them.

One row per (event, item). Impressions are left out. Negative events are kept with weight 0, because they end earlier positive
evidence.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from recommndr.features.action import CONTEXT
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.interest import IMPRESSION, Interest
from recommndr_training.data import coded_lines, event_contexts
from recommndr_training.data.event_contexts import ContextNames
from recommndr_training.data.id_codes import coded
from recommndr_training.stage_files import ITEMS, TRAIN_LINES

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

PURCHASE = "purchase"
# A pause of this length ends a visit, as in web analytics.
VISIT_GAP_S = 30 * 60.0
_LINE_COLUMNS = ["event_id", "user_id", "item_id", "kind", "at_s", "known_s"]
_OF_ROWS = ("users", "items", "pairs", "visits", "kinds", "weights", "at_s", "known_s", "contexts")


@dataclass(frozen=True, slots=True)
class DistinctPairs:
    """All pairs of a user and an item, each once, by user and then by item. They are found once for all cuts."""

    users: Ints
    items: Ints

    def __len__(self) -> int:
        return len(self.users)


@dataclass(frozen=True, slots=True)
class Interactions:
    """Distinct (event, item) pairs, oldest first. Users and items are rows of sorted ids; cutting keeps these rows.

    Items of the catalogue that nothing happened to are rows, too.
    """

    user_ids: list[str]
    item_ids: list[str]
    kind_names: tuple[str, ...]
    target: str  # the kind of event that recommendations should lead to
    distinct: DistinctPairs
    users: Ints
    items: Ints
    pairs: Ints  # place in `distinct`
    visits: Ints  # number of the visit the event belongs to
    kinds: npt.NDArray[np.int8]  # place in `kind_names`
    weights: npt.NDArray[np.float32]  # of the kind, relative to the target kind's
    at_s: Floats
    known_s: Floats  # when the shop knew of it; not before it happened
    context_names: tuple[ContextNames, ...]  # all that occur, sorted
    contexts: Ints  # place in `context_names`

    @classmethod
    def from_lines(cls, lines: pd.DataFrame, policy: TenantPolicy, catalogue: Iterable[str] = ()) -> "Interactions":
        """From lines (`event_id`, `user_id`, `item_id`, `kind`, `at_s`); an item on two lines of an event counts once.

        The items are those of `catalogue` and of the lines. Columns of the context may be missing.
        """
        interest = Interest.of_policy(policy)
        where = [name for name in CONTEXT if name in lines]
        lines = lines.loc[lines["kind"] != IMPRESSION, [*_LINE_COLUMNS, *where]]
        users, events, of_lines, kinds = (coded(lines[name]) for name in ("user_id", "event_id", "item_id", "kind"))
        code_of = np.array([interest.codes[kind] for kind in kinds.ids], np.int64)
        at_s = lines["at_s"].to_numpy(np.float64)
        once = np.flatnonzero(~pd.Series(events.codes * max(len(of_lines.distinct), 1) + of_lines.codes).duplicated())
        # Of actions at one instant, states take the one with the larger kind code as newest, then the larger event id.
        kept = once[np.lexsort([values[once] for values in (of_lines.codes, events.codes, code_of[kinds.codes], at_s)])]
        item_ids = sorted({*catalogue, *of_lines.ids})
        items = pd.Index(item_ids, dtype=object).get_indexer(pd.Index(of_lines.ids, dtype=object))[of_lines.codes[kept]]
        contexts = event_contexts.coded(lines)
        keys, pairs = np.unique(users.codes[kept] * len(item_ids) + items, return_inverse=True)
        return cls(
            user_ids=users.ids,
            item_ids=item_ids,
            kind_names=tuple(kinds.ids),
            target=policy.target_kind,
            distinct=DistinctPairs(*(part.astype(np.int32) for part in np.divmod(keys, max(len(item_ids), 1)))),
            users=users.codes[kept].astype(np.int32),
            items=items.astype(np.int32),
            pairs=pairs.astype(np.int32),
            visits=_visits(users.codes[kept], at_s[kept]),
            kinds=kinds.codes[kept].astype(np.int8),
            weights=np.array([interest.weights[kind] for kind in kinds.ids], np.float32)[kinds.codes[kept]],
            at_s=at_s[kept],
            known_s=lines["known_s"].to_numpy(np.float64)[kept],
            context_names=contexts.names,
            contexts=contexts.codes[kept],
        )

    @classmethod
    def read(cls, directory: Path, policy: TenantPolicy) -> "Interactions":
        """From the lines and the catalogue that stage split wrote below a profile's folder."""
        lines = coded_lines.read(directory / TRAIN_LINES, columns=[*_LINE_COLUMNS, *CONTEXT])
        return cls.from_lines(lines, policy, pd.read_parquet(directory / ITEMS, columns=["item_id"])["item_id"])

    def __len__(self) -> int:
        return len(self.at_s)

    @property
    def targets(self) -> "Interactions":
        """Those of the tenant's target kind, over the same rows of users and items."""
        return self.of_kind(self.target)

    @property
    def is_all_target(self) -> bool:
        """Whether each positive one weighs at least as much as the target kind: nothing leads to the target."""
        return bool((self.weights[self.weights > 0.0] >= 1.0).all())

    def of_kind(self, kind: str) -> "Interactions":
        """Those of one kind, over the same rows of users and items."""
        return self if self.kind_names == (kind,) else self._taken(np.flatnonzero(self._is(kind)))

    def between(self, since_s: float, until_s: float) -> "Interactions":
        """Those in [since_s, until_s), over the same rows of users and items."""
        return self._taken(slice(*np.searchsorted(self.at_s, [since_s, until_s])))

    def before(self, cut_s: float) -> "Interactions":
        """Interactions known before `cut_s`: happened and received."""
        past = self.between(-np.inf, cut_s)
        known = past.known_s < cut_s
        return past if known.all() else past._taken(np.flatnonzero(known))

    def decay(self, at_s: float, half_life_s: float) -> Floats:
        """(n,) weight of each as of `at_s`: 1 now, 1/2 a half-life ago."""
        return np.exp2((self.at_s - at_s) / half_life_s)

    def user_items(self, weights: Floats) -> sparse.csr_matrix:
        """(n_users, n_items) float32: summed weights; items ascending within a user."""
        there = np.zeros(len(self.distinct), np.bool_)
        there[self.pairs] = True
        kept = np.flatnonzero(there)
        sums = np.bincount(self.pairs, weights, minlength=len(there))[kept].astype(np.float32)
        starts = np.searchsorted(self.distinct.users[kept], np.arange(len(self.user_ids) + 1))
        return sparse.csr_matrix((sums, self.distinct.items[kept], starts), shape=(len(self.user_ids), len(self.item_ids)))

    def items_by_user(self) -> dict[int, Ints]:
        """Distinct items of each user that has any, ascending."""
        matrix = self.user_items(np.ones(len(self)))
        matrix.sort_indices()
        users = np.flatnonzero(np.diff(matrix.indptr)).tolist()
        return {user: matrix.indices[matrix.indptr[user] : matrix.indptr[user + 1]] for user in users}

    def interests(self, at_s: float, half_life_s: float) -> sparse.csr_matrix:
        """(n_users, n_items) float32: shoppers' interest in items as of `at_s`, as defined in `recommndr_lake_writer.interest`.

        Serving computes the same for folding in (`recommndr_engine.shopper.Shopper.interests`), of items that a state keeps.
        """
        bought = self._is(self.target)
        ever_bought, newest = np.zeros(len(self.distinct), np.bool_), np.zeros(len(self.distinct), np.intp)
        ever_bought[self.pairs[bought]] = True
        newest[self.pairs] = np.arange(len(self))  # rows are oldest first: the last one stays
        counted = np.flatnonzero(bought | ((newest[self.pairs] == np.arange(len(self))) & ~ever_bought[self.pairs]))
        values = self.decay(at_s, half_life_s) * self.weights
        interests = self._taken(counted).user_items(values[counted])
        interests.eliminate_zeros()
        return interests

    def _is(self, kind: str) -> npt.NDArray[np.bool_]:
        return np.array([name == kind for name in self.kind_names], np.bool_)[self.kinds]

    def _taken(self, kept: slice | npt.NDArray[np.intp]) -> "Interactions":
        return replace(self, **{name: getattr(self, name)[kept] for name in _OF_ROWS})


def _visits(users: npt.NDArray[np.int64], at_s: Floats) -> Ints:
    """(n,) number of each row's visit; rows are oldest first."""
    order = np.argsort(users, kind="stable")
    starts = np.ones(len(users), np.bool_)
    starts[1:] = (np.diff(users[order]) != 0) | (np.diff(at_s[order]) > VISIT_GAP_S)
    visits = np.empty(len(users), np.int32)
    visits[order] = np.cumsum(starts) - 1
    return visits


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each shopper's purchases of each item: one row per (user, item), sorted by them."""

    users: Ints
    items: Ints
    n_orders: Floats
    decayed: Floats  # as of the given instant
    first_s: Floats
    last_s: Floats


def pairs(known: Interactions, at_s: float, half_life_s: float) -> Pairs:
    """Per user and item: orders, decayed orders as of `at_s`, first and last purchase."""
    n = len(known.distinct)
    n_orders = np.bincount(known.pairs, minlength=n)
    decayed = np.bincount(known.pairs, known.decay(at_s, half_life_s), minlength=n).astype(np.float64)
    first_s, last_s = np.zeros(n), np.zeros(n)
    last_s[known.pairs] = known.at_s  # rows are oldest first: the last one stays
    first_s[known.pairs[::-1]] = known.at_s[::-1]
    bought = np.flatnonzero(n_orders)
    return Pairs(
        users=known.distinct.users[bought],
        items=known.distinct.items[bought],
        n_orders=n_orders[bought].astype(np.float64),
        decayed=decayed[bought],
        first_s=first_s[bought],
        last_s=last_s[bought],
    )
