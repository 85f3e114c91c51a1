import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from recommndr.attribution_keys import AttributionKeys
from recommndr.shopper_token import TokenKeys, TokenSigner
from recommndr_training import stage_files
from recommndr_training.cli import app
from recommndr_training.dvc_run import PipelineFailed, reproduce, stage_times
from recommndr_training.shipping import seed, shipped
from tests.training.orders import CUT_S, DAY_S, Order, table
from tests.training.replayed import advanced

PARAMS = """
datasets:
  grocer: {currency: USD, since: "2017-01-01T00:00:00Z", until: "2018-01-02T00:00:00Z", gate_cut: "2017-12-18T00:00:00Z"}
profiles: {tiny: {tenant: grocer, prepare: {households: 1, catalogue: bought}}}
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "params.yaml").write_text(PARAMS)
    (tmp_path / "tenants.yaml").write_text("tenants: {grocer: {}}")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("RECOMMNDR_")]:
        monkeypatch.delenv(name)
    yield


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def seed_file() -> None:
    orders = [Order("o1", "u1", CUT_S - DAY_S, ("i1", "i2"))]
    seed.write(advanced(table(orders), CUT_S), seed.seed_path("tiny"))
    stage_files.save_json(Path("var/tiny") / shipped.UNTIL, {"until_s": CUT_S})


def test_help_names_every_command() -> None:
    outcome = run("--help")
    assert outcome.exit_code == 0
    assert all(command in outcome.stdout for command in ("train", "register", "seed", "key", "dataset", "replay"))


def test_a_new_token_key_joins_the_keys_that_are_accepted_already() -> None:
    for name in ("old.pem", "new.pem"):
        assert run("token-key", "--key", name, "--jwks", "jwks.json").exit_code == 0
    accepted = TokenKeys.from_json(Path("jwks.json").read_text())
    for name in ("old.pem", "new.pem"):
        signer = TokenSigner(Path(name).read_text())
        assert signer.key_id in accepted
        assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600
    before = Path("new.pem").read_text(), Path("jwks.json").read_text()
    assert run("token-key", "--key", "new.pem", "--jwks", "jwks.json").exit_code == 1
    assert (Path("new.pem").read_text(), Path("jwks.json").read_text()) == before


def test_a_token_key_is_replaced_and_the_old_one_retired() -> None:
    made = ("token-key", "--key", "key.pem", "--jwks", "jwks.json")
    assert run(*made).exit_code == 0
    old = TokenSigner(Path("key.pem").read_text()).key_id
    assert run(*made, "--rotate", "--pause-s", "0").exit_code == 0
    new = TokenSigner(Path("key.pem").read_text()).key_id
    both = TokenKeys.from_json(Path("jwks.json").read_text())
    assert old != new and old in both and new in both
    assert run(*made, "--retire", old).exit_code == 0
    left = TokenKeys.from_json(Path("jwks.json").read_text())
    assert old not in left and new in left
    assert run(*made, "--retire", old).exit_code == 1


def test_an_attribution_key_is_replaced_and_the_old_one_accepted_still() -> None:
    file = Path("attribution")
    file.write_text("o" * 32)
    assert run("attribution-key", "--file", str(file), "--pause-s", "0").exit_code == 0
    keys = AttributionKeys.from_text(file.read_text(), "k1")
    assert keys.signing is not None and keys.signing[0] != "k1"
    assert keys.by_id["k1"] == b"o" * 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.signing[1].decode() not in Path("var/audit/audit.jsonl").read_text()


def test_seed_without_publish_says_what_it_would_do() -> None:
    seed_file()
    plan = yaml.safe_load(run("seed", "--profile", "tiny").stdout)
    weeks = (datetime.now(UTC) - datetime(2017, 12, 18, tzinfo=UTC)).days // 7
    assert plan == {"tenant": "grocer", "seeds": 3, "shift_weeks": weeks, "published": False}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("seed", "--profile", "tiny"), "train the profile first"),
        (("train", "--profile", "huge"), "no profile 'huge': expected one of tiny"),
        (("register", "--profile", "tiny"), "manifest.json: missing in bundle"),
    ],
)
def test_an_error_says_cause_and_remedy_without_a_traceback(arguments: tuple[str, ...], said: str) -> None:
    outcome = run(*arguments)
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("error: ")
    assert said in outcome.stderr


def test_a_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOMMNDR_MLFLOW_URL", "x")
    outcome = run("register", "--profile", "tiny")
    assert "RECOMMNDR_MLFLOW_URL: no such setting" in outcome.stderr


def test_outside_the_repository_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").unlink()
    assert "run from the root of the repository" in run("train").stderr


def test_publishing_without_a_broker_says_where_it_looked() -> None:
    seed_file()
    # In a process of its own: kafka-python leaves sockets behind where there is no broker.
    done = subprocess.run(
        [sys.executable, "-m", "recommndr_training.cli", "seed", "--profile", "tiny", "--publish"],
        env=os.environ | {"RECOMMNDR_KAFKA_BOOTSTRAP": "127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no Kafka at 127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_stages_are_reported_with_their_times_and_unchanged_ones_as_such() -> None:
    clock = iter([1.0, 4.0, 4.0, 9.0])
    output = [
        "Stage 'prepare@tiny' didn't change, skipping\n",
        "Running stage 'validate@tiny':\n",
        "> python -m recommndr_training.data.validate\n",
        "Running stage 'split@tiny':\n",
    ]
    assert list(stage_times(output, lambda: next(clock))) == [
        ("prepare@tiny (unchanged)", 0.0),
        ("validate@tiny", 3.0),
        ("split@tiny", 5.0),
    ]


def _pipeline(root: Path, command: str) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / ".dvc").mkdir()
    (root / ".dvc" / "config").write_text("[core]\n    analytics = false\n")
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"one": {"cmd": command, "outs": ["out.txt"]}}}))


def test_the_pipeline_runs_what_changed_with_the_interpreter_that_asked(tmp_path: Path) -> None:
    _pipeline(tmp_path, 'python -c \'import sys; open("out.txt", "w").write(sys.prefix)\'')
    assert [stage for stage, _ in reproduce("one", root=tmp_path)] == ["one"]
    assert (tmp_path / "out.txt").read_text() == sys.prefix
    assert [stage for stage, _ in reproduce("one", root=tmp_path)] == ["one (unchanged)"]
    assert [stage for stage, _ in reproduce("one", force=True, root=tmp_path)] == ["one"]


def test_a_failed_stage_fails_the_run_with_its_last_words(tmp_path: Path) -> None:
    _pipeline(tmp_path, "python -c 'raise SystemExit(\"lines: row 7 is broken\")'")
    with pytest.raises(PipelineFailed, match="lines: row 7 is broken"):
        list(reproduce("one", root=tmp_path))
