"""Measures the answers of a slot: latency, answers a second, processor time and memory, beside the floor of the same run.

Starts an installation of its own (all processes of the Procfile, on free ports), puts a trained profile live in both slots, and
asks /recommend, /similar_items and /popular: directly at one slot and through Envoy, in closed loops of 1, 4 and 16 clients and
in open loops at fixed rates. The floor is the ranker, an exact search and one read of a row, called in a loop; it is measured
before, between and after the rounds, so noise of the machine is in both. Clients run on the same machine. A profile that is not
trained yet is trained first.

A peer is measured between our rounds: --peer-url http://127.0.0.1:8088 --peer-path "/api/recommend/{user}?n=10".
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import redis
from rich.console import Console
from rich.progress import track

from recommndr.identity import TenantId, UserId, entity_key
from recommndr_engine import bundle_files
from recommndr_engine.bundle_items import ITEM_IDS_FILE, BundleItems
from recommndr_engine.candidates import MAX_CANDIDATES
from recommndr_feature_repo import shopper_redis_key
from recommndr_native.go_live import GoLive, fill_catalogue
from recommndr_native.installation import Installation, free_ports
from recommndr_native.installed import Tools
from recommndr_native.secret_files import write_for_owner_only
from recommndr_training import params
from recommndr_training.shipping.held_out import known_users
from tests.load.serving import report
from tests.load.serving.floor import Floor, FloorCalls
from tests.load.serving.rounds import Load, Meter, Round, Shop, measured

_ENDPOINTS = ("recommend", "similar_items", "popular")
_BUDGET_S = 900.0
_N_USERS, _N_ITEMS = 400, 400
_WARM_S = 3.0
_SOAK_SHARE = 0.7  # of the answers a second that 16 clients got


@dataclass(frozen=True, slots=True)
class Bench:
    """A shop that is live, and how to measure it."""

    shop: Shop
    direct: str
    envoy: str
    meter: Meter
    floor: FloorCalls
    seconds: float

    def round(self, endpoint: str, way: str, load: Load) -> Round:
        """One round."""
        url = self.direct if way == "direct" else self.envoy
        requests, spent_s = self.shop.requests(endpoint, url), self.meter.cpu_s()
        answers = asyncio.run(measured(url, requests, load, self.seconds))
        cpu_ms = (self.meter.cpu_s() - spent_s) / max(len(answers.seconds), 1) * 1e3
        return Round(endpoint, way, load, answers, cpu_ms, self.meter.rss_mb())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.load.serving", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", default="small", help="the trained profile that goes live")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each round")
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 4, 16], help="closed loops")
    parser.add_argument(
        "--rates", type=float, nargs="*", default=[20.0, 50.0], help="open loops on /recommend, requests a second"
    )
    parser.add_argument("--endpoints", nargs="*", choices=_ENDPOINTS, default=list(_ENDPOINTS))
    parser.add_argument("--soak", type=float, default=0.0, help="seconds at 70 %% of the highest rate, at the end")
    parser.add_argument("--peer-url", help="another recommender's address, measured between our rounds")
    parser.add_argument("--peer-path", default="/recommend/{user}", help="its path, with {user} for the shopper's id")
    parser.add_argument("--folder", type=Path, default=Path("var/bench"), help="for serving.json and serving.png")
    return parser.parse_args()


def main() -> None:
    """Start, measure, tell, stop."""
    asked, console = _arguments(), Console()
    if asked.profile not in params.profiles():
        raise SystemExit(f"--profile {asked.profile}: expected one of {', '.join(params.profiles())}")
    checkout = Tools.of_checkout().checkout
    write_for_owner_only()
    scratch = Path(tempfile.mkdtemp(prefix="recommndr-bench-"))  # its path is short, as supervisord's socket needs it
    installation = Installation.fresh(scratch, **free_ports())
    live = GoLive(installation, params.data(asked.profile).tenant, asked.profile, checkout, console.print)
    try:
        installation.start()
        live.train()
        bench = _bench(live, installation, asked.seconds, console)
        floors, rounds = _measure(bench, asked)
        soak = _soak(bench, rounds, asked.soak)
    finally:
        installation.stop()
    console.print(report.table(floors, rounds, soak))
    console.print(f"figures and plot: {report.save(floors, rounds, soak, asked.folder)}")
    shutil.rmtree(scratch)
    sys.exit(any(one.answers.n_failed for one in [*rounds, *soak]))


def _bench(live: GoLive, installation: Installation, seconds: float, console: Console) -> Bench:
    """Put the profile live, and warm the slot."""
    installation.bring_up(_BUDGET_S, tell=lambda name: console.print(f"ready: {name}"))
    registered = live.register()
    slot = live.release(registered).stable.slot
    live.seed()
    users = known_users(live.profile, _N_USERS)
    with closing(live.shop()) as shop:
        fill_catalogue(shop, live.items())
        live.await_answers(shop, registered["bundle_version"], users, _BUDGET_S)
    settings = installation.settings
    bundle = live.checkout / params.profile_dir(live.profile) / "bundle"
    tenant = TenantId(live.tenant)
    keys = [shopper_redis_key(entity_key(tenant, UserId(user)).decode()) for user in users]
    n_ranked = bundle_files.read_manifest(bundle).n_ranked or MAX_CANDIDATES
    bench = Bench(
        Shop(live.tenant, installation.admin_key_file(live.tenant).read_text().strip(), users, _items(bundle)),
        f"http://{settings.host}:{settings.slot_port(slot)}",
        settings.envoy_url,
        Meter([installation.pid(slot)]),
        FloorCalls(bundle, n_ranked, redis.Redis.from_url(settings.redis_login_url), keys),
        seconds,
    )
    for endpoint in _ENDPOINTS:
        warm = bench.shop.requests(endpoint, bench.direct)
        asyncio.run(measured(bench.direct, warm, Load(n_clients=4), _WARM_S))
    return bench


def _items(bundle: Path) -> list[str]:
    """Items all over the bundle."""
    ids = BundleItems.read(bundle / ITEM_IDS_FILE).ids
    return list(ids[:: max(1, len(ids) // _N_ITEMS)])


def _measure(bench: Bench, asked: argparse.Namespace) -> tuple[list[Floor], list[Round]]:
    floors, rounds = [bench.floor.measure()], []
    for endpoint, way, load in track(list(_wanted(asked)), "rounds"):
        rounds.append(bench.round(endpoint, way, load))
        floors.append(bench.floor.measure())
        if asked.peer_url and endpoint == "recommend" and way == "direct":
            rounds.append(_peer(asked.peer_url, asked.peer_path, bench.shop.user_ids, load, bench.seconds))
    return floors, rounds


def _wanted(asked: argparse.Namespace) -> Iterator[tuple[str, str, Load]]:
    for endpoint in asked.endpoints:
        for way in ("direct", "envoy"):
            for n_clients in asked.clients:
                yield endpoint, way, Load(n_clients=n_clients)
    for rate in asked.rates:
        yield "recommend", "direct", Load(per_second=rate)


def _peer(url: str, path: str, user_ids: Sequence[str], load: Load, seconds: float) -> Round:
    host = urlsplit(url).netloc
    asked = [f"GET {path.replace('{user}', quote(user))} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode() for user in user_ids]
    answers = asyncio.run(measured(url, asked, load, seconds))
    return Round("recommend", "peer", load, answers, float("nan"), float("nan"))


def _soak(bench: Bench, rounds: Sequence[Round], seconds: float) -> list[Round]:
    """Rounds of a minute at a share of the highest rate; empty without a soak."""
    if seconds <= 0.0:
        return []
    rate = _SOAK_SHARE * max(one.answers.per_second for one in rounds if (one.endpoint, one.way) == ("recommend", "direct"))
    minute = replace(bench, seconds=min(seconds, 60.0))
    n_minutes = max(1, round(seconds / minute.seconds))
    return [minute.round("recommend", "direct", Load(per_second=rate)) for _ in track(range(n_minutes), "soak")]


if __name__ == "__main__":
    main()
