"""Tells when changed policies of tenants ask the job to start again: it reads them once, at its start."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from recommndr.generation import Generation
from recommndr.tenancy import Tenants
from recommndr_flink_jobs import lineage
from recommndr_flink_jobs.lineage import Checkpoint, KindsMoved, Lineage
from recommndr_flink_jobs.policies import Policies

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class PolicyWatch:
    """Looks at the tenants file. `complete` asks for the tenants' newest complete seeds, which is work."""

    tenants_file: Path
    policies: Policies  # of the run
    of_run: Lineage
    complete: Callable[[], Mapping[str, Generation]]
    clock_s: Callable[[], float] = time.monotonic
    look_every_s: float = 15.0
    _look_at_s: float = 0.0
    _told: set[str] = field(default_factory=set)

    def asks_for_a_start(self) -> bool:
        """Whether the job should start again: its policies changed, and it would start.

        Kinds that moved need seeds that count them by the new list. Until there are some, the job goes on as it is.
        """
        if self.clock_s() < self._look_at_s:
            return False
        self._look_at_s = self.clock_s() + self.look_every_s
        try:
            now = Policies.from_tenants(Tenants.from_yaml(self.tenants_file.read_text()))
        except (OSError, ValueError) as cause:
            self._tell(f"{self.tenants_file} cannot be read, so policies stay as they are: {cause}")
            return False
        if not now.differ(self.policies):
            return False
        try:
            self._check(now)
        except KindsMoved as cause:
            self._tell(str(cause))
            return False
        return True

    def _check(self, now: Policies) -> None:
        then = Checkpoint(self.tenants_file, self.of_run)  # only its kinds matter
        kinds = {tenant: now.own_kinds.get(tenant, ()) for tenant in now.counting}
        try:
            lineage.decide(then, replace(self.of_run, own_kinds=kinds), {})
        except KindsMoved:
            lineage.decide(then, replace(self.of_run, own_kinds=kinds), self.complete())

    def _tell(self, said: str) -> None:
        if said not in self._told:
            self._told.add(said)
            _log.warning("%s", said)
