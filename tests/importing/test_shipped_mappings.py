"""The shipped mappings on small files of the shapes that were published."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recommndr_importing.mapping import load
from recommndr_importing.shop_import import Outcome, run
from recommndr_lake_writer.items import read_items
from recommndr_lake_writer.lake import read_events
from tests.importing.shop import order, silently


def imported(folder: Path, name: str, events: Path, items: Path | None = None) -> Outcome:
    return run(replace(order(folder), mapping=load(name), event_files=(events,), item_file=items), silently)


def told(folder: Path, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(line[name] for name in columns) for line in read_events(folder / "lake", "boutique").to_pylist()]


def described(folder: Path, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(item[name] for name in columns) for item in read_items(folder / "lake", "boutique").to_pylist()]


RATED = [("1", "10", "view", 964982224), ("1", "20", "like", 964982703), ("2", "10", "dislike", 964983815)]


def rated(folder: Path) -> list[tuple[Any, ...]]:
    return [(*row[:3], row[3].timestamp()) for row in told(folder, "user_id", "item_id", "kind", "event_at")]


def test_movielens_latest(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,20,4.0,964982703\n1,10,3.5,964982224\n2,10,0.5,964983815\n2,10,,964983815\n"
    )
    (tmp_path / "movies.csv").write_text(
        'movieId,title,genres\n10,"American President, The (1995)",Comedy|Drama\n20,"Heat ""95""",(no genres listed)\n'
    )
    outcome = imported(tmp_path, "movielens", tmp_path / "ratings.csv", tmp_path / "movies.csv")
    assert rated(tmp_path) == RATED
    assert outcome.rejects.counts == {"kind_unknown": 1}
    assert described(tmp_path, "item_id", "title", "tags") == [
        ("10", "American President, The (1995)", ["Comedy", "Drama"]),
        ("20", 'Heat "95"', ["(no genres listed)"]),
    ]


def test_movielens_100k(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("1\t20\t4\t964982703\n1\t10\t3\t964982224\n2\t10\t1\t964983815\n")
    flags = "|".join("0" * 19)
    (tmp_path / "u.item").write_bytes(f'10|"Léon" (1994)|01-Jan-1994||http://x|{flags}\n20|B|||y|{flags}\n'.encode("latin-1"))
    assert imported(tmp_path, "movielens-100k", tmp_path / "u.data", tmp_path / "u.item").rejects.n == 0
    assert rated(tmp_path) == RATED
    assert described(tmp_path, "item_id", "title") == [("10", '"Léon" (1994)'), ("20", "B")]


def test_movielens_1m(tmp_path: Path) -> None:
    (tmp_path / "ratings.dat").write_text("1::20::5::964982703\n1::10::3::964982224\n2::10::2::964983815\n")
    (tmp_path / "movies.dat").write_bytes("10::Star Wars: Episode IV::Action|Sci-Fi\n20::Amélie::Comedy\n".encode("latin-1"))
    assert imported(tmp_path, "movielens-1m", tmp_path / "ratings.dat", tmp_path / "movies.dat").rejects.n == 0
    assert rated(tmp_path) == RATED
    assert described(tmp_path, "title", "tags") == [("Star Wars: Episode IV", ["Action", "Sci-Fi"]), ("Amélie", ["Comedy"])]


@pytest.mark.parametrize("labels", [["new", "red"], {"colour": "red"}, None])
def test_a_gorse_dump(tmp_path: Path, labels: object) -> None:
    feedback = [
        {"FeedbackType": kind, "UserId": "bob", "ItemId": "i1", "Timestamp": at, "Comment": "", "Value": 0}
        for kind, at in (
            ("read", "2024-05-01T10:00:00Z"),
            ("star", "2024-05-01T12:00:01.5+02:00"),
            ("vote", "2024-05-01T10:00:00Z"),
        )
    ]
    feedback.append(feedback[0] | {"ItemId": "i2", "Timestamp": "0001-01-01T00:00:00Z"})  # Go's word for no time
    items = [
        {
            "ItemId": "i1",
            "IsHidden": False,
            "Categories": ["shoes", "boots"],
            "Timestamp": "2024-01-01T00:00:00Z",
            "Labels": labels,
            "Comment": "Red boot",
        },
        {
            "ItemId": "i2",
            "IsHidden": False,
            "Categories": None,
            "Timestamp": "0001-01-01T00:00:00Z",
            "Labels": [],
            "Comment": "",
        },
        {
            "ItemId": "i3",
            "IsHidden": True,
            "Categories": [],
            "Timestamp": "2024-01-01T00:00:00Z",
            "Labels": [],
            "Comment": "Old",
        },
    ]
    for name, rows in (("feedback", feedback), ("items", items)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    outcome = imported(tmp_path, "gorse", tmp_path / "feedback.jsonl", tmp_path / "items.jsonl")
    assert outcome.rejects.counts == {"kind_unknown": 1, "time_unreadable": 1, "hidden": 1}
    assert [kind for _, kind in told(tmp_path, "event_at", "kind")] == ["view", "favorite"]
    assert described(tmp_path, "item_id", "title", "category_path") == [
        ("i1", "Red boot", ["shoes", "boots"]),
        ("i2", "i2", []),
    ]
    (first, _) = described(tmp_path, "tags")
    assert first == ((labels,) if isinstance(labels, list) else ([],))


def test_retailrocket_as_it_was_published(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(
        "timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,view,355908,\n1433221332118,5,addtocart,7,\n"
        "1433221332999,5,transaction,7,4000\n1433221333000,5,transaction,8,4000\n"
    )
    imported(tmp_path, "retailrocket", tmp_path / "events.csv")
    assert told(tmp_path, "user_id", "item_id", "kind")[:2] == [("257597", "355908", "view"), ("5", "7", "add_to_cart")]
    bought = told(tmp_path, "event_id", "event_at", "item_id")[2:]
    assert {row[2] for row in bought} == {"7", "8"}
    assert len({row[:2] for row in bought}) == 1
    assert bought[0][1].timestamp() == 1433221332.999


def test_rees46_as_it_was_published_events_and_items_from_one_file(tmp_path: Path) -> None:
    (tmp_path / "2019-Oct.csv").write_text(
        "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
        "2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde\n"
        "2019-10-01 00:00:01 UTC,purchase,3900821,20530,appliances.environment.water_heater,aqua,33.20,554748717,9333dfbd\n"
    )
    imported(tmp_path, "rees46", tmp_path / "2019-Oct.csv", tmp_path / "2019-Oct.csv")
    assert told(tmp_path, "kind", "session_id", "price_minor", "currency") == [
        ("view", "72d76fde", 3579, "USD"),
        ("purchase", "9333dfbd", 3320, "USD"),
    ]
    assert described(tmp_path, "item_id", "brand", "category_path") == [
        ("3900821", "aqua", ["appliances", "environment", "water_heater"]),
        ("44600062", "shiseido", []),
    ]


def test_taobao_as_it_was_published(tmp_path: Path) -> None:
    (tmp_path / "UserBehavior.csv").write_text("1,2268318,2520377,pv,1511544070\n1,2333346,2520771,fav,1511561733\n")
    imported(tmp_path, "taobao", tmp_path / "UserBehavior.csv")
    assert told(tmp_path, "item_id", "kind") == [("2268318", "view"), ("2333346", "favorite")]
    assert described(tmp_path, "item_id", "category_path") == [("2268318", ["2520377"]), ("2333346", ["2520771"])]
