import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recommndr.features import item, shopper
from recommndr.settings import Settings
from recommndr_feature_repo import FEATURE_SERVICE, docs_table, open_store
from recommndr_feature_repo.definitions import ONLINE_SCHEMAS
from recommndr_feature_repo.store import connection_string, definitions_digest


def test_every_field_of_every_schema_is_registered_with_its_type_owner_and_ttl(tmp_path: Path) -> None:
    store = open_store(Settings(state_dir=tmp_path))
    views = {view.name: view for view in store.list_feature_views()}
    assert set(views) == {schema.name for schema in (*ONLINE_SCHEMAS, item.SCHEMA)}
    for schema in (*ONLINE_SCHEMAS, item.SCHEMA):
        view = views[schema.name]
        assert view.ttl == schema.ttl
        assert view.owner == schema.owner
        assert {field.name: field.description for field in view.features} == {f.name: f.description for f in schema.fields}
        feast_names = {field.name: str(field.dtype).lower() for field in view.features}
        for field in schema.fields:
            element, _, is_list = field.dtype.partition("_")
            assert feast_names[field.name] == (f"array({element})" if is_list else element)


def test_the_feature_service_names_all_a_shopper_reads_as_and_nothing_else() -> None:
    served = [field.name for projection in FEATURE_SERVICE.feature_view_projections for field in projection.features]
    assert sorted(served) == sorted([*shopper.default_columns(), "guest_ids"])


def test_items_are_registered_but_not_online(tmp_path: Path) -> None:
    views = {view.name: view for view in open_store(Settings(state_dir=tmp_path)).list_feature_views()}
    assert not views["item"].online
    assert all(views[schema.name].online for schema in ONLINE_SCHEMAS)


def test_many_openers_at_once_end_with_one_whole_registry(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(settings), range(4)))
    assert {len(store.list_feature_views()) for store in stores} == {5}
    assert [path.name for path in (tmp_path / "feast").iterdir()] == [f"registry-{definitions_digest()}.db"]


def test_opening_again_writes_nothing(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    open_store(settings)
    (registry,) = (tmp_path / "feast").iterdir()
    before = registry.stat()
    open_store(settings)
    assert registry.stat().st_mtime_ns == before.st_mtime_ns


def test_the_catalogue_names_every_feature() -> None:
    table = docs_table()
    for schema in (*ONLINE_SCHEMAS, item.SCHEMA):
        assert f"## {schema.name}\n" in table
        for field in schema.fields:
            assert f"| `{field.name}` | {field.dtype} |" in table


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://h", "h:6379,db=0,socket_timeout=5,socket_connect_timeout=5"),
        (
            "rediss://u:p%40ss@h:1/2",
            'h:1,db=2,socket_timeout=5,socket_connect_timeout=5,username=u,password="p@ss",ssl=true',
        ),
    ],
)
def test_redis_urls_become_feast_connection_strings(url: str, expected: str) -> None:
    assert connection_string(url) == expected


@pytest.mark.parametrize("url", ["http://h:1", "127.0.0.1:6379", "redis://"])
def test_other_urls_are_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="redis_url"):
        connection_string(url)


@pytest.mark.parametrize("module", ["recommndr_feature_repo", "recommndr_feature_writer.main"])
def test_importing_feast_leaves_each_registry_its_own_values_here_and_in_child_processes(module: str) -> None:
    """Feast switches a prometheus_client that is imported after it to values shared by the whole process, by variables."""
    script = (
        f"import {module}; from prometheus_client import CollectorRegistry, Counter; import os, sys;"
        "a, b = CollectorRegistry(), CollectorRegistry(); Counter('c', 'c', registry=a).inc(); Counter('c', 'c', registry=b);"
        "left = [name for name in os.environ if 'PROMETHEUS_MULTI' in name];"
        "print('feast' in sys.modules, b.get_sample_value('c_total'), left)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROMETHEUS_MULTI")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True, text=True)
    assert done.stdout == "True 0.0 []\n"
