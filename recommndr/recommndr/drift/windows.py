"""The windows of all releases' arms, from the records of `recommndr.served.v1`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from recommndr.drift import visits
from recommndr.drift.between_arms import ArmDrift, Beside, Names, beside, drift_of
from recommndr.drift.mixes import MixDrift
from recommndr.drift.slices import Slices
from recommndr.drift.visits import SlotMixName, Visit
from recommndr.drift.window import ArmWindow, Drawn, Sample
from recommndr.served_answer import ServedAnswer

ARMS = ("stable", "challenger")
_MAX_RELEASES = 3  # of a tenant: the newest ones


class ReleaseKey(NamedTuple):
    """A release of a tenant."""

    tenant: str
    release: str


class Windows:
    """The windows of all releases' arms. Not safe for threads."""

    def __init__(self) -> None:
        self._arms: dict[ReleaseKey, dict[str, ArmWindow]] = {}
        self._visits: dict[ReleaseKey, dict[str, Slices[Visit]]] = {}
        self._names: dict[str, Names] = {}  # by version of a bundle

    def add(self, tenant: str, user_id: str, answer: ServedAnswer) -> None:
        """Take one answer."""
        version, inputs, score = answer.model_version, answer.drawn_inputs, answer.drawn_score
        if answer.columns and version:
            self._names[version] = Names(answer.columns, answer.retrievers)
        if answer.release is None or answer.arm not in ARMS:
            return
        key = ReleaseKey(tenant, answer.release)
        self._arm_visits(key, answer.arm).add(visits.visit(user_id, answer))
        if version is None or inputs is None or score is None:
            return
        window = self._window(key, answer.arm, version, len(inputs))
        gap = float(answer.scores[0] - answer.scores[-1]) if len(answer.scores) > 1 else float("nan")
        window.add(Drawn(user_id, answer.at_s, inputs, score, gap))

    def _window(self, key: ReleaseKey, arm: str, version: str, n_columns: int) -> ArmWindow:
        arms = self._arms.setdefault(key, {})
        if arm not in arms or (arms[arm].model_version, arms[arm].n_columns) != (version, n_columns):
            arms[arm] = ArmWindow(version, n_columns)
            _keep_newest(self._arms, key.tenant)
        return arms[arm]

    def _arm_visits(self, key: ReleaseKey, arm: str) -> Slices[Visit]:
        if key not in self._visits:
            self._visits[key] = {one: Slices() for one in ARMS}
            _keep_newest(self._visits, key.tenant)
        return self._visits[key][arm]

    def forget(self, now_s: float) -> None:
        """Let go of what is older than the window."""
        for arms in self._arms.values():
            for window in arms.values():
                window.forget(now_s)
        for met in self._visits.values():
            for of_arm in met.values():
                of_arm.forget(now_s)

    def copied(self) -> "Windows":
        """As they are now, so that whoever compares them holds up no one who adds."""
        windows = Windows()
        windows._arms = {key: {arm: window.copied() for arm, window in arms.items()} for key, arms in self._arms.items()}
        windows._visits = {key: {arm: one.copied() for arm, one in met.items()} for key, met in self._visits.items()}
        windows._names = dict(self._names)
        return windows

    def drifts(self) -> dict[ReleaseKey, ArmDrift]:
        """The drift of each release whose arms have enough shoppers."""
        return {key: drift_of(arms) for key, arms in self.besides().items()}

    def mixes(self) -> dict[ReleaseKey, dict[SlotMixName, MixDrift]]:
        """By release how far apart its arms' shoppers are, by each mix with enough of them."""
        return {key: visits.drift_of(*arms) for key, arms in self.met()}

    def met(self) -> Iterator[tuple[ReleaseKey, tuple[Slices[Visit], Slices[Visit]]]]:
        """The shoppers whom the stable arm and the challenger of each release met."""
        for key, arms in self._visits.items():
            yield key, (arms["stable"], arms["challenger"])

    def besides(self) -> dict[ReleaseKey, Beside]:
        """Both arms of each such release; the newest release comes last."""
        found = {key: self._beside(arms) for key, arms in self._arms.items()}
        return {key: arms for key, arms in found.items() if arms is not None}

    def stable(self) -> dict[str, tuple[str, Sample]]:
        """By tenant the version of its newest release's stable arm, and what that arm was served."""
        windows = {key.tenant: arms["stable"] for key, arms in self._arms.items() if "stable" in arms}
        return {tenant: (window.model_version, window.sample()) for tenant, window in windows.items()}

    def _beside(self, arms: Mapping[str, ArmWindow]) -> Beside | None:
        stable, challenger = (arms.get(arm) for arm in ARMS)
        return None if stable is None or challenger is None else beside(stable, challenger, self._names)


def _keep_newest(of_releases: dict[ReleaseKey, Any], tenant: str) -> None:
    of_tenant = [one for one in of_releases if one.tenant == tenant]
    for old in of_tenant[:-_MAX_RELEASES]:
        del of_releases[old]
