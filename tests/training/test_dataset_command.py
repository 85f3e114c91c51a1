import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scipy import sparse
from typer.testing import CliRunner, Result

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.aggregate import Weighing, aggregate
from recommndr_lake_writer.aggregate_files import pairs_dir, tenants_file
from recommndr_lake_writer.delta import EventsTable
from recommndr_training.cli import app
from tests.lake_writer.lines import Said, lines

TENANTS = "tenants: {shop: {weights: {purchase: 7.0}}}"
SAID = (
    Said("u1", "i1", "purchase", 0),
    Said("u1", "i1", "dislike", 1),
    Said("u1", "i2", "view", 30),
    Said("u2", "i1", "view", 31),
    Said("u2", "i2", "view", 60),
    Said("u3", "i2", "impression", 61),
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tenants.yaml").write_text(TENANTS)
    for name in [name for name in os.environ if name.startswith("RECOMMNDR_")]:
        monkeypatch.delenv(name)


def run(*arguments: str, said: Sequence[Said] = SAID) -> Result:
    if said:
        EventsTable(Path("lake")).append(lines(said), {})
    return CliRunner().invoke(app, ["dataset", "--tenant", "shop", "--lake", "lake", "--out", "out", *arguments])


def matrix(name: str) -> list[list[float]]:
    found: list[list[float]] = sparse.load_npz(f"out/{name}.npz").toarray().tolist()
    return found


def test_a_lake_becomes_two_matrices_by_the_tenants_weights() -> None:
    outcome = run()
    assert outcome.exit_code == 0, outcome.stderr
    assert (matrix("positive"), matrix("negative")) == ([[7, 1], [1, 1]], [[1, 0], [0, 0]])
    summary = json.loads(Path("out/summary.json").read_text())
    assert summary == json.loads(outcome.stdout)
    assert summary["n_lines_by_kind"] == {"dislike": 1, "purchase": 1, "view": 3}
    assert (summary["n_users"], summary["n_items"], summary["density"], summary["weights"]["purchase"]) == (2, 2, 1.0, 7.0)
    assert (summary["first_at"], summary["as_of"]) == ("2026-03-01T12:00:00+00:00", "2026-03-04T00:00:00+00:00")


def test_period_kinds_and_half_life_are_what_was_asked() -> None:
    more = [Said(user, item, "view", hour) for user in ("u1", "u2") for item in ("i1", "i2") for hour in (200, 900)]
    outcome = run(
        "--kinds", "view", "--since", "2026-03-09", "--until", "2026-03-10T20:00:00Z", "--half-life-days", "1", said=more
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert matrix("positive") == [[0.5, 0.5], [0.5, 0.5]]
    assert json.loads(outcome.stdout)["until"] == "2026-03-10T20:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tenant", "bakery"], ["no interactions", "'bakery'", "lake, which has shop", "import", "--lake"]),
        (["--lake", "elsewhere"], ["no interactions", "none of any tenant"]),
        (["--until", "2020-01-01"], ["no interactions", "from 2026-03-01 to 2026-03-04", "longer period"]),
        (["--kinds", "favorite"], ["no interactions", "(favorite)", "more kinds"]),
        (["--min-interactions", "3"], ["too sparse", "4 pairs of 2 users", "Lower --min-interactions"]),
        (["--kinds", "purchase"], ["too sparse", "1 users, 1 items", "more kinds"]),
        (["--kinds", "stare"], ["unknown kinds ['stare']"]),
        (["--half-life-days", "0"], ["expected more than 0"]),
        (["--since", "yesterday"], ["--since 'yesterday'", "2026-03-01"]),
        (["--tenant", "The Shop"], ["expected 1-32 characters"]),
    ],
)
def test_what_cannot_be_done_is_reported_with_cause_and_remedy(arguments: list[str], words: list[str]) -> None:
    outcome = run(*arguments)
    assert outcome.exit_code == 1
    assert all(word in outcome.stderr for word in words), outcome.stderr
    assert not Path("out").exists()


def test_what_spark_summed_makes_the_same_matrices_as_the_lake() -> None:
    assert run("--half-life-days", "2").exit_code == 0
    weighing = Weighing.from_policy(TenantPolicy(weights={"purchase": 7.0}), None, 2.0)
    summed = aggregate([lines(SAID)], weighing)
    pairs_dir(Path("summed"), "shop").mkdir(parents=True)
    half = summed.pairs.num_rows // 2
    for number, part in enumerate((summed.pairs.slice(half), summed.pairs.slice(0, half))):  # tasks end in any order
        pq.write_table(part, pairs_dir(Path("summed"), "shop") / f"part-{number}.parquet")
    told = {
        "interest": asdict(weighing.interest),
        "weights": dict(weighing.weights),
        "half_life_days": 2.0,
        "since": None,
        "until": None,
        "n_lines_by_kind": summed.n_lines_by_kind,
        "first_at": str(summed.first_at),
        "as_of": str(summed.as_of),
    }
    tenants_file(Path("summed")).write_text(json.dumps({"shop": told}))
    outcome = CliRunner().invoke(app, ["dataset", "--tenant", "shop", "--aggregated", "summed", "--out", "again"])
    assert outcome.exit_code == 0, outcome.stderr
    for path in Path("out").iterdir():
        assert (Path("again") / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tenant", "shop"], ["no aggregate of tenant 'shop'", "aggregate it first"]),
        (["--tenant", "shop", "--kinds", "view"], ["options of `recommndr-spark aggregate`"]),
    ],
)
def test_what_spark_did_not_sum_is_not_made_up(arguments: list[str], words: list[str]) -> None:
    outcome = CliRunner().invoke(app, ["dataset", *arguments, "--aggregated", "summed", "--out", "out"])
    assert outcome.exit_code == 1
    assert all(word in outcome.stderr for word in words), outcome.stderr
