"""Measures the whole native stack: events a second from the collector to Redis, lag, event to answer, CPU by hop.

Starts an installation of its own (all processes of the Procfile, on free ports, in --folder), fills it with shoppers who have
150 purchases and 60 views each, and puts loads on its edge. Under each load, probes of other shoppers measure the seconds from
an event's acknowledgement to the first answer that knows it, and Kafka is asked how far Redis is behind. A load is sustained
when it was carried as asked, this lag did not grow, and it was gone two seconds after the load. There is no trained bundle,
so answers come from the catalogue: what is measured is the stream, not the ranker.
The clients run on the same machine; their CPU is not in the table. A run takes about five minutes.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import yaml
from tqdm import tqdm

from recommndr_native.installation import Installation, free_ports
from recommndr_native.secret_files import write_for_owner_only
from tests.load.stream.cpu import Used, cpu_seconds
from tests.load.stream.edge import Address, Connection
from tests.load.stream.lag import KafkaLag, watch
from tests.load.stream.population import Population
from tests.load.stream.probes import probe
from tests.load.stream.report import Phase, save, table
from tests.load.stream.senders import Load, Sent, deliver, send

TENANT = "grocer"
_NO_LIMIT = 1_000_000
_LIMITS = ("max_events_per_s", "max_lines_per_s", "max_unknown_items")  # of one shop; the catalogue is empty
_HISTORY_PER_REQUEST = 10
_PROBES_PER_S = 5.0
_BUDGET_S = 600.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.load.stream", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shoppers", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load")
    parser.add_argument("--batches", type=float, nargs="*", default=[200, 1_000, 2_000], help="events/s in batches of --batch")
    parser.add_argument("--batch", type=int, default=100, help="events a request")
    parser.add_argument("--singles", type=float, nargs="*", default=[200, 800], help="events/s, one event a request")
    parser.add_argument("--folder", type=Path, default=Path("var/load"), help="for stream.json and stream.png")
    parser.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE", help="of the installation")
    parser.add_argument("--profile", action="append", default=[], metavar="PROCESS", help="py-spy this process in each load")
    return parser.parse_args()


def main() -> None:
    """Start, measure, tell, stop."""
    asked = _arguments()
    write_for_owner_only()
    with tempfile.TemporaryDirectory(prefix="recommndr-load-") as scratch:
        installation = Installation.fresh(Path(scratch), **free_ports(), **dict(one.split("=", 1) for one in asked.set))
        _lift_limits(installation.settings.tenants_file)
        try:
            installation.start()
            installation.bring_up(_BUDGET_S, tell=lambda name: tqdm.write(f"ready: {name}"))
            key = installation.admin_key_file(TENANT).read_text().strip()
            address = Address(installation.settings.envoy_url, TENANT, key)
            phases = asyncio.run(_measure(installation, address, asked))
        finally:
            installation.stop()
    print(table(phases))
    print(f"figures and plot: {save(phases, asked.folder)}")


def _lift_limits(tenants_file: Path) -> None:
    tenants = yaml.safe_load(tenants_file.read_text())
    tenants["tenants"][TENANT] |= dict.fromkeys(_LIMITS, _NO_LIMIT)
    tenants_file.write_text(yaml.safe_dump(tenants))


async def _measure(installation: Installation, address: Address, asked: argparse.Namespace) -> list[Phase]:
    people = Population(asked.shoppers)
    await _fill(address, people)
    with KafkaLag(installation.settings.kafka) as lag:
        bench = _Bench(installation, address, people, lag, asked)
        phases = [await _phase(bench, "probes alone", None)]
        for name, per_request, rates in (("in batches", asked.batch, asked.batches), ("one a request", 1, asked.singles)):
            for rate in rates:
                phases.append(await _phase(bench, f"{rate:.0f}/s {name}", Load(rate, per_request, asked.seconds)))
                tqdm.write(table(phases).splitlines()[len(phases)])
    return phases


async def _fill(address: Address, people: Population) -> None:
    history = list(people.history())
    connection, sent = await Connection.open(address), Sent()
    for start in tqdm(range(0, len(history), _HISTORY_PER_REQUEST), desc="history", unit="requests"):
        await deliver(connection, address, history[start : start + _HISTORY_PER_REQUEST], sent)
    await connection.close()
    waits = await probe(address, 1.0, 1.0)
    tqdm.write(f"the history of {len(people.user_ids)} shoppers is folded {waits.percentile(100):.1f} s later")


@dataclass(frozen=True, slots=True)
class _Bench:
    """What every load is measured on."""

    installation: Installation
    address: Address
    people: Population
    lag: KafkaLag
    asked: argparse.Namespace


async def _phase(bench: _Bench, name: str, load: Load | None) -> Phase:
    asked, installation = bench.asked, bench.installation
    before, began_s = cpu_seconds(installation), monotonic()
    profilers = [await _profile(installation, process, name, asked) for process in asked.profile] if load else []
    with tqdm(desc=name, total=round(asked.seconds), unit="s") as bar:
        ticking = asyncio.create_task(_tick(bar))
        sending = asyncio.create_task(send(bench.address, bench.people, load) if load else _nothing(asked.seconds))
        probing = probe(bench.address, asked.seconds, _PROBES_PER_S)
        waits, lag = await asyncio.gather(probing, watch(bench.lag.seconds, sending))
        ticking.cancel()
    for profiler in profilers:
        await profiler.wait()
    used = Used.between(before, cpu_seconds(installation), monotonic() - began_s)
    return Phase(name, load, await sending, waits, used, lag)


async def _nothing(seconds: float) -> Sent:
    await asyncio.sleep(seconds)
    return Sent(took_s=seconds)


async def _tick(bar: "tqdm[None]") -> None:
    while True:
        await asyncio.sleep(1.0)
        bar.update()


async def _profile(
    installation: Installation, process: str, name: str, asked: argparse.Namespace
) -> asyncio.subprocess.Process:
    asked.folder.mkdir(parents=True, exist_ok=True)
    output = asked.folder / f"{process}-{name.replace('/', '-').replace(' ', '-')}.txt"
    command: Sequence[str] = (
        "py-spy", "record", "--subprocesses", "--format", "raw", "--duration", f"{asked.seconds:.0f}",
        "--output", str(output), "--pid", str(installation.pid(process)),
    )  # fmt: skip
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)


if __name__ == "__main__":
    main()
