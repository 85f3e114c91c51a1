"""What the live path promises about state: seeds and events add up, whatever is repeated, swapped or killed on the way."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pandas as pd
import psutil
import pytest
from kafka import KafkaProducer

from recommndr.event_ids import order_event_id
from recommndr.events import ClientInteraction, Line
from recommndr.features import shopper
from recommndr.identity import UserId
from recommndr.topics import DEAD_LETTER, EVENTS
from recommndr_lake_writer.lake import read_events
from recommndr_native.installation import Installation
from recommndr_native.shop import Shop, purchase
from recommndr_training import params
from recommndr_training.data.history import iter_actions, of_lines
from recommndr_training.live.time_shift import weeks_to_now
from tests.e2e.observed import (
    OnlineRows,
    action_of,
    differing,
    folded,
    folded_items,
    item_states,
    newest_values,
    python_worker_of,
    same_items,
)
from tests.patience import eventually

pytestmark = pytest.mark.e2e
TENANT = "grocer"


@pytest.fixture
def rows(installation: Installation) -> OnlineRows:
    return OnlineRows(installation.settings, TENANT)


@pytest.fixture(scope="session")
def history(installation: Installation) -> pd.DataFrame:
    """The lines the installation's seeds were made of."""
    return pd.read_parquet(params.profile_dir("tiny") / "split" / "train.parquet")


def test_after_its_first_live_event_a_household_reads_as_the_replay_of_all_it_ever_did(
    installation: Installation, shop: Shop, rows: OnlineRows, history: pd.DataFrame
) -> None:
    household = str(history["user_id"].value_counts().index[3])
    n_before = history.loc[history["user_id"] == household, "event_id"].nunique()
    eventually(lambda: rows.columns(household)["n_events"] == n_before, "the household's seed is in the row")

    event = purchase(household, [Line(item_id="brand-new-to-it"), Line(item_id=str(history["item_id"].iloc[0]))])
    shop.send(event)
    eventually(lambda: rows.columns(household)["n_events"] == n_before + 1, "the event is in the row")

    shift = weeks_to_now(params.data("tiny").gate_cut, datetime.now(UTC)).total_seconds()
    past = iter_actions(of_lines(history[history["user_id"] == household], shift_s=shift))
    expected = shopper.columns(folded([*past, action_of(event)]))
    eventually(lambda: differing(rows.columns(household), expected) == [], "all groups of the row have it")


def some_events(n_users: int, n_each: int, chance: random.Random) -> list[ClientInteraction]:
    """Events of shoppers nobody knew, on items nobody knew, within the last hours, in the order they happened."""
    kinds: tuple[str, ...] = ("view", "click", "add_to_cart", "purchase", "dislike", "impression")
    run = uuid4().hex[:8]
    now = datetime.now(UTC)
    return [
        ClientInteraction(
            kind=chance.choice(kinds),
            event_id=uuid4(),
            user_id=UserId(f"{run}-u{user}"),
            occurred_at=now - timedelta(seconds=chance.uniform(1, 6 * 3600)),
            lines=tuple(Line(item_id=f"{run}-i{chance.randrange(12)}") for _ in range(chance.randrange(1, 4))),
        )
        for user in range(n_users)
        for _ in range(n_each)
    ]


def test_repeats_disorder_and_kills_change_neither_features_nor_lake(
    installation: Installation, shop: Shop, rows: OnlineRows
) -> None:
    chance = random.Random(7)
    events = some_events(n_users=12, n_each=25, chance=chance)
    sent = [*events, *events]
    chance.shuffle(sent)
    quarter = len(sent) // 5
    kills = {
        quarter: lambda: python_worker_of(installation.pid("flink")).kill(),
        2 * quarter: lambda: installation.kill("feature-writer"),
        3 * quarter: lambda: installation.kill("lake-writer"),
        4 * quarter: lambda: installation.kill("redis"),
    }
    for place, event in enumerate(sent):
        if place in kills:
            kills[place]()
        shop.send(event)

    actions = [action_of(event) for event in events]
    by_user = {user: [one for one in actions if one.user_id == user] for user in {one.user_id for one in actions}}
    expected_rows = {user: shopper.columns(folded(mine)) for user, mine in by_user.items()}
    installation.wait_ready(["redis", "flink", "feature-writer", "lake-writer"])
    eventually(lambda: all(not differing(rows.columns(user), row) for user, row in expected_rows.items()), "rows as folded")

    expected_items = folded_items(actions)
    eventually(
        lambda: same_items(item_states(installation.settings, TENANT, expected_items), expected_items), "items as folded"
    )

    expected_lines = sorted((str(e.event_id), n, line.item_id) for e in events for n, line in enumerate(e.lines))
    eventually(lambda: lake_lines(installation, events) == expected_lines, "every line once in the lake")


def lake_lines(installation: Installation, events: list[ClientInteraction]) -> list[tuple[str, int, str]]:
    """The events' lines as the lake has them, repeats kept."""
    now = datetime.now(UTC)
    table = read_events(installation.settings.lake_dir, TENANT, now - timedelta(days=2), now + timedelta(days=1))
    ids = {str(event.event_id) for event in events}
    lines = zip(*(table[name].to_pylist() for name in ("event_id", "line_no", "item_id")), strict=True)
    return sorted(line for line in lines if line[0] in ids)


def test_a_killed_job_process_comes_back_with_all_it_knew(installation: Installation, shop: Shop, rows: OnlineRows) -> None:
    before, after = some_events(1, 6, random.Random(1)), some_events(1, 6, random.Random(2))
    actions = [action_of(event) for event in before]
    for event in before:
        shop.send(event)
    eventually(lambda: rows.columns(actions[0].user_id)["n_events"] == len(before), "the first events are in the row")

    pid = installation.kill("flink")
    more = [event.model_copy(update={"user_id": before[0].user_id}) for event in after]
    for event in more:
        shop.send(event)
    expected = shopper.columns(folded([*actions, *map(action_of, more)]))
    eventually(lambda: not differing(rows.columns(actions[0].user_id), expected), "old and new events are in the row")
    assert not psutil.pid_exists(pid)


def test_what_cannot_be_read_goes_to_the_dead_letters_and_the_stream_goes_on(
    installation: Installation, shop: Shop, rows: OnlineRows
) -> None:
    garbage = [b"", b"{", b"\xff\xfe", b'{"kind":"view"}', b"[1,2,3]", b"null", b'"text"', b"9" * 1000]
    producer = KafkaProducer(**installation.settings.kafka.options())
    for n, value in enumerate(garbage):
        headers = [("event_id", str(uuid4()).encode()), ("tenant", TENANT.encode()), ("kind", b"view")]
        producer.send(EVENTS.name, value, key=f"{TENANT}|garbage{n}".encode(), headers=headers)
    producer.send(EVENTS.name, b"no key, no headers")
    producer.flush()
    producer.close()

    event = purchase("after-the-garbage", [Line(item_id="i1")])
    shop.send(event)
    eventually(lambda: rows.columns("after-the-garbage")["n_events"] == 1, "an event behind the garbage is folded")

    def dead() -> set[bytes]:
        letters = newest_values(installation.settings, DEAD_LETTER).values()
        return {base64.b64decode(json.loads(letter)["value_b64"] or "") for letter in letters if letter is not None}

    eventually(lambda: {*garbage, b"no key, no headers"} <= dead(), "all garbage is among the dead letters")


def test_an_order_has_one_event_id_wherever_it_comes_from() -> None:
    assert order_event_id(TENANT, "1") == order_event_id(TENANT, "1") != order_event_id("other", "1")
