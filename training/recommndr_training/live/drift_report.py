"""What `recommndr drift` tells of a release: how what the challenger is served differs from what the stable arm is."""

from recommndr.drift import visits
from recommndr.drift.between_arms import Beside, drift_of
from recommndr.drift.mixes import mix_drift
from recommndr.drift.windows import ReleaseKey, Windows
from recommndr.identity import TenantId
from recommndr_training.live.drift_page import Bars, Pair, Section, column_row
from recommndr_training.live.mix_bars import mix_bars
from recommndr_training.live.served_topic import ServedAnswers

_HEAD = ("column", "PSI", "KS", "median of stable", "of challenger", "unknown in stable", "in challenger")
_MIXES_HEAD = ("mix", "PSI", "shoppers of challenger", "of stable")


def windows_of(tenant: TenantId, found: ServedAnswers) -> Windows:
    """The arms of its releases, in the last hour that has answers."""
    windows = Windows()
    for user_id, answer in found.served:
        windows.add(tenant, user_id, answer)
    if found.served:
        windows.forget(found.served[-1].answer.at_s)
    return windows


def newest_release(windows: Windows) -> tuple[ReleaseKey, Beside] | None:
    """The newest release with both arms; None without."""
    releases = list(windows.besides().items())
    return releases[-1] if releases else None


def of_arms(key: ReleaseKey, arms: Beside) -> Section:
    """The section of a release's two arms."""
    drift = drift_of(arms)
    furthest = sorted(arms.columns, key=lambda name: -max(drift.psi[name], drift.ks[name]))
    values = {
        name: {"stable": arms.stable.inputs[:, place], "challenger": arms.challenger.inputs[:, place]}
        for place, name in enumerate(arms.columns)
    }
    told = (
        f"{drift.n_shoppers} shoppers of each slot, as many of both in every five minutes of an hour; one candidate of each. "
        f"Scores: PSI {drift.psi_of_scores:.2f}, KS {drift.ks_of_scores:.2f}. First and last score of a list are "
        f"{drift.gap_of_challenger:.2f} deviations of scores apart in the challenger, {drift.gap_of_stable:.2f} in the other."
    )
    scores = Pair("score", {"stable": arms.stable.scores[:, 0], "challenger": arms.challenger.scores[:, 0]})
    plots = [scores, *(Pair(f"{name}: PSI {drift.psi[name]:.2f}, KS {drift.ks[name]:.2f}", values[name]) for name in furthest)]
    rows = [column_row(name, (drift.psi[name], drift.ks[name]), list(values[name].values())) for name in furthest]
    return Section(f"Between the slots of release {key.release}", told, plots, _HEAD, rows)


def of_mixes(key: ReleaseKey, windows: Windows) -> Section:
    """The section of the shoppers whom the release's two slots meet."""
    plots, rows = list[Bars](), []
    for mix, (ours, theirs) in visits.between(*dict(windows.met())[key]).items():
        drift, name = mix_drift(ours, theirs, visits.MIN_SHOPPERS), mix.replace("_", " ")
        rows.append(
            [name, "unknown" if drift is None else f"{drift.psi:.3f}", str(sum(ours.values())), str(sum(theirs.values()))]
        )
        plots.append(mix_bars(name, {"challenger": ours, "stable": theirs}))
    told = (
        "The first answer of each shopper in an hour, of as many shoppers of both slots in every five minutes: by country, "
        f"device and list, and by whether any event was known. A mix needs {visits.MIN_SHOPPERS} shoppers of each slot."
    )
    return Section(f"The mix of shoppers of release {key.release}", told, plots, _MIXES_HEAD, rows)
