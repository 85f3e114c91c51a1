"""A changed tenants file makes the job start again, unless it would not start."""

from collections.abc import Mapping
from pathlib import Path

import making
import pytest
import yaml

from recommndr.generation import Generation
from recommndr.tenancy import Tenants
from recommndr.topics import PARTITIONS
from recommndr_flink_jobs.lineage import Lineage
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.policy_watch import PolicyWatch

OF_RUN = Lineage(1, {"events": "a"}, {"grocer": ["taste"]})


class Shop:
    """The file of one tenant, the watch over it, and its complete seeds."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "tenants.yaml"
        self.complete: dict[str, Generation] = {}
        self.n_asked = 0
        self.write(own_kinds=["taste"])
        policies = Policies.from_tenants(Tenants.from_yaml(self.file.read_text()))
        self.watch = PolicyWatch(self.file, policies, OF_RUN, self._complete, look_every_s=0.0)

    def _complete(self) -> Mapping[str, Generation]:
        self.n_asked += 1
        return self.complete

    def write(self, **policy: object) -> None:
        self.write_all(grocer=policy)

    def write_all(self, **tenants: dict[str, object]) -> None:
        for policy in tenants.values():
            policy.setdefault("weights", dict.fromkeys(policy.get("own_kinds", []), 1.0))
        self.file.write_text(yaml.safe_dump({"tenants": tenants}))

    def publish(self, *own_kinds: str) -> None:
        first = making.begun(1, own_kinds=own_kinds)
        self.complete["grocer"] = making.complete(making.cut(first, (0,) * PARTITIONS), [])


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.mark.parametrize(
    ("policy", "starts"),
    [
        ({"own_kinds": ["taste"]}, False),
        ({"own_kinds": ["taste"], "purchase_half_life_days": 7}, False),  # comes with the next seeds
        ({"own_kinds": ["taste"], "weights": {"view": 2.0, "taste": 3.0}}, False),  # no state has weights
        ({"own_kinds": ["taste", "smell"]}, True),
        ({"own_kinds": ["taste"], "conversion_window_hours": 48}, True),
        ({"own_kinds": ["taste"], "shopper_kept_days": 90}, True),
    ],
)
def test_only_what_the_job_reads_at_its_start_makes_it_start(policy: dict[str, object], starts: bool, shop: Shop) -> None:
    shop.write(**policy)
    assert shop.watch.asks_for_a_start() is starts
    assert shop.n_asked == 0


def test_a_new_tenant_with_usual_policies_makes_no_start_and_one_with_kinds_does(shop: Shop) -> None:
    shop.write_all(grocer={"own_kinds": ["taste"]}, books={})
    assert not shop.watch.asks_for_a_start()
    shop.write_all(grocer={"own_kinds": ["taste"]}, books={"own_kinds": ["apply"]})
    assert shop.watch.asks_for_a_start()


def test_kinds_that_moved_wait_for_seeds_that_count_them_anew(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    shop.write(own_kinds=["smell"])
    assert not shop.watch.asks_for_a_start()
    shop.publish("taste")
    assert not shop.watch.asks_for_a_start()
    assert [record.message for record in caplog.records if "publish seeds" in record.message] == [
        "own_kinds of grocer were ['taste'] and are ['smell']: states count them by place. Put the list back and only append "
        "to it, or publish seeds of this tenant that count them anew (recommndr seed --publish)"
    ]
    shop.publish("smell")
    assert shop.watch.asks_for_a_start()


def test_a_file_that_cannot_be_read_changes_nothing(shop: Shop) -> None:
    shop.file.write_text("tenants: [")
    assert not shop.watch.asks_for_a_start()
