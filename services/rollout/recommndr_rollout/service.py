"""The running service: ticks until told to stop."""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import httpx
from prometheus_client import CollectorRegistry

from recommndr.audit_log import AuditLog
from recommndr.hosts import inner_hosts
from recommndr.identity import TenantId
from recommndr.release import Release
from recommndr.settings import Settings
from recommndr.shopper_token import NO_KEYS, TokenKeys
from recommndr.tenancy import TenantPolicy, Tenants
from recommndr.watched_file import WatchedFile
from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_http.operators import Operators
from recommndr_http.server import served
from recommndr_rollout import moves_api, series_api
from recommndr_rollout.alertmanager import Alertmanager
from recommndr_rollout.api import create_app
from recommndr_rollout.code import api as code_api
from recommndr_rollout.code.made_moves import EVERY_TENANT, CodeMoves
from recommndr_rollout.code.processes import Supervised
from recommndr_rollout.code.record import CodeRelease
from recommndr_rollout.code.store import CodeStore
from recommndr_rollout.code.tick import CodeReleases
from recommndr_rollout.evidence_files import EvidenceFiles
from recommndr_rollout.figures import Figures, figures_of
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.judge import Judge
from recommndr_rollout.metrics import Metrics
from recommndr_rollout.moves import Moves
from recommndr_rollout.projections import Tick, tick
from recommndr_rollout.prometheus import Prometheus
from recommndr_rollout.registry import RegistryBehind, RegistryMoves, in_process
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.seen import NAMES
from recommndr_rollout.slots import HttpSlots, slot_urls
from recommndr_rollout.tenant_figures import Standing
from recommndr_rollout.token_filter import TokenFilterFile
from recommndr_tail.outcomes_tail import OutcomesTail

_log = logging.getLogger(__name__)
_TIMEOUT_S = 1.0
_REGISTRY_S = 5.0


def run(settings: Settings, stop: threading.Event) -> None:
    """Tick every `release_poll_s` until `stop` is set."""
    metrics = Metrics(CollectorRegistry())
    loops = Loops(metrics.registry)
    callers = _Callers(
        WatchedFile(settings.tenants_file, Tenants.from_yaml),
        WatchedFile(settings.jwks_file, TokenKeys.from_json, missing=NO_KEYS),
        TokenFilterFile(settings.token_filter_file),
    )
    outcomes = OutcomesTail(settings.kafka, "recommndr-rollout-outcomes", time.monotonic)
    loops.add(outcomes.work).start()
    routes = RoutesFile(settings.routes_file, callers.policies)
    store = FileReleaseStore(settings.releases_dir)
    ticked = threading.Event()
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=_TIMEOUT_S, trust_env=False))
        slots = HttpSlots(client, slot_urls(settings))
        prometheus = Prometheus(client, settings.prometheus_url, settings.monitoring_login)
        alertmanager = Alertmanager(
            client, f"http://{settings.host_of('alertmanager')}:{settings.alertmanager_port}", settings.monitoring_login
        )
        audit, evidence = AuditLog(settings.audit_file), EvidenceFiles(settings.releases_dir / "evidence")
        judge = Judge(store, slots, prometheus, outcomes.of_arm, callers.policies, _now, partial(_audit, audit), evidence)

        def figures() -> Figures:
            policies = {str(tenant): policy.release for tenant, policy in callers.policies().items()}
            releases, muted = list(store.load_all()), alertmanager.muted()
            standing = Standing(_now(), releases, slots.held(), routes.applied(), judge.latest, policies, muted)
            return figures_of(standing, prometheus.seen(NAMES))

        code = CodeReleases(
            CodeStore(settings.code_release_file),
            store,
            slots,
            Supervised((settings.state_dir / "supervisor" / "supervisor.sock").resolve(), settings.slot_processes_dir),
            routes.applied,
            callers.policies,
            _now,
            partial(_audit_code, audit),
            evidence,
        )
        moves, operators = Moves(store, audit, _now), Operators(settings.operations_password)
        code_moves = CodeMoves(code.store, store, audit, _now, slots.running)
        routers = (
            moves_api.router(moves, operators),
            code_api.router(code_moves, operators, lambda: code.waits(judge.latest)),
            series_api.router(prometheus.lines, store.load, _now),
        )
        app = create_app(figures, routers, metrics.registry, ticked.is_set, loops.stalled)
        stack.enter_context(served(app, inner_hosts(settings, "rollout"), settings.host, settings.rollout_port))

        def step() -> None:
            callers.apply()
            _note(tick(store, slots, routes), metrics)
            if not ticked.is_set():
                ticked.set()
                print(f"ready: rollout {settings.routes_file}", flush=True)

        def judge_once() -> None:
            code.prepare()
            judge.step()
            code.step(judge.latest)
            metrics.show_verdicts(judge.latest)
            metrics.show_code(code.store.load())

        loops.add(Work("judge", judge_once, pause_s=settings.release_judge_s, retry_s=settings.release_judge_s)).start()
        registry = RegistryMoves(store, evidence, in_process(settings.mlflow_uri))
        loops.add(
            Work("registry", registry.step, _REGISTRY_S, _REGISTRY_S, stalled_after_s=600.0, expected=(RegistryBehind, OSError))
        ).start()
        # The disk is full or missing: applied weights are kept, and the next tick tries again.
        loops.add(Work("routes", step, pause_s=settings.release_poll_s, retry_s=settings.release_poll_s)).run(stop)


def _audit(audit: AuditLog, moved: Release) -> None:
    step = moved.steps[-1]
    told = {"phase": moved.phase, "release_id": moved.release_id, "reason": step.reason}
    audit.write(step.by, "release.advance", moved.tenant, **told)


def _audit_code(audit: AuditLog, moved: CodeRelease) -> None:
    step = moved.steps[-1]
    told = {"phase": moved.phase, "release_id": moved.release_id, "reason": step.reason}
    audit.write(step.by, "code.advance", EVERY_TENANT, **told)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Callers:
    """Copies tenants' policies and token keys from the installation's files into Envoy's."""

    tenants_file: WatchedFile[Tenants]
    jwks_file: WatchedFile[TokenKeys]
    token_filter: TokenFilterFile

    def policies(self) -> Mapping[TenantId, TenantPolicy]:
        """By tenant, as the file had them when it was read last."""
        return self.tenants_file().tenants

    def apply(self) -> None:
        """Read both files if they changed; the next routes hold the tenants' policies and keys. Raises `OSError`."""
        self.tenants_file.refresh()
        self.jwks_file.refresh()
        self.token_filter.apply(self.jwks_file())


def _note(done: Tick, metrics: Metrics) -> None:
    metrics.show_releases(done.releases)
    metrics.waiting.set(done.n_waiting)
    metrics.show_lost(done.lost)
    if done.changed:
        metrics.routes_changed.inc()
        _log.info("routes of %d tenants replaced", len(done.releases))
