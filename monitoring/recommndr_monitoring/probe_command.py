"""`recommndr-probe`: measures by hand how long it takes until answers know that an item is sold out or back in stock."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence

import httpx

from recommndr.settings import load
from recommndr_monitoring.availability_probe import PROMISED_S, AvailabilityProbe, Clock
from recommndr_monitoring.http_shop import HttpShop
from recommndr_monitoring.source import SourceUnavailable

_TIMEOUT_S = 4.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each turn; the exit status is 1 when a slot was late, 2 when nothing could be measured."""
    settings = load(os.environ)
    parser = argparse.ArgumentParser(prog="recommndr-probe", description=__doc__)
    parser.add_argument("--tenant", default=settings.probe_tenant, help="by default RECOMMNDR_PROBE_TENANT")
    parser.add_argument("--item", default=settings.probe_item, help="an item of its own: each turn sells it out for a moment")
    parser.add_argument("--turns", type=int, default=1)
    asked = parser.parse_args(arguments)
    if not asked.tenant:
        parser.error("--tenant: name the shop of the probe's item")
    with httpx.Client(timeout=_TIMEOUT_S, trust_env=False) as client:
        try:
            probe = AvailabilityProbe(
                HttpShop.of(settings, client, asked.tenant, asked.item), Clock(time.monotonic, time.sleep)
            )
            slowest_s = max([_turn(probe) for _ in range(asked.turns)], default=0.0)
        except (SourceUnavailable, ValueError) as cause:
            print(f"error: {cause}", file=sys.stderr)
            sys.exit(2)
    sys.exit(int(slowest_s > PROMISED_S))


def _turn(probe: AvailabilityProbe) -> float:
    seconds = {slot: round(took_s, 3) for took_s, slot in ((one.value, one.labels[0]) for one in probe.samples())}
    print(json.dumps({"seconds": seconds, "promised": PROMISED_S}), flush=True)
    return max(seconds.values())
