"""Keys that are added, replaced or revoked while a slot runs."""

import asyncio
from pathlib import Path

from recommndr.settings import load
from recommndr.shopper_token import TokenSigner, jwks
from recommndr_serving.main import open_slot
from tests.credentials import accepts, replace, with_keys
from tests.patience import eventually
from tests.recommndr.tokens import private_key


async def test_a_running_slot_follows_all_its_keys(tmp_path: Path) -> None:
    (tmp_path / "tenants.yaml").write_text(with_keys("rk_grocer_old"))
    (tmp_path / "jwks.json").write_text(jwks([]))
    (tmp_path / "attribution").write_text("k1 " + "o" * 32)
    away = {"RECOMMNDR_KAFKA_BOOTSTRAP": "127.0.0.1:9", "RECOMMNDR_REDIS_URL": "redis://127.0.0.1:9"}
    settings = load(
        away
        | {
            "RECOMMNDR_STATE_DIR": str(tmp_path),
            "RECOMMNDR_KEYS_POLL_S": "0.05",
            "RECOMMNDR_TENANTS_FILE": str(tmp_path / "tenants.yaml"),
            "RECOMMNDR_JWKS_FILE": str(tmp_path / "jwks.json"),
            "RECOMMNDR_ATTRIBUTION_KEY_FILE": str(tmp_path / "attribution"),
        }
    )
    async with open_slot("blue", settings) as slot:

        def accepted(credential: str) -> bool:
            return accepts(slot.credentials, credential, "read")

        assert [accepted("rk_grocer_old"), accepted("rk_grocer_new")] == [True, False]
        replace(tmp_path / "tenants.yaml", with_keys("rk_grocer_new"))
        replace(tmp_path / "jwks.json", jwks([TokenSigner(private_key()).jwk]))
        replace(tmp_path / "attribution", "k2 " + "n" * 32 + "\nk1 " + "o" * 32)
        for what, holds in {
            "the new server key is good": lambda: accepted("rk_grocer_new"),
            "the old server key is not": lambda: not accepted("rk_grocer_old"),
            "the token key is known": lambda: len(slot.credentials.token_keys()) == 1,
            "the new attribution key signs": lambda: list(slot.signer.keys().by_id) == ["k2", "k1"],
        }.items():
            await asyncio.to_thread(eventually, holds, what, every_s=0.02)
