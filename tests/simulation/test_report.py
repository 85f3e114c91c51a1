"""The report command reads any tenant's lake, and a simulated shop looks like the real ones it was made after."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner, Result

from recommndr_lake_writer.lake import read_events
from recommndr_simulation import fidelity
from recommndr_simulation.report import all_figures, read_shop
from recommndr_simulation.world import World
from recommndr_training.cli import app
from tests.importing.shop import START_S, imported, log, row

# Of twenty thousand events some two hundred are purchases, and the shop is open for two months only.
_NOISY = ("order", "days_", "purchase", "repeated", "price", "hours_off", "weekdays_off", "last_week", "top_1_percent")
_NOISY += ("first_purchase_after_14_days",)


@pytest.fixture(autouse=True, scope="module")
def _in_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("shop")
    (directory / "tenants.yaml").write_text("tenants: {}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        simulated = run("simulate", "--profile", "tiny", "--lake", "lake", "--processes", "1")
        assert simulated.exit_code == 0, simulated.output
        summary = json.loads(simulated.stdout.splitlines()[-1])
        assert summary["users"] > 1_900
        assert World.load(directory / summary["truth"]).profile.name == "tiny"
        yield directory


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_report_has_every_figure_and_the_pictures() -> None:
    outcome = run("report", "--tenant", "boutique", "--lake", "lake", "--out", "report", "--against", "real")
    assert outcome.exit_code == 0, outcome.output
    text = Path("report/report.md").read_text()
    assert all(one.what in text for one in fidelity.ROWS)
    assert all((Path("report") / picture).stat().st_size > 10_000 for picture in ("times.png", "tails.png"))


def test_a_report_of_a_tenant_alone_compares_with_no_other() -> None:
    run("report", "--tenant", "boutique", "--lake", "lake", "--out", "alone")
    assert "RetailRocket" not in Path("alone/report.md").read_text()


def test_a_tenant_without_events_gets_a_message() -> None:
    outcome = run("report", "--tenant", "nobody", "--lake", "lake")
    assert outcome.exit_code == 1
    assert "nothing to report on" in outcome.output


def test_a_second_simulation_into_the_same_lake_says_how_to_replace_the_first() -> None:
    outcome = run("simulate", "--profile", "tiny", "--lake", "lake")
    assert outcome.exit_code == 1
    assert "--replace" in outcome.output


def test_events_of_an_imported_log_are_counted_whatever_their_lines_are_called(tmp_path: Path) -> None:
    ordered = [row(kind="buy", order="o1", item=item) for item in ("i1", "i2", "i3")]
    imported(tmp_path, log(*ordered, row(kind="buy", order="o2", at=START_S + 60), row(at=START_S + 90)))
    assert 0 not in read_events(tmp_path / "lake", "boutique").filter(pc.field("kind") == "purchase")["line_no"].to_pylist()
    shop = read_shop(tmp_path / "lake", "boutique")
    assert (shop.n_events, shop.n_shown, len(shop)) == (3, 0, 5)


def test_an_unknown_profile_and_too_few_events_are_refused_with_what_is_expected() -> None:
    assert "tiny, small, full" in run("simulate", "--profile", "huge", "--lake", "lake").output
    assert "at least 2000" in run("simulate", "--events", "10", "--lake", "lake").output


def test_the_tiny_shop_lies_within_the_range_of_real_ones_or_near_it() -> None:
    found = all_figures(read_shop(Path("lake"), "boutique"))
    checked = [one for one in fidelity.ROWS if not one.name.startswith(_NOISY)]
    far = {one.name: (found[one.name], one.real) for one in checked if abs(one.off(found[one.name])) > 0.5}
    assert len(checked) > 25
    assert not far
    assert found["hours_off"] < 2
    assert found["weekdays_off"] < 2
