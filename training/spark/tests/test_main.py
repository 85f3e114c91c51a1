import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommndr_lake_writer.aggregate_files import read_aggregate
from recommndr_spark.main import main


def test_one_command_aggregates_the_tenants_asked_for(lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([*options(lake, tmp_path), "--tenant", "shop", "--tenant", "007", "--until", "2026-03-03", "--memory-gb", "1"])
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["007", "shop"]
    assert not told["shop"]["als"]
    assert "users with two items or more of 100" in told["shop"]["why_no_als"]
    found = read_aggregate(tmp_path / "out", "shop").aggregate
    assert found.pairs.num_rows > 0
    assert found.as_of == datetime(2026, 3, 3, tzinfo=UTC)
    assert {path.name for path in (tmp_path / "out" / "pairs").glob("tenant=*")} == {"tenant=shop", "tenant=007"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tenant", "nobody"], ["no events of ['nobody']", "import or simulate"]),
        (["--lake", "/nowhere"], ["no events", "none"]),
        (["--until", "2020-01-01"], ["no events within the period", "from 2026-03-01"]),
        (["--kinds", "stare"], ["unknown kinds ['stare']"]),
        (["--half-life-days", "-1"], ["expected more than 0"]),
        (["--tenants-file", "/nowhere.yaml"], ["/nowhere.yaml"]),
    ],
)
def test_what_cannot_be_done_is_reported_before_spark_is_started(
    lake: Path, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*options(lake, tmp_path), *arguments])
    assert all(word in str(ended.value) for word in words), ended.value
    assert not (tmp_path / "out").exists()


def options(lake: Path, folder: Path) -> list[str]:
    (folder / "tenants.yaml").write_text("tenants: {shop: {}}")
    return ["aggregate", "--lake", str(lake), "--out", str(folder / "out"), "--tenants-file", str(folder / "tenants.yaml")]
