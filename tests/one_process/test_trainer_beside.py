"""The trainer that `recommndr serve` runs as a child."""

from pathlib import Path

import httpx

from recommndr_native.ports import free_port
from recommndr_one_process.trainer import trainer_beside
from tests.patience import PATIENCE_S, eventually


def lives(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE_S).status_code == 200
    except httpx.TransportError:
        return False


def test_a_trainer_that_dies_is_begun_again_and_it_ends_with_the_process(tmp_path: Path) -> None:
    (tmp_path / "tenants.yaml").write_text("tenants: {bakery: {}}")
    port = free_port()
    with trainer_beside(tmp_path, "0 3 * * *", port) as child:
        eventually(lambda: lives(port), "the trainer lives")
        assert "recommndr_trainer_heartbeat_seconds" in httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S).text
        child.kill()
        assert not lives(port)
        eventually(lambda: lives(port), "the trainer lives again")
    assert not lives(port)
