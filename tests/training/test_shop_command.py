"""`recommndr shop add --dry-run`: what it prints, asks and writes."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recommndr_importing import mapping as mapping_module
from recommndr_training.cli import app
from tests.training.exports import EVERY, named


def added(*words: str | Path, answers: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["shop", "add", "myshop", "--dry-run", *map(str, words)], input=answers)
    return done.exit_code, done.output


def copied(folder: Path, name: str) -> Path:
    return Path(shutil.copy(named(name).events, folder))


def test_the_mapping_lies_beside_the_files_and_can_be_read(tmp_path: Path) -> None:
    log = copied(tmp_path, "woocommerce")
    status, said = added("--events", log, "--yes")
    written = mapping_module.load(str(tmp_path / "myshop.mapping.yaml"))
    assert status == 0
    assert written.events.user_id.column == ("Email (Billing)",)
    assert "1 of them no events" in said and "not_bought: 1" in said


def test_a_corrected_mapping_is_read_and_not_written_again(tmp_path: Path) -> None:
    log = copied(tmp_path, "woocommerce")
    added("--events", log, "--yes")
    path = tmp_path / "myshop.mapping.yaml"
    path.write_text(corrected := path.read_text().replace("item_id: SKU", "item_id: Item Name"))
    status, said = added("--events", log, "--yes")
    assert status == 0 and "Tee, blue" in said
    assert path.read_text() == corrected


def test_zone_and_currency_can_be_given(tmp_path: Path) -> None:
    log = copied(tmp_path, "online_retail")
    status, _ = added("--events", log, "--yes", "--zone", "Europe/London", "--currency", "GBP")
    events = mapping_module.load(str(tmp_path / "myshop.mapping.yaml")).events
    assert status == 0
    assert events.time.zone == "Europe/London"
    assert events.price is not None and events.price.currency.constant == "GBP"


def test_it_asks_what_the_files_do_not_tell(tmp_path: Path) -> None:
    log = copied(tmp_path, "online_retail")
    status, said = added("--events", log, answers="Europe/London\nGBP\n")
    events = mapping_module.load(str(tmp_path / "myshop.mapping.yaml")).events
    assert status == 0 and "In which currency" in said
    assert events.time.zone == "Europe/London"


def test_without_answers_a_missing_column_is_named_with_the_line_that_cures_it(tmp_path: Path) -> None:
    log = tmp_path / "orders.csv"
    log.write_text("order_id,sku,price,created_at\n1,a,2.5,2024-03-01 10:00\n2,b,3.5,2024-03-14 11:00\n")
    status, said = added("--events", log, "--yes")
    assert status == 1
    assert "Which column says who the shopper is?" in said
    assert "The file has order_id, sku, price, created_at" in said
    assert "`user_id: ANSWER` under `events:` in" in said
    path = tmp_path / "myshop.mapping.yaml"
    assert "# user_id: ANSWER" in path.read_text()
    path.write_text(path.read_text().replace("# user_id: ANSWER", "user_id: order_id"))
    assert added("--events", log, "--yes")[0] == 0


def test_a_column_that_a_person_names_is_taken(tmp_path: Path) -> None:
    log = tmp_path / "orders.csv"
    log.write_text("who,sku,knows,created_at\nx,a,p,2024-03-01T10:00Z\ny,b,q,2024-03-14T11:00Z\n")
    status, said = added("--events", log, answers="who\npurchase\n")
    assert status == 0
    assert mapping_module.load(str(tmp_path / "myshop.mapping.yaml")).events.user_id.column == ("who",)
    assert "one of: knows, who" in said or "one of: who, knows" in said


def test_a_file_that_is_no_table_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "log.xlsx").write_bytes(b"PK\x03\x04 rest")
    (tmp_path / "empty.csv").write_text("user,item,time\n")
    for name, cause in (("log.xlsx", "workbook"), ("empty.csv", "no row can be read"), ("none.csv", "no such file")):
        status, said = added("--events", tmp_path / name, "--yes")
        assert status == 1 and cause in said


def test_a_folder_of_daily_files_is_one_log(tmp_path: Path) -> None:
    for day in (1, 14):
        (tmp_path / f"2024-03-{day:02}.csv").write_text(f"user,item,event,time\nu{day},i,view,2024-03-{day:02}T10:00:00Z\n")
    status, said = added("--events", tmp_path, "--yes")
    assert status == 0 and "2024-03-01.csv and 1 more" in said


ODD = {
    "one shopper": "user,item,event,time\nu,a,view,2024-03-01T10:00:00Z\nu,b,view,2024-03-14T10:00:00Z\n",
    "one item": "user,item,event,time\nu,a,view,2024-03-01T10:00:00Z\nv,a,view,2024-03-14T10:00:00Z\n",
    "one row": "user,item,event,time\nu,a,buy,2024-03-01T10:00:00Z\n",
    "no kinds, no prices, no categories": "customer;sku;order_id;date\n1;2;3;01.03.2024\n2;2;4;14.03.2024\n",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_shops_are_understood(text: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(text)
    status, said = added("--events", tmp_path / "log.csv", "--yes")
    assert status == 0, said
    assert " 0 of them no events" in said


@pytest.mark.parametrize("export", EVERY, ids=lambda export: export.name)
def test_every_shape_is_shown(export: object, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(export.folder, tmp_path / "files"))  # type: ignore[attr-defined]
    events = folder / export.events.name  # type: ignore[attr-defined]
    assert added("--events", events, "--yes")[0] == 0
