"""Shops with little or unusual data go through all stages and are served; the stages say which parts they do not get."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
import yaml

from recommndr.bundle import BundleRefused, Manifest
from recommndr.features import shopper
from recommndr_engine import bundle_files, golden
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.ranker import RANKER_FILE
from recommndr_engine.retrievers import FIT_STAGES
from recommndr_training.data import logins, split
from recommndr_training.data.logins import SCHEMA
from recommndr_training.examples import examples
from recommndr_training.judging import evaluate
from recommndr_training.ranking import ranker
from recommndr_training.shipping import bundle, refit, register, seed
from recommndr_training.tuning import tune
from tests.training import prepared_tables

TENANT = "odd"
CUT = datetime(2026, 3, 1, tzinfo=UTC)
DAY_S = 86_400.0
FITS = tuple(import_module(f"recommndr_training.retrieval.{stage}") for stage in FIT_STAGES)
STAGES = (split, tune, *FITS, ranker, evaluate, refit, seed, bundle)
SECTIONS = {
    "tune": {"only": ["popularity.half_life_days"]},
    "als": {"n_factors": 4, "n_iterations": 2},
    "examples": {"requests": "both"},
    "ranker": {"max_cuts": 2, "max_trees": 20, "n_processes": 1, "variants": ["binary"]},
}
Deed = tuple[str, str, str, float]  # shopper, item, kind, days after the gate cut (negative: before)


@dataclass(frozen=True)
class Shop:
    """What happened in a shop. Its catalogue has no prices and no categories unless `details` gives them to every item."""

    deeds: Sequence[Deed]
    policy: dict[str, Any] = field(default_factory=dict)
    n_never_seen: int = 0  # items of the catalogue without any event
    details: dict[str, Any] = field(default_factory=dict)
    days_after: float = 20.0  # the data end so long after the gate cut
    logins: Sequence[tuple[str, str, float]] = ()  # shopper, guest, days after the gate cut

    @property
    def item_ids(self) -> list[str]:
        return sorted({item for _, item, _, _ in self.deeds} | {f"unseen{n}" for n in range(self.n_never_seen)})

    def lines(self) -> pa.Table:
        return prepared_tables.lines(
            [
                {"event_id": str(uuid5(NAMESPACE_URL, str(n))), "user_id": user, "item_id": item, "kind": kind}
                | {
                    "at_s": CUT.timestamp() + days * DAY_S,
                    "known_s": CUT.timestamp() + days * DAY_S,
                    "n_lines": 1,
                    "quantity": 1,
                }
                for n, (user, item, kind, days) in enumerate(self.deeds)
            ]
        )

    def identified(self) -> pa.Table:
        columns = [
            (f"{n:032x}", user, guest, *[CUT.timestamp() + days * DAY_S] * 2)
            for n, (user, guest, days) in enumerate(self.logins)
        ]
        return pa.Table.from_pylist([dict(zip(SCHEMA.names, one, strict=True)) for one in columns], SCHEMA)

    def items(self) -> pa.Table:
        bare = ({"item_id": item_id, "title": item_id, "category_path": [], "tags": []} for item_id in self.item_ids)
        return prepared_tables.items([item | self.details for item in bare])


def deeds(n: int, n_shoppers: int, n_items: int, kind: str = "view") -> list[Deed]:
    """`n` deeds in the sixty days before the cut and the fourteen after it; each shopper likes a few items best."""
    random = np.random.default_rng(n)
    users = random.integers(0, n_shoppers, n)
    items = (users * 3 + (n_items * random.random(n) ** 2).astype(int)) % n_items
    days = random.uniform(-60.0, 14.0, n)
    return [(f"u{u}", f"i{i:02d}", kind, float(day)) for u, i, day in zip(users, items, days, strict=True)]


VIEWS: dict[str, Any] = {"target_kind": "view"}
RATINGS: dict[str, Any] = {"own_kinds": ["rating"], "weights": {"rating": 1.0}, "target_kind": "rating"}
SMALL = {
    "nothing was ever sold": Shop(deeds(300, 60, 30), n_never_seen=5),
    "300 views": Shop(deeds(300, 40, 50), VIEWS),
    "300 orders": Shop(deeds(300, 40, 50, "purchase"), details={"price_minor": 100, "currency": "EUR", "category_path": ["a"]}),
    "ratings only": Shop(deeds(200, 20, 30, "rating"), RATINGS),
    "one item": Shop(deeds(400, 80, 1, "purchase")),
    "one shopper": Shop(deeds(200, 1, 40, "purchase")),
    "one event": Shop([("u0", "i00", "view", -1.0)]),
    "dislikes only": Shop(deeds(50, 10, 10, "dislike")),
    "nothing in the gate period": Shop([one for one in deeds(200, 20, 30, "purchase") if one[3] < 0.0]),
}
ENOUGH = Shop(deeds(3_000, 80, 40), VIEWS)


def write(shop: Shop, directory: Path) -> None:
    """The files of a profile before stage split."""
    dataset = {
        "currency": "EUR",
        "since": (CUT - timedelta(days=90)).isoformat(),
        "until": (CUT + timedelta(days=shop.days_after)).isoformat(),
    }
    stages = {stage.__name__.rsplit(".", 1)[1]: {} for stage in STAGES}
    profile = {"tenant": TENANT} | stages | SECTIONS
    known = {"datasets": {TENANT: dataset | {"gate_cut": CUT.isoformat()}}, "profiles": {TENANT: profile}}
    (directory / "params.yaml").write_text(yaml.safe_dump(known))
    (directory / "tenants.yaml").write_text(yaml.safe_dump({"tenants": {TENANT: shop.policy}}))
    (directory / "dvc.yaml").write_text("stages: {}\n")  # no code of its own
    out = directory / "var" / TENANT / "prepared"
    out.mkdir(parents=True)
    pq.write_table(shop.lines(), out / "lines.parquet")
    logins.write(shop.identified(), out / "logins.parquet")
    pq.write_table(shop.items(), out / "items.parquet")
    (out / "rejected.json").write_text("{}")


def train(shop: Shop, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run all stages up to the bundle, and return its folder."""
    write(shop, directory)
    monkeypatch.chdir(directory)
    for stage in STAGES:
        stage.main(TENANT)
    return directory / "var" / TENANT / "bundle"


def trained_copy(shop: Shop, factory: pytest.TempPathFactory) -> Path:
    """A folder where the shop is trained, of the caller's own. Files of tests and their workers share one training."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = shared / f"trained-{hashlib.sha256(repr(shop).encode()).hexdigest()[:16]}"
    with kept.with_suffix(".lock").open("w") as lock, pytest.MonkeyPatch.context() as monkeypatch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.with_suffix(".done").exists():
            kept.mkdir()
            train(shop, kept, monkeypatch)
            kept.with_suffix(".done").touch()
    return Path(shutil.copytree(kept, factory.mktemp("trained") / "shop"))


@dataclass(frozen=True)
class Trained:
    """A shop that went through all stages."""

    directory: Path  # of the bundle
    said: str  # on stderr


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Trained]:
    """A shop of `SMALL` by its name, trained once for all tests; do not change its files."""

    @cache
    def of(what: str) -> Trained:
        with pytest.MonkeyPatch.context() as monkeypatch, redirect_stderr(StringIO()) as said:
            return Trained(train(SMALL[what], tmp_path_factory.mktemp("shop"), monkeypatch), said.getvalue())

    return of


def load(directory: Path, shop: Shop) -> tuple[Manifest, Pipeline]:
    """The bundle as a slot opens it: digests, golden requests, pipeline over live items."""
    manifest = bundle_files.check(directory, TENANT, bundle_files.read_manifest(directory).version)
    golden.check(directory, manifest)
    live = LiveItems()
    live.apply_catalog(examples.catalogue(shop.items().to_pandas()))
    return manifest, Pipeline.read(directory, manifest, live)


def lists(pipeline: Pipeline, directory: Path) -> Iterator[list[str]]:
    """Lists of every known shopper, of a new one, and of one whose row cannot be read."""
    now_s = CUT.timestamp()
    rows = [shopper.read(shopper.columns(shopper.EMPTY)), None]
    states = [row for row in seed.read(directory.parent / "seed" / "seeds.parquet").rows if row.group == "user"]
    rows += [shopper.read(shopper.columns(shopper.from_bytes(one.state))) for one in states]
    for row in rows:
        yield [pipeline.items.ids[place] for place in pipeline.recommend(row, ListRequest(k=10), now_s).rows]


@pytest.mark.parametrize("what", SMALL)
def test_a_small_shop_is_served_without_a_ranker_and_is_told_why(what: str, trained: Callable[[str], Trained]) -> None:
    shop, found = SMALL[what], trained(what)
    directory = found.directory
    assert "no ranker: there are" in found.said and "it needs" in found.said
    manifest, pipeline = load(directory, shop)
    assert manifest.method != "ranker" and RANKER_FILE not in manifest.files and pipeline.ranker is None
    register.check_gate(directory, manifest)
    shown = list(lists(pipeline, directory))
    assert all(set(one) <= set(shop.item_ids) and len(one) == len(set(one)) for one in shown)
    liked = any(kind != "dislike" for _, _, kind, days in shop.deeds if days < 0.0)
    assert all(bool(one) == liked for one in shown)


def test_a_shop_of_views_gets_a_ranker_when_it_has_enough_of_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = trained_copy(ENOUGH, tmp_path_factory) / "var" / TENANT / "bundle"
    manifest, pipeline = load(directory, ENOUGH)
    assert pipeline.ranker is not None and RANKER_FILE in manifest.files
    report = json.loads((directory / "gate.json").read_text())
    assert len(report["checks"]) > 1  # judged
    assert all(len(one) == 10 for one in lists(pipeline, directory))


def test_who_logged_in_at_the_gate_cut_is_judged_by_what_the_guest_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renamed = [(f"{user} at home" if days >= 0.0 else user, item, kind, days) for user, item, kind, days in deeds(300, 40, 50)]
    guests = sorted({user for user, _, _, days in renamed if days < 0.0})
    judged = {}
    for what, named in {"guests": [(f"{user} at home", user, -0.1) for user in guests], "strangers": []}.items():
        (tmp_path / what).mkdir()
        shop = Shop([*renamed, ("u0", "i00", "view", 1.0)], VIEWS, logins=named)
        directory = train(shop, tmp_path / what, monkeypatch)
        judged[what] = json.loads((directory.parent / "evaluate" / "metrics.json").read_text())["all"]["shoppers"]
        states = seed.read(directory.parent / "seed" / "seeds.parquet").rows
        assert len([row for row in states if row.group == "guests"]) == len(named)
    returned = {user for user, _, _, days in renamed if days >= 0.0} & {f"{user} at home" for user in guests}
    assert judged == {"guests": 1 + len(returned), "strangers": 1}


@pytest.mark.parametrize("rows", [[], [("u0", "i00", "impression", -1.0)], [("u0", "i00", "view", 1.0)]])
def test_a_shop_without_any_event_to_learn_from_is_told_in_one_line(
    rows: list[Deed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(Shop(rows, n_never_seen=3), tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(typer.Exit):
        split.main(TENANT)
    (line,) = capsys.readouterr().err.splitlines()
    assert "nothing to train on" in line and "until then the shop gets lists of its catalogue" in line


def test_popularity_passes_only_where_nobody_can_be_asked(trained: Callable[[str], Trained]) -> None:
    for what, judged in {"nothing was ever sold": False, "300 views": True}.items():
        report = json.loads((trained(what).directory / "gate.json").read_text())
        assert report["passed"]
        assert ("not_judged" in {check["name"] for check in report["checks"]}) == (not judged)
        if not judged:
            assert report["method"] == "popularity"
            assert "0 known shoppers with a purchase in the gate period" in report["checks"][0]["finding"]


def test_a_bundle_that_needs_its_ranker_is_refused_without_it(trained: Callable[[str], Trained]) -> None:
    directory = trained("300 views").directory
    manifest = bundle_files.read_manifest(directory).model_copy(update={"method": "ranker"})
    with pytest.raises(BundleRefused, match=r"ranker/ranker\.onnx: missing, but the ranker orders the lists of scope mixed"):
        Pipeline.read(directory, manifest, LiveItems())


def test_cuts_whose_labels_all_reach_into_tuning_leave_the_ranker_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(SECTIONS, "ranker", {"max_cuts": 2, "cut_spacing_days": 1.0, "n_processes": 1})
    directory = train(ENOUGH, tmp_path, monkeypatch)
    assert (
        "no ranker: labels reach 14 days, and all 1 cuts before the tuning cut lie in that, 1 days apart"
        in capsys.readouterr().err
    )
    assert load(directory, ENOUGH)[1].ranker is None


def test_a_large_shop_that_nobody_visits_in_its_gate_period_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    many = [(f"u{n}", f"i{n % 30:02d}", "purchase", -1.0 - n % 50) for n in range(1_200)]
    with pytest.raises(typer.Exit):
        train(Shop(many), tmp_path, monkeypatch)
    assert "of 1,200 known shoppers 0 did anything in the gate period: set gate_cut" in capsys.readouterr().err


def test_a_large_shop_whose_visitors_do_not_buy_is_not_judged_but_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [(f"u{n}", f"i{n % 30:02d}", "view", days) for n in range(1_200) for days in (-1.0 - n % 50, 1.0 + n % 7)]
    directory = train(Shop(many), tmp_path, monkeypatch)
    assert json.loads((directory / "gate.json").read_text())["checks"][0]["name"] == "not_judged"
