"""One request does not stall a slot: what is wrong is refused before anything is built from it."""

import json
import time
from collections.abc import Callable

import pytest

from recommndr_http.problem import Problem
from recommndr_serving.http.requests import recommend_request
from tests.serving.shops import Shop, headers

# 40 kB of wrong ids took as long as 30 readings of them when each was described.
TIMES_READING = 8.0
BODIES = {
    "wrong ids to exclude": json.dumps({"user_id": "anna", "exclude": [""] * 14_000}).encode(),
    "numbers to exclude": json.dumps({"user_id": "anna", "exclude": [1] * 14_000}).encode(),
    "unknown fields": json.dumps({"user_id": "anna"} | {f"f{n}": 1 for n in range(4_500)}).encode(),
    "unknown filters": json.dumps({"user_id": "anna", "filters": {f"f{n}": 1 for n in range(4_500)}}).encode(),
    "nesting": b'{"user_id": "anna", "context": ' + b"[" * 25_000 + b"]" * 25_000 + b"}",
}


def seconds(work: Callable[[], object]) -> float:
    """Of this process's own time, the best of seven: what else runs on the machine is not in it."""
    spent = []
    for _ in range(7):
        began_s = time.process_time()
        work()
        spent.append(time.process_time() - began_s)
    return min(spent)


def refused(body: bytes) -> None:
    with pytest.raises(Problem):
        recommend_request(body)


@pytest.mark.parametrize("name", sorted(set(BODIES) - {"nesting"}))
def test_to_refuse_a_body_takes_little_more_than_to_read_it(name: str) -> None:
    assert len(BODIES[name]) > 40_000
    assert seconds(lambda: refused(BODIES[name])) < TIMES_READING * seconds(lambda: json.loads(BODIES[name]))


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_each_of_them_is_a_400_of_one_error(shop: Shop, body: bytes) -> None:
    response = await shop.client.post("/recommend", content=body, headers=headers("anna"))
    assert response.status_code == 400
    assert len(response.json()["errors"]) == 1


async def test_the_first_wrong_id_of_many_is_named(shop: Shop) -> None:
    asked = {"user_id": "anna", "exclude": ["i1", "", ""]}
    response = await shop.client.post("/recommend", json=asked, headers=headers("anna"))
    assert [error["field"] for error in response.json()["errors"]] == ["exclude.1"]


@pytest.mark.parametrize("path", ["/recommend", "/popular", "/items", "/search", "/similar_items"])
@pytest.mark.parametrize(
    "query",
    ["&".join(f"f{n}=1" for n in range(30)), "&".join(["exclude=x"] * 700), "&" * 5_000],
    ids=["names", "values", "blanks"],
)
async def test_a_query_of_many_parts_is_refused_before_it_is_parsed(shop: Shop, path: str, query: str) -> None:
    response = await shop.client.get(f"{path}?{query}", headers=headers("anna"))
    assert (response.status_code, response.json()["field"]) == (400, "query")


async def test_five_hundred_ids_may_be_excluded_by_query(shop: Shop) -> None:
    query = "&".join(["user_id=anna", *(f"exclude=x{n}" for n in range(500))])
    assert (await shop.client.get(f"/recommend?{query}", headers=headers("anna"))).status_code == 200
