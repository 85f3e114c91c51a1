"""What `recommndr drift` tells of a release: how what the challenger is served differs from what the stable arm is."""

from recommndr.drift.between_arms import Beside, drift_of
from recommndr.drift.windows import ReleaseKey, Windows
from recommndr.identity import TenantId
from recommndr_training.live.drift_page import Pair, Section, column_row
from recommndr_training.live.served_topic import ServedAnswers

_HEAD = ("column", "PSI", "KS", "median of stable", "of challenger", "unknown in stable", "in challenger")


def newest_release(tenant: TenantId, found: ServedAnswers) -> tuple[ReleaseKey, Beside] | None:
    """The newest release with both arms, in the last hour that has answers; None without."""
    windows = Windows()
    for user_id, answer in found.served:
        windows.add(tenant, user_id, answer)
    if found.served:
        windows.forget(found.served[-1].answer.at_s)
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
