"""No tenant sees another's items, events, features, metrics or releases: every place is searched for the other's words."""

from collections.abc import Iterator

import httpx
import pytest
import redis
from deltalake import DeltaTable
from kafka import KafkaConsumer, TopicPartition

from recommndr.topics import DEAD_LETTER, TOPICS
from recommndr_lake_writer.lake import events_dir
from recommndr_native.installation import Installation
from tests.e2e.two_tenants import ITEM, OTHER_ITEM, SHOPPER, Apart, Side, apart
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def two(installation: Installation) -> Iterator[Apart]:
    with apart(installation, "grocer", "boutique") as both:
        yield both


ENDPOINTS = (
    ("GET", f"/recommend?user_id={SHOPPER}&k=100&fields=title&fields=brand&fields=image_url&fields=tags&explain=true", None),
    ("POST", "/recommend", {"user_id": SHOPPER, "k": 100, "explain": True, "fields": ["title", "brand"]}),
    ("POST", "/recommend", {"user_id": SHOPPER, "scope": "buy_again", "k": 100}),
    ("POST", "/recommend", {"user_id": "nobody-knows", "k": 100}),
    ("GET", f"/similar_items?item_id={ITEM}&k=100&fields=title&fields=brand", None),
    ("GET", f"/similar_items?item_id={OTHER_ITEM}&by=als&k=100", None),
    ("GET", f"/frequently_bought_together?item_id={ITEM}&k=100&fields=title", None),
    ("GET", "/popular?k=100&fields=title&fields=brand&fields=category_path", None),
    ("GET", "/items?limit=100", None),
    ("GET", "/search?q=canary&limit=100", None),
    ("GET", f"/items/{ITEM}", None),
    ("GET", "/models", None),
    ("POST", "/tokens", {"user_id": SHOPPER}),
)


@pytest.mark.parametrize(("method", "path", "body"), ENDPOINTS, ids=[f"{m} {p.partition('?')[0]}" for m, p, _ in ENDPOINTS])
def test_an_endpoint_answers_with_the_callers_data_alone(two: Apart, method: str, path: str, body: object) -> None:
    for mine, other in two.sides:
        asked_for = body.get("user_id", SHOPPER) if isinstance(body, dict) else SHOPPER
        key = mine.admin_key if path == "/models" else None
        answer = two.ask(method, path, mine.headers(key, asked_for), json=body)
        assert answer.status_code in {200, 201}, answer.text
        assert other.canary not in answer.text
        assert other.tenant not in answer.text


def test_the_shared_ids_mean_each_side_its_own(two: Apart) -> None:
    for mine, _ in two.sides:
        page = two.ask("GET", f"/items/{ITEM}", mine.headers()).json()
        assert page["title"].startswith(mine.canary)

        def knows_both(mine: Side = mine) -> bool:
            profile = two.ask("POST", "/recommend", mine.headers(), json={"user_id": SHOPPER}).json()["user_profile"]
            return bool(profile["stored"]) and profile["stored"]["n_events"] == 2

        eventually(knows_both, "the shared shopper has this tenant's two events and no more")


def test_the_others_items_and_shoppers_do_not_exist(two: Apart) -> None:
    for mine, other in two.sides:
        own_of_other = f"{other.canary}-own"
        assert two.ask("GET", f"/items/{own_of_other}", mine.headers()).status_code == 404
        assert two.ask("GET", f"/similar_items?item_id={own_of_other}", mine.headers()).status_code == 404
        assert two.ask("GET", f"/frequently_bought_together?item_id={own_of_other}", mine.headers()).status_code == 404
        path = f"/items/{own_of_other}/availability"
        assert two.ask("PATCH", path, mine.headers(mine.admin_key, None), json={"available": False}).status_code == 404
        stranger = other.own_shopper
        answer = two.ask("POST", "/recommend", mine.headers(user=stranger), json={"user_id": stranger}).json()
        assert not answer["user_profile"]["stored"] or answer["user_profile"]["stored"]["n_events"] == 0


def records(installation: Installation, topic: str) -> Iterator[tuple[bytes, bytes]]:
    """(key, value and headers) of everything the topic holds now."""
    consumer = KafkaConsumer(**installation.settings.kafka.options(), enable_auto_commit=False)
    try:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        ends = consumer.end_offsets(places)
        consumer.assign(places)
        consumer.seek_to_beginning()
        while any(consumer.position(place) < ends[place] for place in places):
            for batch in consumer.poll(timeout_ms=500).values():
                for record in batch:
                    headers = b"".join(value for _, value in record.headers or () if value)
                    yield record.key or b"", (record.value or b"") + headers
    finally:
        consumer.close()


def test_each_record_of_each_topic_holds_its_own_tenants_words(two: Apart) -> None:
    found = dict.fromkeys((two.a.canary, two.b.canary), 0)
    for topic in TOPICS:
        if topic.name == DEAD_LETTER.name:
            continue  # keyed by place; it holds what nobody could read
        for key, content in records(two.installation, topic.name):
            for mine, other in two.sides:
                if key.startswith(f"{mine.tenant}|".encode()):
                    assert other.canary.encode() not in key + content, (topic.name, key)
                    found[mine.canary] += mine.canary.encode() in key + content
    assert min(found.values()) >= 8  # each side's items, events and states were among what was searched


def test_each_row_of_the_online_store_holds_its_own_tenants_words(two: Apart) -> None:
    with redis.Redis.from_url(two.installation.settings.redis_login_url) as store:
        n_rows = 0
        for key in store.scan_iter(count=1000):
            if store.type(key) != b"hash":
                continue
            content = b"".join(part for pair in store.hgetall(key).items() for part in pair)
            for mine, other in two.sides:
                if f"{mine.tenant}|".encode() in key:
                    n_rows += 1
                    assert other.canary.encode() not in key + content, key
    assert n_rows >= 4


def test_each_partition_of_the_lake_holds_its_own_tenants_words(two: Apart) -> None:
    table = str(events_dir(two.installation.settings.lake_dir))

    def rows(side: Side) -> str:
        return DeltaTable(table).to_pandas(filters=[("tenant", "=", side.tenant)]).to_csv()

    for mine, other in two.sides:
        eventually(lambda mine=mine: mine.canary in rows(mine), "the lake has the tenant's events")
        assert other.canary not in rows(mine)


def test_releases_and_keys_lie_in_files_of_one_tenant_each(two: Apart) -> None:
    state, keys = two.installation.settings.state_dir, two.installation.settings.server_keys_dir
    for mine, other in two.sides:
        for path in (state / "releases").glob(f"{mine.tenant}*"):
            assert other.tenant not in path.read_text()
        assert other.narrow_key not in (keys / mine.tenant).read_text()


PORTS = ("blue_port", "green_port", "collector_port", "rollout_port", "monitoring_port", "storefront_metrics_port")


def test_no_metric_names_an_item_or_a_shopper(two: Apart) -> None:
    settings, n_read = two.installation.settings, 0
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        for name in PORTS:
            if name in type(settings).model_fields:
                scraped = client.get(f"http://127.0.0.1:{getattr(settings, name)}/metrics")
                n_read += scraped.is_success
                assert not [word for word in words(two) if word in scraped.text], name
    assert n_read >= 4


def test_no_log_names_a_shopper_or_a_credential_and_only_the_edges_an_item(two: Apart) -> None:
    persons = [SHOPPER, *(side.own_shopper for side, _ in two.sides)]
    persons += [key for side, _ in two.sides for key in (side.narrow_key, side.admin_key)]
    read = list(two.installation.log_folder.glob("*.log"))
    assert len(read) >= 10
    for path in read:
        # The edge logs paths, and an item's page has the item in its path.
        unwanted = persons if path.stem == "envoy" else [*persons, *words(two)]
        text = path.read_text(errors="replace")
        assert not [word for word in unwanted if word in text], path.name


def words(two: Apart) -> tuple[str, ...]:
    return two.a.canary, two.b.canary, SHOPPER, ITEM
