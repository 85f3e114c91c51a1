"""What `recommndr drift` tells of an hour beside the same hours of earlier weeks."""

from collections.abc import Iterator

from recommndr.drift import weeks
from recommndr.drift.mixes import MIN_SHOPPERS, MIXES, mix_drift
from recommndr_lake_writer.hours_of_week import HoursOfWeek
from recommndr_training.live.drift_page import Pair, Section, column_row
from recommndr_training.live.mix_bars import mix_bars

_COLUMNS_HEAD = ("column", "PSI", "KS", "median now", "earlier", "unknown now", "earlier")
_MIXES_HEAD = ("mix", "PSI", "shoppers now", "earlier")


def sections(hours: HoursOfWeek) -> Iterator[Section]:
    """Those that there are enough shoppers for."""
    compared = weeks.weeks(hours.now, hours.earlier)
    if compared is not None:
        yield _of_columns(compared)
    if any(mix_drift(hours.mix_now.get(mix, {}), hours.mix_before.get(mix, {})) for mix in MIXES):
        yield _of_mixes(hours)


def _of_columns(compared: weeks.Weeks) -> Section:
    drift = weeks.drift_of(compared)
    values = {
        name: {"now": compared.now[:, place], "earlier": compared.before[:, place]}
        for place, name in enumerate(compared.columns)
    }
    told = (
        f"{drift.n_shoppers} shoppers of the last hour beside {len(compared.before)} of the same hours of {drift.n_weeks} "
        "earlier weeks, one candidate of each in the stable slot. Columns of retrievers are left out where versions differ."
    )
    furthest = drift.furthest
    plots = [Pair(f"{name}: PSI {drift.psi[name]:.2f}, KS {drift.ks[name]:.2f}", values[name]) for name in furthest]
    rows = [column_row(name, (drift.psi[name], drift.ks[name]), list(values[name].values())) for name in furthest]
    return Section("The last hour beside the same hours of earlier weeks", told, plots, _COLUMNS_HEAD, rows)


def _of_mixes(hours: HoursOfWeek) -> Section:
    plots, rows = [], []
    for mix in MIXES:
        now, before = hours.mix_now.get(mix, {}), hours.mix_before.get(mix, {})
        drift = mix_drift(now, before)
        name = mix.replace("_", " ")
        if drift is None:
            rows.append([name, "unknown", str(sum(now.values())), str(sum(before.values()))])
            continue
        plots.append(mix_bars(f"{name}: PSI {drift.psi:.2f}", {"now": now, "earlier": before}))
        rows.append([name, f"{drift.psi:.3f}", str(drift.n_now), str(drift.n_before)])
    told = (
        "Shoppers by country, device and what they did, those whom no event was known of, and those who did something with an "
        f"item that the bundle lacks. A mix needs {MIN_SHOPPERS} shoppers now and earlier."
    )
    return Section("The mix of shoppers beside the same hours of earlier weeks", told, plots, _MIXES_HEAD, rows)
