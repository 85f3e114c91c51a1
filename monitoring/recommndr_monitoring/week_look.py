"""One look at the lake: drift of the last hour from the same hours of earlier weeks, of all shops, as JSON lines of samples.

`week_source` starts it as a process of its own every few minutes, because the libraries of the lake take more memory than all
else of the exporter: `python -m recommndr_monitoring.week_look --lake DIR --bundles DIR`.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from recommndr.drift import weeks
from recommndr.drift.mixes import MIXES, mix_drift, share
from recommndr_lake_writer import hours_of_week
from recommndr_lake_writer.hours_of_week import HOUR, HoursOfWeek
from recommndr_monitoring.source import Sample

_ITEM_IDS = "item_ids.npy"  # of a bundle
# The lake has an answer a minute after it was given.
_LATE = timedelta(minutes=2)


def main() -> None:
    """Write a line for each sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--bundles", type=Path, required=True, help="folder of a slot's copies of bundles")
    asked = parser.parse_args()
    for sample in samples(asked.lake, asked.bundles, datetime.now(UTC) - _LATE):
        print(json.dumps([sample.family, sample.value, sample.labels]))


def samples(lake_dir: Path, bundles: Path, until: datetime) -> Iterator[Sample]:
    """Of all shops with answers in the lake; raises `deltalake.exceptions.DeltaError` or `OSError`."""

    def known_items(version: str) -> pa.Array | None:
        return item_ids(bundles / version)

    for tenant in hours_of_week.tenants_with_answers(lake_dir, (until - HOUR).date()):
        hours = hours_of_week.read(lake_dir, tenant, until, known_items)
        yield from _of_columns(tenant, hours)
        yield from _of_mixes(tenant, hours)


def item_ids(bundle: Path) -> pa.Array | None:
    """Ids of the items of a bundle; None while no copy of it is here."""
    path = bundle / _ITEM_IDS
    if not path.is_file():
        return None
    ids: list[bytes] = np.load(path, allow_pickle=False).tolist()
    return pa.array([item_id.decode() for item_id in ids], pa.string())


def _of_columns(tenant: str, hours: HoursOfWeek) -> Iterator[Sample]:
    compared = weeks.weeks(hours.now, hours.earlier)
    if compared is None:
        return
    drift = weeks.drift_of(compared)
    yield Sample("recommndr_drift_week_shoppers", drift.n_shoppers, (tenant,))
    yield Sample("recommndr_drift_week_weeks", drift.n_weeks, (tenant,))
    for name in drift.psi:
        yield Sample("recommndr_drift_week_psi", drift.psi[name], (tenant, name))
        yield Sample("recommndr_drift_week_ks", drift.ks[name], (tenant, name))


def _of_mixes(tenant: str, hours: HoursOfWeek) -> Iterator[Sample]:
    for mix in MIXES:
        now, before = hours.mix_now.get(mix, {}), hours.mix_before.get(mix, {})
        drift = mix_drift(now, before)
        if drift is None:
            continue
        yield Sample("recommndr_drift_mix_psi", drift.psi, (tenant, mix))
        yield Sample("recommndr_drift_mix_shoppers", drift.n_now, (tenant, mix))
        if mix in {"unknown_shopper", "unknown_item"}:
            for when, counts in (("now", now), ("earlier", before)):
                yield Sample("recommndr_drift_unknown_ratio", share(counts, "unknown") or 0.0, (tenant, mix, when))


if __name__ == "__main__":
    main()
