"""A small real bundle, written by hand: neighbours in a ring, tastes in two camps, and a ranker one can predict.

Items are `i00` … ; even ones are dairy, odd ones bread. Item n sells better than item n + 1. The ranker orders by what the
shopper bought (`own_decayed`) and then by popularity.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from scipy import sparse

from recommndr.bundle import MANIFEST, Manifest, RankerColumn, TrainingData
from recommndr.catalog import CatalogItem
from recommndr.events import KIND_CODE
from recommndr.features import shopper
from recommndr.features.action import Action
from recommndr.features.schema import Value
from recommndr.features.shopper import ShopperState
from recommndr.identity import ItemId, TenantId
from recommndr.list_scope import Scope
from recommndr_engine import bundle_files, golden
from recommndr_engine.arrays import ScoreArray
from recommndr_engine.bought_together import Basketry, BoughtTogether
from recommndr_engine.bundle_items import ITEM_IDS_FILE, BundleItems
from recommndr_engine.columns import COLUMNS, NAMES
from recommndr_engine.ranker import RANKER_FILE
from recommndr_engine.retrievers import BY_NAME
from recommndr_engine.retrievers.als import FACTORS_FILE
from recommndr_engine.retrievers.buy_again import RHYTHM_EDGES_FILE, RHYTHM_LIFT_FILE
from recommndr_engine.retrievers.content import STARTS_FILE, VALUES_FILE, WORDS_FILE
from recommndr_engine.retrievers.ease import INVERSE_FILE, SCALE_FILE
from recommndr_engine.retrievers.ease import MATRIX as SHOPPERS_OF_EASE
from recommndr_engine.retrievers.item_neighbours import CO_VISITS, NEIGHBOURS
from recommndr_engine.retrievers.popular_now import HALF_LIFE_PARAMETER
from recommndr_engine.retrievers.popularity import FIRST_PURCHASES_FILE, POPULARITY_FILE
from recommndr_engine.retrievers.seen_together import LED_TO_TARGET, TOGETHER
from recommndr_engine.retrievers.segment_popularity import SegmentTable
from recommndr_engine.retrievers.session_neighbours import VISITS
from recommndr_engine.retrievers.user_neighbours import MATRIX as SHOPPERS_OF_NEIGHBOURS
from recommndr_engine.shopper_matrix import ShopperMatrix
from recommndr_engine.sparse_rows import SparseRows

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
N_ITEMS = 40
_DAY_S = 86_400.0
PARAMETERS: dict[str, float | int | str] = {
    "als.alpha": 2.0,
    "als.regularisation": 1.0,
    "co_visits.half_life_s": 3 * _DAY_S,
    "seen_together.half_life_s": 3 * _DAY_S,
    "session_neighbours.n_visits": 6,
    "session_neighbours.n_visits_of_item": 6,
    "session_neighbours.n_recent": 10,
    "user_neighbours.n_neighbours": 6,
    HALF_LIFE_PARAMETER: 7 * _DAY_S,
}


def item_id(n: int) -> str:
    return f"i{n:02d}"


ITEM_IDS = [item_id(n) for n in range(N_ITEMS)]


def catalog_item(n: int, **changes: object) -> CatalogItem:
    values = {
        "item_id": ItemId(item_id(n)),
        "title": f"{'Milk' if n % 2 == 0 else 'Bread'} number {n}",
        "category_path": ("food", "dairy" if n % 2 == 0 else "bread"),
        "brand": f"brand {n % 4}",
        "price_minor": 100 + n,
        "currency": "EUR",
    }
    return CatalogItem.model_validate(values | changes)


def bought(
    *numbers: int,
    days_ago: float = 1.0,
    state: ShopperState = shopper.EMPTY,
    kind: str = "purchase",
    country: str | None = None,
) -> ShopperState:
    """The state of a shopper who bought these items in one order, or did something else with them."""
    at_s = NOW.timestamp() - days_ago * _DAY_S
    action = Action(KIND_CODE[kind], at_s, f"order-{at_s}", "u", tuple(item_id(n) for n in numbers), country=country)
    return shopper.merge(state, shopper.lift(action))


def row_of(state: ShopperState) -> dict[str, Value]:
    return shopper.columns(state)


@dataclass(frozen=True)
class WrittenBundle:
    """A bundle on disk."""

    directory: Path
    manifest: Manifest

    @property
    def version(self) -> str:
        return self.manifest.version


def write_bundle(
    directory: Path,
    tenant: str = "grocer",
    ids: list[str] = ITEM_IDS,
    until: datetime = NOW,
    score_nan: bool = False,
    names: tuple[str, ...] = tuple(BY_NAME),
) -> WrittenBundle:
    """Write a whole, sealed bundle; `score_nan` makes one whose ranker is no good."""
    directory.mkdir(parents=True)
    for folder in ("als", "item_neighbours", "popularity", "buy_again", "seen_together", "ranker"):
        (directory / folder).mkdir()
    _write_arrays(directory, ids)
    (directory / RANKER_FILE).write_bytes(ranker_bytes(score_nan))
    return _sealed(directory, _manifest(tenant, len(ids), until).model_copy(update={"retrievers": names}))


def with_scope_methods(bundle: WrittenBundle, directory: Path, methods: dict[Scope, str]) -> WrittenBundle:
    """The same bundle in `directory`, where other methods order the lists of some scopes."""
    shutil.copytree(bundle.directory, directory, ignore=shutil.ignore_patterns(MANIFEST, golden.GOLDEN_FILE))
    return _sealed(directory, bundle.manifest.model_copy(update={"scope_methods": methods}))


def _sealed(directory: Path, manifest: Manifest) -> WrittenBundle:
    golden_shoppers = [row_of(bought(*range(n))) for n in range(1, 4)]
    answered = golden.answer(directory, manifest, golden_shoppers, NOW.timestamp())
    (directory / golden.GOLDEN_FILE).write_text(answered.to_json())
    sealed = manifest.model_copy(update={"files": bundle_files.file_entries(directory)}).sealed()
    (directory / MANIFEST).write_text(sealed.model_dump_json())
    return WrittenBundle(directory, sealed)


def _write_arrays(directory: Path, ids: list[str]) -> None:
    n = len(ids)
    BundleItems(ids).write(directory / ITEM_IDS_FILE)
    camps = np.eye(2, dtype=np.float32)[np.arange(n) % 2]
    noise = np.random.default_rng(7).normal(0.0, 0.05, (n, 2)).astype(np.float32)
    np.save(directory / FACTORS_FILE, camps + noise)
    ring = (np.arange(n)[:, np.newaxis] + np.arange(1, 4)) % n
    values = np.tile(np.array([0.9, 0.6, 0.3], np.float32), n)
    for stem in (NEIGHBOURS, CO_VISITS, TOGETHER, LED_TO_TARGET):
        SparseRows(np.arange(0, 3 * n + 1, 3), ring.astype(np.int32).ravel(), values).write(directory / stem)
    _write_baskets(directory, n)
    popularity = np.linspace(1.0, 0.01, n, dtype=np.float32)
    np.save(directory / POPULARITY_FILE, popularity)
    np.save(directory / FIRST_PURCHASES_FILE, popularity[::-1].copy())
    _write_segments(directory, popularity)
    _write_shoppers(directory, n)
    _write_words(directory, n)
    np.save(directory / RHYTHM_EDGES_FILE, np.array([0.5, 1.0]))
    np.save(directory / RHYTHM_LIFT_FILE, np.ones(4, np.float32))


def _write_baskets(directory: Path, n: int) -> None:
    """An item is in ten baskets, in five of them with the next item and in three with the second next; the last two in none."""
    beside = np.array([min(2, max(n - 2 - row - 1, 0)) if row < n - 2 else 0 for row in range(n)])
    starts = np.append(0, np.cumsum(beside)).astype(np.int64)
    columns = np.concatenate([row + 1 + np.arange(beside[row]) for row in range(n)]).astype(np.int32)
    together = np.concatenate([np.array([5.0, 3.0])[: beside[row]] for row in range(n)]).astype(np.float32)
    basketry = Basketry(np.full(n, 10, np.int64), 10 * n, 1.0 / (10 * n))
    BoughtTogether(SparseRows(starts, columns, together), basketry).write(directory)


def _write_segments(directory: Path, rates: ScoreArray) -> None:
    """In Germany bread is taken twice as often as elsewhere, and in Austria half as often."""
    bread = np.arange(1, len(rates), 2, dtype=np.int32)
    values = np.concatenate([rates[bread], -rates[bread] / 2.0]).astype(np.float32)
    differences = SparseRows(np.arange(3) * len(bread), np.tile(bread, 2), values)
    SegmentTable(rates, ("country=DE", "country=AT"), differences).write(directory)


def _write_shoppers(directory: Path, n: int) -> None:
    """Four shoppers of each camp, each with two thirds of the camp's items."""
    held = np.array([[float(item % 2 == u % 2 and (item // 2 + u // 2) % 3 > 0) for item in range(n)] for u in range(8)])
    matrix = ShopperMatrix.of(sparse.csr_matrix(held.astype(np.float32)))
    matrix.write(directory / SHOPPERS_OF_NEIGHBOURS)
    matrix.write(directory / SHOPPERS_OF_EASE)
    matrix.write(directory / VISITS)
    inverse = np.linalg.inv(held @ held.T + np.eye(8))
    np.save(directory / INVERSE_FILE, inverse.astype(np.float32))
    np.save(directory / SCALE_FILE, (1.0 / (1.0 - np.einsum("ui,uv,vi->i", held, inverse, held))).astype(np.float32))


def _write_words(directory: Path, n: int) -> None:
    """Each item says the number of its camp, nothing else."""
    (directory / "content").mkdir()
    np.save(directory / STARTS_FILE, np.arange(n + 1, dtype=np.int32))
    np.save(directory / WORDS_FILE, (np.arange(n) % 2).astype(np.int32))
    np.save(directory / VALUES_FILE, np.ones(n, np.float32))


def ranker_bytes(score_nan: bool = False) -> bytes:
    """ONNX: 100 x own_decayed + popularity_score; with `score_nan` not a number."""
    columns = np.array([NAMES.index("own_decayed"), NAMES.index("popularity_score")], np.int64)
    weights = np.array([[np.nan if score_nan else 100.0], [1.0]], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["inputs", "columns"], ["two"], axis=1),
            helper.make_node("MatMul", ["two", "weights"], ["score"]),
        ],
        "ranker",
        [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, [None, len(NAMES)])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])],
        [numpy_helper.from_array(columns, "columns"), numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    written: bytes = model.SerializeToString()
    return written


def _manifest(tenant: str, n_items: int, until: datetime) -> Manifest:
    return Manifest(
        tenant=TenantId(tenant),
        code_revision="test",
        training_data=TrainingData(
            sha256="d" * 64, since=datetime(2025, 1, 1, tzinfo=UTC), until=until, n_lines=100, n_users=10, n_items=n_items
        ),
        files={},
        ranker_columns=tuple(RankerColumn(name=column.name, default=column.unknown) for column in COLUMNS),
        parameters=PARAMETERS,
        weights={},
        metrics={"all.methods.ranker.ndcg@10": 0.3, "all.methods.ranker.ndcg@10_low": 0.2},
    )


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> WrittenBundle:
    """The session's bundle; tests that change files write their own."""
    return write_bundle(tmp_path_factory.mktemp("bundles") / "first")
