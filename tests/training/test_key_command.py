"""`recommndr key` creates, lists, rotates and revokes keys in a file that people edit, and writes the audit log."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from recommndr.tenancy import Scope, Tenants, UnknownKey
from recommndr_training.cli import app

TEXT = """# shops of this installation
tenants:
  bakery: # the first one
    target_kind: purchase # what it sells
  books: {}
"""


@pytest.fixture(autouse=True)
def tenants_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tenants.yaml"
    path.write_text(TEXT)
    path.chmod(0o600)
    monkeypatch.setenv("RECOMMNDR_TENANTS_FILE", str(path))
    monkeypatch.setenv("RECOMMNDR_AUDIT_FILE", str(tmp_path / "audit" / "audit.jsonl"))
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["key", *words])


def made(*words: str) -> tuple[str, str]:
    """A new key and its id."""
    outcome = run("create", *words)
    assert outcome.exit_code == 0, outcome.output
    lines = dict(line.split(":", 1) for line in outcome.stdout.splitlines()[:2])
    return lines["key"].strip(), lines["id"].strip()


def may(path: Path, key: str, *scopes: Scope, at: datetime | None = None) -> bool:
    try:
        Tenants.from_yaml(path.read_text()).authenticate(key, *scopes, now=at or datetime.now(UTC))
    except UnknownKey:
        return False
    return True


def audited(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "audit" / "audit.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("tenant", ["bakery", "books"])
def test_a_new_key_is_good_at_once_and_only_its_hash_is_kept(tenants_file: Path, tenant: str) -> None:
    key, _ = made("--tenant", tenant)
    assert may(tenants_file, key, "read", "events")
    assert key not in tenants_file.read_text()
    with pytest.raises(PermissionError, match="lacks scope 'catalogue'"):
        may(tenants_file, key, "catalogue")


def test_what_people_wrote_stays(tenants_file: Path) -> None:
    made("--tenant", "bakery")
    text = tenants_file.read_text()
    assert all(comment in text for comment in ("# shops of this installation", "# the first one", "# what it sells"))
    assert stat.S_IMODE(tenants_file.stat().st_mode) == 0o600


def test_a_key_may_do_more_and_may_end(tenants_file: Path) -> None:
    key, _ = made("--tenant", "bakery", "--scope", "catalogue", "--days", "2")
    assert may(tenants_file, key, "catalogue", at=datetime.now(UTC) + timedelta(days=1))
    assert not may(tenants_file, key, "catalogue", at=datetime.now(UTC) + timedelta(days=2, seconds=1))
    with pytest.raises(PermissionError, match="lacks scope 'read'"):
        may(tenants_file, key, "read")


def test_a_revoked_key_is_unknown_and_the_others_stay(tenants_file: Path) -> None:
    (kept, _), (key, key_id) = made("--tenant", "bakery"), made("--tenant", "bakery")
    assert run("revoke", key_id).exit_code == 0
    assert (may(tenants_file, key), may(tenants_file, kept)) == (False, True)


def test_a_key_and_the_one_that_replaces_it_are_good_for_an_overlap(tenants_file: Path, tmp_path: Path) -> None:
    old, key_id = made("--tenant", "books", "--scope", "catalogue", "--note", "nightly feed")
    out = tmp_path / "keys" / "books"
    outcome = run("rotate", key_id, "--overlap-hours", "1", "--out", str(out))
    assert outcome.exit_code == 0, outcome.output
    new = out.read_text().strip()
    assert new not in outcome.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    soon, later = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (59, 61))
    assert [may(tenants_file, key, "catalogue", at=soon) for key in (old, new)] == [True, True]
    assert [may(tenants_file, key, "catalogue", at=later) for key in (old, new)] == [False, True]
    assert "nightly feed" in run("list").stdout


def test_the_list_has_ids_and_no_keys(tmp_path: Path) -> None:
    (bakery, first), (books, second) = made("--tenant", "bakery"), made("--tenant", "books", "--days", "3")
    listed = run("list").stdout
    assert all(told in listed for told in (first, second, "never", "read events"))
    assert bakery not in listed and books not in listed
    assert first not in run("list", "--tenant", "books").stdout


def test_every_act_is_one_line_of_the_audit_log_that_names_no_key(tmp_path: Path) -> None:
    key, key_id = made("--tenant", "bakery")
    run("rotate", key_id)
    run("revoke", key_id)
    lines = audited(tmp_path)
    assert [line["act"] for line in lines] == ["key.create", "key.rotate", "key.revoke"]
    assert {line["tenant"] for line in lines} == {"bakery"}
    assert all(line["by"].startswith("cli:") and line["at"] for line in lines)
    assert lines[1]["replaces"] == lines[2]["key_id"] == key_id
    path = tmp_path / "audit" / "audit.jsonl"
    assert key not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("create", "--tenant", "Bad Tenant"), "1-32 characters"),
        (("create", "--tenant", "nobody"), "expected one of"),
        (("create", "--tenant", "bakery", "--scope", "everything"), "scopes"),
        (("revoke", "k0000000000"), "recommndr key list"),
        (("rotate", "k0000000000"), "recommndr key list"),
    ],
)
def test_what_cannot_be_done_changes_nothing_and_says_why(tenants_file: Path, words: tuple[str, ...], told: str) -> None:
    outcome = run(*words)
    assert outcome.exit_code == 1
    assert told in outcome.output
    assert tenants_file.read_text() == TEXT


def test_help_explains_every_command() -> None:
    assert all(command in run("--help").output for command in ("create", "list", "revoke", "rotate"))
    for command in ("create", "list", "revoke", "rotate"):
        assert run(command, "--help").exit_code == 0
