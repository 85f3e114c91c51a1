"""Keys that are added, replaced or revoked while a collector runs."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommndr.settings import Settings, load
from recommndr.shopper_token import TokenKeys, TokenSigner, jwks
from recommndr.tenancy import Tenants
from recommndr.watched_file import WatchedFile
from recommndr_collector import main
from tests.credentials import accepts, replace, with_keys
from tests.patience import eventually
from tests.recommndr.tokens import private_key

OLD, NEW = TokenSigner(private_key()), TokenSigner(private_key("second"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A collector's, whose broker is away: keys do not wait for it."""
    (tmp_path / "tenants.yaml").write_text(with_keys("rk_grocer_old"))
    (tmp_path / "jwks.json").write_text(jwks([OLD.jwk]))
    (tmp_path / "token_key").write_text(private_key())
    (tmp_path / "attribution").write_text("k1 " + "o" * 32)
    return load(
        {
            "RECOMMNDR_STATE_DIR": str(tmp_path),
            "RECOMMNDR_KAFKA_BOOTSTRAP": "127.0.0.1:9",
            "RECOMMNDR_KEYS_POLL_S": "0.05",
            "RECOMMNDR_TENANTS_FILE": str(tmp_path / "tenants.yaml"),
            "RECOMMNDR_JWKS_FILE": str(tmp_path / "jwks.json"),
            "RECOMMNDR_TOKEN_KEY_FILE": str(tmp_path / "token_key"),
            "RECOMMNDR_ATTRIBUTION_KEY_FILE": str(tmp_path / "attribution"),
        }
    )


async def never_connected(_log: object, _settings: Settings) -> None:
    await asyncio.Event().wait()


async def test_a_running_collector_follows_all_its_keys(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "_connect", never_connected)  # kafka-python leaves sockets open where no broker is
    tenants_file = WatchedFile(settings.tenants_file, Tenants.from_yaml)
    async with main._open_gate(settings, tenants_file) as gate:

        def accepted(credential: str) -> bool:
            return accepts(gate.credentials, credential, "events")

        def signing() -> str | None:
            signer = gate.token_signer()
            return None if signer is None else signer.key_id

        old_token, new_token = (signer.issue("grocer", "anna", datetime.now(UTC))[0] for signer in (OLD, NEW))
        assert [accepted(key) for key in ("rk_grocer_old", "rk_grocer_new", old_token, new_token)] == [True, False, True, False]
        replace(tmp_path / "tenants.yaml", with_keys("rk_grocer_new"))
        replace(tmp_path / "jwks.json", TokenKeys({"keys": [NEW.jwk]}).jwks)
        replace(tmp_path / "token_key", private_key("second"))
        replace(tmp_path / "attribution", "k2 " + "n" * 32 + "\nk1 " + "o" * 32)
        for what, holds in {
            "the new server key is good": lambda: accepted("rk_grocer_new"),
            "the old server key is not": lambda: not accepted("rk_grocer_old"),
            "tokens of the new key are good": lambda: accepted(new_token),
            "tokens of the old key are not": lambda: not accepted(old_token),
            "the new key signs tokens": lambda: signing() == NEW.key_id,
            "both attribution keys are accepted": lambda: set(gate.attribution_keys()) == {"k1", "k2"},
        }.items():
            await asyncio.to_thread(eventually, holds, what, every_s=0.02)
