"""What the live path holds, read as its own readers read it, and what a plain fold says it must hold."""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce

import numpy as np
import psutil

from recommndr.events import ClientInteraction, stamp
from recommndr.features import item, shopper
from recommndr.features.action import Action
from recommndr.features.item import ItemState
from recommndr.features.schema import Value
from recommndr.features.shopper import ShopperState
from recommndr.identity import entity_key
from recommndr.settings import Settings
from recommndr.topics import ITEM_FEATURES, Topic
from recommndr_feature_repo import FEATURE_SERVICE, SHOPPER_KEY, open_store
from recommndr_native.installation import Installation
from recommndr_native.shop import Answer, Shop
from tests.patience import eventually
from tests.topic_records import topic_records

_SUMS = ("counter_sums", "purchased_decayed")


class OnlineRows:
    """Shoppers' rows as serving reads them: through Feast, out of Redis."""

    def __init__(self, settings: Settings, tenant: str) -> None:
        self._store = open_store(settings)
        self._tenant = tenant

    def columns(self, user_id: str) -> dict[str, Value]:
        """The stored columns of a shopper; defaults where there are none."""
        rows = [{SHOPPER_KEY: entity_key(self._tenant, user_id).decode()}]
        answer = self._store.get_online_features(features=FEATURE_SERVICE, entity_rows=rows).to_dict()
        known = {name: values[0] for name, values in answer.items() if name != SHOPPER_KEY and values[0] is not None}
        return shopper.default_columns() | known


def action_of(event: ClientInteraction) -> Action:
    """The action a fold sees of an event that was sent in time."""
    action = Action.from_event(stamp(event, "any", event.occurred_at))
    assert action is not None
    return action


def folded(actions: Iterable[Action], start: ShopperState = shopper.EMPTY) -> ShopperState:
    """The plain fold."""
    return reduce(shopper.merge, map(shopper.lift, actions), start)


def folded_items(actions: Sequence[Action]) -> dict[str, ItemState]:
    """The plain fold of every item of `actions`."""
    states: dict[str, ItemState] = {}
    for action in actions:
        for item_id, state in item.lift(action).items():
            states[item_id] = item.merge(states.get(item_id, item.EMPTY), state)
    return states


def differing(stored: dict[str, Value], expected: dict[str, Value]) -> list[str]:
    """Names of the columns that differ; sums may by 1e-9 relative or 1e-12 absolute."""
    return [name for name, value in expected.items() if not _equal(name, stored[name], value)]


def _equal(name: str, stored: Value, expected: Value) -> bool:
    if name not in _SUMS:
        return stored == expected
    return np.shape(stored) == np.shape(expected) and np.allclose(stored, expected, rtol=1e-9, atol=1e-12)


def newest_values(settings: Settings, topic: Topic) -> dict[bytes, bytes | None]:
    """The newest value of each key of a topic, up to its end now."""
    return {record.key: record.value for record in topic_records(settings.kafka, topic)}


def item_states(settings: Settings, tenant: str, item_ids: Iterable[str]) -> dict[str, ItemState]:
    """What the job last said of these items."""
    values = newest_values(settings, ITEM_FEATURES)
    found = {item_id: values.get(entity_key(tenant, item_id)) for item_id in item_ids}
    return {item_id: item.from_bytes(value) for item_id, value in found.items() if value is not None}


def same_items(stored: dict[str, ItemState], expected: dict[str, ItemState]) -> bool:
    """Whether all states agree, sums up to 1e-9 relative."""
    if stored.keys() != expected.keys():
        return False
    mine, theirs = (item.read([item.to_bytes(states[item_id]) for item_id in sorted(states)]) for states in (stored, expected))
    return all(np.allclose(mine[field], theirs[field], rtol=1e-9, atol=1e-12) for field in item.DTYPE.names or ())


def answered_in_full(shop: Shop, user_id: str) -> Answer:
    """The first answer that all parts had a share in, within `PATIENCE_S`."""
    found: list[Answer] = []

    def in_full() -> bool:
        found.append(shop.recommend(user_id))
        return found[-1].ladder == "full"

    eventually(in_full, f"{user_id} is answered in full")
    return found[-1]


def kept_away(
    installation: Installation, name: str, noticed: Callable[[], bool], is_back: Callable[[], bool] | None = None
) -> None:
    """Kill a process, again whenever it is back, until its absence is noticed: looking may take longer than a restart.

    It is back when it is ready, or as `is_back` says.
    """

    def seen() -> bool:
        if noticed():
            return True
        if is_back() if is_back is not None else installation.is_ready(name):
            installation.kill(name)
        return False

    eventually(seen, f"it is noticed that {name} is away", every_s=0.2)


def python_worker_of(pid: int) -> psutil.Process:
    """The process that runs Flink's Python code, below the process of the job."""
    for child in psutil.Process(pid).children(recursive=True):
        if "python" in child.name() and any("beam" in word or "pyflink" in word for word in child.cmdline()):
            return child
    raise LookupError(f"no Python worker below {pid}")
