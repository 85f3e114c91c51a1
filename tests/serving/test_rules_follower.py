"""How a slot learns of business rules, and what holds while their records are away."""

from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pytest

from recommndr.business_rules import RuleBook, SetRule
from recommndr.identity import TenantId
from recommndr.release import StaleRecord
from recommndr.rule_files import RuleFiles
from recommndr_serving.metrics import Metrics
from recommndr_serving.rules.follower import RulesFollower
from recommndr_serving.tenant_slot import TenantSlot
from tests.engine.bundles import NOW, catalog_item, item_id
from tests.engine.test_rules_in_force import rule

GROCER = TenantId("grocer")
BLOCK = rule("block", "a", target={"items": [item_id(1)]})


class Installation:
    """Records, and slots that follow them with a clock that the test sets."""

    def __init__(self, folder: Path) -> None:
        self.records_dir, self.copies_dir = folder / "rules", folder / "copies"
        self.records = RuleFiles(self.records_dir)
        self.now: datetime = NOW
        self.metrics = Metrics()

    def write(self, *rules: SetRule) -> None:
        before = self.records.load(GROCER) or RuleBook(tenant=GROCER)
        self.records.save(before.model_copy(update={"rules": rules}))

    def slot(self) -> tuple[TenantSlot, RulesFollower]:
        tenant = TenantSlot(GROCER)
        tenant.items.apply_catalog({item_id(n): catalog_item(n) for n in range(4)})
        follower = RulesFollower({GROCER: tenant}, self.records, RuleFiles(self.copies_dir), self.metrics, lambda: self.now)
        follower.restore()
        return tenant, follower

    def blocked(self, tenant: TenantSlot) -> int:
        return len(tenant.rules.in_force(self.now.timestamp()).blocked)

    def shown(self, kind: str) -> float | None:
        return self.metrics.registry.get_sample_value("recommndr_serving_rules", {"tenant": GROCER, "kind": kind})


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_a_changed_record_is_taken_up_at_the_next_tick(installation: Installation) -> None:
    tenant, follower = installation.slot()
    installation.write(BLOCK)
    assert installation.blocked(tenant) == 0
    follower.step()
    assert (installation.blocked(tenant), installation.shown("block")) == (1, 1.0)
    installation.write()
    follower.step()
    assert (installation.blocked(tenant), installation.shown("block")) == (0, 0.0)


def test_the_last_known_rules_hold_while_the_records_are_away_or_broken(installation: Installation) -> None:
    installation.write(BLOCK)
    tenant, follower = installation.slot()
    (installation.records_dir / "grocer.json").write_text("half a rec")
    follower.step()
    assert installation.blocked(tenant) == 1
    rmtree(installation.records_dir)
    follower.step()
    assert installation.blocked(tenant) == 1


def test_a_slot_that_starts_while_the_records_are_away_has_the_rules_of_before(installation: Installation) -> None:
    installation.write(BLOCK)
    installation.slot()
    rmtree(installation.records_dir)
    tenant, _ = installation.slot()
    assert installation.blocked(tenant) == 1


def test_a_rule_begins_and_ends_without_a_change_of_its_record(installation: Installation) -> None:
    start, end = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    installation.write(rule("block", target={"items": [item_id(1)]}, start=start, end=end))
    tenant, follower = installation.slot()
    seen = []
    for minutes in (0, 60, 119, 120):
        installation.now = NOW + timedelta(minutes=minutes)
        follower.step()
        seen.append((installation.blocked(tenant), installation.shown("block")))
    assert seen == [(0, 0.0), (1, 1.0), (1, 1.0), (0, 0.0)]


def test_a_new_item_of_a_blocked_category_is_blocked_at_once(installation: Installation) -> None:
    installation.write(rule("block", target={"category": ["food", "bread"]}))
    tenant, _ = installation.slot()
    before = installation.blocked(tenant)
    tenant.items.apply_catalog({item_id(9): catalog_item(9)})
    assert installation.blocked(tenant) == before + 1


def test_of_two_who_change_the_same_record_the_second_has_to_look_again(installation: Installation) -> None:
    installation.write(BLOCK)
    seen = installation.records.load(GROCER)
    assert seen is not None
    installation.records.save(seen)
    with pytest.raises(StaleRecord):
        installation.records.save(seen)
