"""The parts of one process, opened and closed together: the log, the stream, a collector's gate and a slot."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from recommndr.attribution_keys import AttributionKeys
from recommndr.audit_log import AuditLog
from recommndr.identity import TenantId
from recommndr.rule_files import RuleFiles
from recommndr.settings import Settings
from recommndr.shopper_token import NO_KEYS, TokenKeys, TokenSigner
from recommndr.tenancy import Tenants
from recommndr.topics import AVAILABILITY, CATALOG, ITEM_FEATURES, SEGMENT_FEATURES
from recommndr.watched_file import WatchedFile, refresh, watched_secret
from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_collector.event_log import Record
from recommndr_collector.gate import Gate
from recommndr_collector.metrics import Metrics as CollectorMetrics
from recommndr_collector.unknown_items import UnknownItems
from recommndr_flink_jobs.policies import Policies
from recommndr_http.credential import Credentials
from recommndr_one_process import newest_values
from recommndr_one_process.answers_log import AnswersLog
from recommndr_one_process.database import Database
from recommndr_one_process.event_log import SqliteEventLog
from recommndr_one_process.known_catalogue import KnownCatalogue
from recommndr_one_process.lake import lake_works
from recommndr_one_process.metrics import AllOf, Instruments
from recommndr_one_process.one_arm import ARM, OneArm
from recommndr_one_process.stream import Stream
from recommndr_one_process.user_rows import SqliteUserRows
from recommndr_serving.live.item_feed import ItemFeed
from recommndr_serving.live.item_records import TAILED
from recommndr_serving.live.item_tables import apply
from recommndr_serving.metrics import Metrics as SlotMetrics
from recommndr_serving.releases.bundle_fetch import RegistryBundles
from recommndr_serving.releases.bundle_load import load_bundle
from recommndr_serving.releases.follower import Follower, Releases
from recommndr_serving.releases.release_copies import ReleaseCopies
from recommndr_serving.rules.changes import RuleChanges
from recommndr_serving.rules.follower import RulesFollower
from recommndr_serving.slot import Signer, Slot
from recommndr_serving.tenant_slot import TenantSlot

# Items are shown once they are in the catalogue, so what is sold out must be known before.
_FIRST = (AVAILABILITY.name, ITEM_FEATURES.name, SEGMENT_FEATURES.name, CATALOG.name)


@dataclass(frozen=True, slots=True)
class Keys:
    """The files of keys and policies, which are read again when they change."""

    tenants: WatchedFile[Tenants]
    token_keys: WatchedFile[TokenKeys]

    @classmethod
    def of(cls, settings: Settings) -> "Keys":
        """Read the files; raises `OSError` or `ValueError`."""
        return cls(
            WatchedFile(settings.tenants_file, Tenants.from_yaml),
            WatchedFile(settings.jwks_file, TokenKeys.from_json, missing=NO_KEYS),
        )


@dataclass(frozen=True, slots=True)
class Installation:
    """What the applications use."""

    gate: Gate
    slot: Slot
    metrics: AllOf


@asynccontextmanager
async def open_installation(settings: Settings, database: Database, keys: Keys) -> AsyncIterator[Installation]:
    """Open all parts; their threads run until the context ends."""
    seen = Instruments()
    tenants = {tenant: TenantSlot(tenant, policy) for tenant, policy in keys.tenants().tenants.items()}
    seen.slot.expect(tenants, TAILED)
    stream, catalogue = await asyncio.to_thread(_read, database, keys.tenants(), tenants, seen)

    def written(records: Sequence[Record]) -> None:
        catalogue.take(records)
        stream.wake()

    log = SqliteEventLog(database, written, took=seen.own.commit_s.observe)
    seen.own.behind.set_function(lambda: log.next_offset - stream.position)
    attribution = watched_secret(
        settings, "attribution_key", partial(AttributionKeys.from_text, first_id=settings.attribution_key_id)
    )
    signer = watched_secret(settings, "token_key", _signer)
    reread = refresh(keys.tenants, keys.token_keys, attribution, signer)
    releases, rows = _releases(settings, tenants, seen.slot), SqliteUserRows(database)
    records, copies = RuleFiles(settings.rules_dir), RuleFiles(settings.state_dir / "slots" / ARM / "rules")
    rules = RulesFollower(tenants, records, copies, seen.slot, now)
    await asyncio.to_thread(rules.restore)
    loops = _started(
        seen,
        stream.work,
        releases.work(settings.release_poll_s),
        rules.work(settings.release_poll_s),
        Work("keys", reread, pause_s=settings.keys_poll_s, retry_s=settings.keys_poll_s),
        *await asyncio.to_thread(lake_works, settings, database, keys.tenants(), seen.lake, now),
    )
    credentials, answers = Credentials(keys.tenants, keys.token_keys, now), AnswersLog(log, seen.slot)
    audit = AuditLog(settings.audit_file)
    gate = Gate(
        log, credentials, now, lambda: attribution().by_id, seen.collector, catalogue, signer,
        unknown_items=_unknown_items(seen.collector, log, tenants), stalled=loops.stalled, audit=audit,
    )  # fmt: skip
    slot = Slot(
        ARM, credentials, tenants, rows, answers, now, RuleChanges(records, audit, now), seen.slot,
        Signer(attribution), code=settings.code, awaited=lambda: _awaited(stream, releases, log), stalled=loops.stalled,
    )  # fmt: skip
    try:
        yield Installation(gate, slot, seen.page())
    finally:
        await asyncio.to_thread(log.close)
        await asyncio.to_thread(loops.stop)
        await rows.close()


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def _read(
    database: Database, policies: Tenants, tenants: dict[TenantId, TenantSlot], seen: Instruments
) -> tuple[Stream, KnownCatalogue]:
    """Fill the item tables; returns the stream that follows from there, and the catalogue's keys."""
    feed = ItemFeed(partial(apply, tenants), seen.slot)
    with closing(database.connect("NORMAL")) as connection:
        for topic in _FIRST:
            for records in newest_values.of_topic(connection, topic):
                feed.take(records)
    stream = Stream(database, Policies.from_tenants(policies), now, feed.take, seen.own.count)
    return stream, KnownCatalogue(database)


def _releases(settings: Settings, tenants: dict[TenantId, TenantSlot], metrics: SlotMetrics) -> Releases:
    bundles = RegistryBundles(settings.mlflow_uri, settings.state_dir / "bundles")
    follower = Follower(ARM, bundles, partial(load_bundle, now=now), metrics)
    return Releases(follower, tenants, OneArm(settings.releases_dir), ReleaseCopies(settings.state_dir / "slots" / ARM))


def _started(seen: Instruments, *works: Work) -> Loops:
    loops = Loops(seen.registry)
    for work in works:
        loops.add(work)
    loops.start()
    return loops


def _unknown_items(metrics: CollectorMetrics, log: SqliteEventLog, tenants: dict[TenantId, TenantSlot]) -> UnknownItems:
    unknown = UnknownItems()
    metrics.in_flight.set_function(lambda: log.in_flight.n_records)
    metrics.in_flight_bytes.set_function(lambda: log.in_flight.n_bytes)
    for tenant in tenants:
        metrics.tenant_in_flight_bytes.labels(tenant).set_function(partial(log.in_flight.bytes_of, tenant))
        metrics.unknown_items.labels(tenant).set_function(partial(unknown.n_of, tenant))
    return unknown


def _awaited(stream: Stream, releases: Releases, log: SqliteEventLog) -> list[str]:
    states = (("tails", stream.caught_up), ("releases", releases.ready), ("event log", log.ready))
    return [what for what, ready in states if not ready]


def _signer(pem: str) -> TokenSigner | None:
    return TokenSigner(pem) if pem.strip() else None
