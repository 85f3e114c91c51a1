"""A fit that was kept is read again only for what it was made from."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.item_view import ItemView
from recommndr_engine.live_items import LiveItems
from recommndr_engine.shopper import Shopper
from recommndr_training.data.interactions import Interactions
from recommndr_training.examples import rolling
from recommndr_training.retrieval import retriever_fits
from recommndr_training.retrieval.kept_fits import KeptFits
from recommndr_training.retrieval.retriever_fits import EVERY_RETRIEVER, FITS, fit_retrievers
from tests.training.fit_options import OPTIONS
from tests.training.orders import CUT_S, DAY_S, table
from tests.training.test_examples import DATA, ENTRIES, ORDERS, moments_at
from tests.training.test_examples import task as task_of

KNOWN = Interactions.from_lines(table(ORDERS), DATA.policy, sorted(ENTRIES))


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The stages that were fitted, in order."""
    calls: list[str] = []

    def counted(stage: str) -> Callable[..., None]:
        write = FITS[stage].write

        def counting(*given: Any) -> None:
            calls.append(stage)
            write(*given)

        counting.__module__ = write.__module__
        return counting

    with monkeypatch.context() as patched:
        patched.setattr(retriever_fits, "FITS", {stage: replace(fit, write=counted(stage)) for stage, fit in FITS.items()})
        yield calls


def fit(directory: Path, known: Interactions = KNOWN, cut_s: float = CUT_S, options: Any = OPTIONS) -> list[Any]:
    return list(fit_retrievers(known, cut_s, options, EVERY_RETRIEVER, KeptFits(directory)))


def test_a_second_run_fits_nothing_and_scores_the_same(tmp_path: Path, fitted: list[str]) -> None:
    first, second = fit(tmp_path), fit(tmp_path)
    assert sorted(fitted) == sorted(FITS)
    live = LiveItems()
    items = ItemView(live.table, live.rows_of(KNOWN.item_ids, create=True), 0)
    (moment,) = moments_at(table(ORDERS), DATA, CUT_S)
    rows = np.arange(len(KNOWN.item_ids), dtype=np.int32)
    for row in moment.shoppers.values():
        shopper = Shopper.from_row(row, BundleItems(KNOWN.item_ids), CUT_S, DATA.policy.relative_weights())
        alone = fit_retrievers(KNOWN, CUT_S, OPTIONS)
        for one, again, unkept in zip(first, second, alone, strict=True):
            expected = unkept.open(shopper, items).for_rows(rows)
            assert one.open(shopper, items).for_rows(rows).tolist() == expected.tolist()
            assert again.open(shopper, items).for_rows(rows).tolist() == expected.tolist()


def test_other_lines_another_cut_or_other_options_are_fitted_anew(tmp_path: Path, fitted: list[str]) -> None:
    fit(tmp_path)
    fit(tmp_path, Interactions.from_lines(table(ORDERS[5:]), DATA.policy, sorted(ENTRIES)))
    fit(tmp_path, cut_s=CUT_S - DAY_S)
    assert len(fitted) == 3 * len(FITS)
    fit(tmp_path, options=OPTIONS | {"als": replace(OPTIONS["als"], alpha=3.0)})  # type: ignore[type-var]
    assert fitted[3 * len(FITS) :] == ["als"]


def test_lines_from_other_countries_are_fitted_anew(tmp_path: Path, fitted: list[str]) -> None:
    for country in ("DE", "AT"):
        fit(tmp_path, Interactions.from_lines(table(ORDERS).assign(country=country), DATA.policy, sorted(ENTRIES)))
    assert len(fitted) == 2 * len(FITS)


def test_what_happened_after_the_cut_changes_no_fit(tmp_path: Path, fitted: list[str]) -> None:
    fit(tmp_path)
    fit(tmp_path, replace(KNOWN.before(CUT_S)))
    assert len(fitted) == len(FITS)


def test_a_fit_that_ended_half_way_is_not_read(tmp_path: Path, fitted: list[str]) -> None:
    (tmp_path / "unfinished-1").mkdir()
    fit(tmp_path)
    assert sorted(fitted) == sorted(FITS)


def test_what_the_last_run_did_not_ask_for_is_removed(tmp_path: Path) -> None:
    kept = KeptFits(tmp_path)
    fit(tmp_path)
    old = sorted(tmp_path.iterdir())
    began_s = max(folder.stat().st_mtime for folder in old) + 1e-6
    fit(tmp_path, cut_s=CUT_S - DAY_S)
    kept.keep_since(began_s)
    assert len(list(tmp_path.iterdir())) == len(FITS)
    assert not set(old) & set(tmp_path.iterdir())


def test_examples_are_the_same_from_kept_fits(tmp_path: Path) -> None:
    (moment,) = moments_at(table(ORDERS), DATA, CUT_S)
    plain, kept = (rolling.make_examples(replace(task_of(ORDERS), kept=kept), moment) for kept in (None, KeptFits(tmp_path)))
    assert plain.rows.tolist() == kept.rows.tolist()
    np.testing.assert_array_equal(plain.matrix, kept.matrix)
