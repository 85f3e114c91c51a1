import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from recommndr_lake_writer.lake import read_events
from recommndr_training.cli import app
from tests.importing.shop import MAPPING, START_S, log, row


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("RECOMMNDR_")]:
        monkeypatch.delenv(name)
    Path("shop.yaml").write_text(MAPPING)
    pq.write_table(log(row(), row(item="i2"), row(kind="shrug")), "log.parquet")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments, "--tenant", "boutique"])


def test_a_summary_counts_rows_events_and_rejects_by_reason() -> None:
    outcome = run("log.parquet", "--mapping", "shop.yaml")
    assert outcome.exit_code == 0
    told = dict(line.rsplit(maxsplit=1) for line in outcome.stdout.splitlines() if line)
    found = {name.strip(): told[name] for name in told}
    expected = {"rows read": "3", "rows accepted": "2", "kind_unknown": "1", "events written": "2", "lines written": "2"}
    assert expected.items() <= found.items()
    assert Path("var/lake/rejects/boutique-1.parquet").is_file()
    assert read_events(Path("var/lake"), "boutique").num_rows == 2


def test_weights_are_those_of_the_tenants_policy_and_its_own_kinds_are_known() -> None:
    Path("tenants.yaml").write_text("tenants: {boutique: {own_kinds: [shrug], weights: {view: 0.5, shrug: -2}}}")
    Path("shop.yaml").write_text(MAPPING.replace("see: view", "see: view, shrug: shrug"))
    assert run("log.parquet", "--mapping", "shop.yaml", "--lake", "lake").exit_code == 0
    assert sorted(read_events(Path("lake"), "boutique")["weight"].to_pylist()) == [-2.0, 0.5, 0.5]


def test_a_mended_mapping_is_imported_in_the_place_of_the_one_before() -> None:
    assert run("log.parquet", "--mapping", "shop.yaml").exit_code == 0
    Path("shop.yaml").write_text(MAPPING.replace("currency: EUR", "currency: JPY, decimals: 0"))
    assert run("log.parquet", "--mapping", "shop.yaml", "--replace").exit_code == 0
    assert read_events(Path("var/lake"), "boutique")["currency"].to_pylist() == ["JPY", "JPY"]


def test_a_dry_run_shows_the_first_rejects() -> None:
    outcome = run("log.parquet", "--mapping", "shop.yaml", "--dry-run")
    assert "log.parquet row 3: kind_unknown: user 'u1', item 'i1', kind 'shrug'" in outcome.stdout
    assert not Path("var").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv", "--mapping", "shop.yaml"], "missing.csv: no such file"),
        (["log.parquet", "--mapping", "etsy"], "no mapping 'etsy': expected a path, or the name of a shipped one: gorse, "),
        (["log.parquet", "--mapping", "gorse"], "events.user_id: no column 'UserId': the file has user, item, kind, at"),
        (["--mapping", "shop.yaml"], "nothing to import"),
        (["log.parquet", "--mapping", "shop.yaml", "--items", "log.parquet"], "the mapping needs a section 'items'"),
        (["log.parquet", "--mapping", "shop.yaml", "--max-rejects", "0.1"], "1 of 3 rows rejected (33%), at most 10% allowed"),
        (["log.parquet", "--mapping", "shop.yaml", "--now", "2001-01-01"], "time_in_the_future 2"),
        (["lists.parquet", "--mapping", "shop.yaml"], "expected text or numbers, one value per row"),
        (["log.parquet", "--mapping", "sung.yaml"], "events.kind ['sing']: expected some of ['view', 'click'"),
    ],
)
def test_an_error_is_one_message_with_cause_and_remedy_and_exit_status_1(arguments: list[str], said: str) -> None:
    pq.write_table(log(row()).set_column(0, "user", pa.array([["u1"]])), "lists.parquet")
    Path("sung.yaml").write_text(MAPPING.replace("see: view", "see: sing"))
    outcome = run(*arguments)
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("error: ") or "\nerror: " in outcome.stderr
    assert said in outcome.stderr
    assert read_events(Path("var/lake"), "boutique").num_rows == 0


HEADER = "user,item,kind,at,quantity,price"


@pytest.mark.parametrize(
    ("rows", "n_lines", "said"),
    [
        ([f"u{n % 40},i{n % 30},{('see', 'buy')[n % 5 == 0]},{START_S + n},1,2.5" for n in range(300)], 300, "300"),
        ([f"only,i{n},see,{START_S + n},1,2.5" for n in range(20)], 20, "20"),
        ([f"u{n},i{n},see,{START_S + n},," for n in range(20)], 20, "20"),
        (["None,i1,see,1700000000,,", "5.01235E+12,i1,see,1700000000,,"], 2, "user_id looks damaged in 2 rows, such as 'None'"),
        (["u1,i1,buy,1700000000,0.35,12.00", "u1,i1,buy,1700000000,1,1"], 1, "quantity is a fraction in 1 rows"),
    ],
)
def test_odd_shops_are_imported_and_what_to_look_at_is_said(rows: list[str], n_lines: int, said: str) -> None:
    Path("log.csv").write_text("\n".join([HEADER, *rows]))
    outcome = run("log.csv", "--mapping", "shop.yaml")
    assert outcome.exit_code == 0
    assert said in outcome.stdout
    assert read_events(Path("var/lake"), "boutique").num_rows == n_lines


def test_goods_by_weight_are_one_piece_at_the_price_of_all_of_it() -> None:
    Path("log.csv").write_text(f'{HEADER}\nu1,i1,buy,1700000000,"0,35","12,00"\nu1,i2,buy,1700000000,3,"1,50"\n')
    text = MAPPING.replace("{column: quantity, optional: true}", "{column: quantity, fractional: true}")
    Path("shop.yaml").write_text(text + '  file: {decimal: ","}\n')
    assert run("log.csv", "--mapping", "shop.yaml").exit_code == 0
    stored = read_events(Path("var/lake"), "boutique").sort_by("item_id").select(["quantity", "price_minor"]).to_pylist()
    assert [tuple(line.values()) for line in stored] == [(1, 420), (3, 150)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "log.csv: the file is empty: expected a header"), (HEADER + "\n", "the files have no rows")],
)
def test_a_file_without_rows_is_an_error_in_one_line(text: str, said: str) -> None:
    Path("log.csv").write_text(text)
    outcome = run("log.csv", "--mapping", "shop.yaml")
    (line,) = [line for line in outcome.stderr.splitlines() if line.startswith("error: ")]
    assert (outcome.exit_code, said in line, "Traceback" in outcome.output) == (1, True, False)


def test_help_has_an_example() -> None:
    assert "recommndr import events.csv --items items.csv" in " ".join(
        CliRunner().invoke(app, ["import", "--help"]).stdout.split()
    )


def test_now_is_utc() -> None:
    at = "2023-11-14T22:13:20"  # START_S
    assert START_S == 1_700_000_000
    assert run("log.parquet", "--mapping", "shop.yaml", "--now", at).exit_code == 0
