"""`docs/how-to/add-a-feature.md` is true: its file, put into a copy of the project, is a feature group from lake to slot."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import RunningRedis

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/how-to/add-a-feature.md").read_text()
FLINK_PYTHON = ROOT / "flink_jobs/.venv/bin/python"

# The lake's history becomes seeds; those of the new group are printed as Kafka's keys and values.
BACKFILL = """
import json, sys
from pathlib import Path
from recommndr.counting import DEFAULT_COUNTING
from recommndr.generation import Generation
from recommndr_training.data import history
from recommndr_training.examples.replay import Replay
from recommndr_training.examples.shard_pool import ShardPool
from recommndr_training.live.seed_publisher import records
from recommndr_training.shipping import seed
from tests.training.orders import CUT_S, DAY_S, Order
from tests.training.test_history import event, write

folder = Path(sys.argv[1])
write(folder, [event(Order(f"o{day}", "anna", CUT_S - day * DAY_S, ("milk",))) for day in (1, 5, 3)])
with Replay(history.of_lake(folder, "grocer"), ShardPool.start(DEFAULT_COUNTING)) as replay:
    replay.advance_to(CUT_S)
    seed.write(replay, folder / "seeds.parquet")
begun = Generation(number=1, step="begun", side=1, counting=DEFAULT_COUNTING, own_kinds=())
rows = seed.read(folder / "seeds.parquet").rows
seeds = [one for row in rows if row.group == "tenure" for one in records(row, "grocer", begun)]
print(json.dumps([(key.hex(), value.hex()) for key, value in seeds]))
"""

# The job takes the seeds, then one event more of the stream; printed is what it wrote to the group's topic.
STREAM = """
import json, sys
from datetime import UTC, datetime
from uuid import UUID
from making import TOPIC_ID, PlainJob, begun, complete, cut, raw
from recommndr import events
from recommndr.topics import ADDED_FEATURES, PARTITIONS, SEEDS
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.route import Raw

told = [[bytes.fromhex(part) for part in one] for one in json.load(sys.stdin)]
seeds = [Raw(SEEDS.name, 0, place, key, value, None, None) for place, (key, value) in enumerate(told)]
generation = complete(cut(begun(1), (0,) * PARTITIONS), seeds)
job = PlainJob(Origin.of({"grocer": [generation]}, TOPIC_ID).anew({"grocer": generation.n_seeds}, {}))
job.take(*seeds)
at = datetime.fromtimestamp(float(sys.argv[1]), UTC)
sent = {"kind": "view", "event_id": str(UUID(int=1)), "user_id": "anna", "occurred_at": at, "lines": [{"item_id": "milk"}]}
job.take(raw(events.stamp(events.CLIENT_EVENT.validate_python(sent), "grocer", at), 0))
(topic,) = [topic.name for topic in ADDED_FEATURES]
print(json.dumps([topic, *((one.key.hex(), one.value.hex()) for one in job.to(topic))]))
"""

# The feature writer's row of the newest record, written to Redis and read as a slot reads it.
SERVE = """
import asyncio, json, sys
import redis
from pathlib import Path
from recommndr.settings import Settings
from recommndr_feature_writer.online_rows import RedisRows
from recommndr_feature_writer.position import Batch
from recommndr_feature_writer.shopper_row import row_of
from recommndr_serving.live.redis_user_rows import RedisUserRows
from recommndr_tail.record import TopicRecord

topic, *records = json.load(sys.stdin)
key, value = records[-1]
row = row_of(TopicRecord(topic, 0, 0, bytes.fromhex(key), bytes.fromhex(value), 0.0))
RedisRows(redis.Redis.from_url(sys.argv[1])).write(Batch(rows=[row]))

async def read():
    rows = RedisUserRows.open(Settings(state_dir=Path(sys.argv[2]), redis_url=sys.argv[1], feature_timeout_ms=5_000))
    found = await rows.row("grocer", "anna")
    await rows.close()
    return {name: found[name] for name in ("first_seen_s", "last_seen_s")}

print(json.dumps(asyncio.run(read())))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package with the document's file in it."""
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if block.startswith('"""Tenure')]
    shutil.copytree(ROOT / "recommndr/recommndr", tmp_path / "copy/recommndr", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "copy/recommndr/features/added/tenure.py").write_text(code)
    return tmp_path / "copy"


def run(python: Path | str, copy: Path, *arguments: str, told: str = "", folder: Path = ROOT) -> str:
    """What a process prints that finds the copy before the project's own package."""
    environment = os.environ | {"PYTHONPATH": f"{copy}{os.pathsep}{folder}"}
    done = subprocess.run(
        [str(python), *arguments], input=told, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.integration
def test_the_laws_of_the_documents_group_hold(copy: Path) -> None:
    found = run(sys.executable, copy, "-c", "from recommndr.features import added; print(added.NAMES)")
    assert found == "('tenure',)"
    run(sys.executable, copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/recommndr/test_added_groups.py")


@pytest.mark.integration
def test_the_documents_group_is_backfilled_from_the_lake_goes_on_live_and_is_in_the_row_that_a_slot_reads(
    copy: Path, new_redis: Callable[[], RunningRedis], tmp_path: Path
) -> None:
    later_s = 1_513_555_200.0 + 60.0  # a minute after the lake's last event
    seeds = run(sys.executable, copy, "-c", BACKFILL, str(tmp_path / "lake"))
    assert len(json.loads(seeds)) == 1
    written = run(FLINK_PYTHON, copy, "-c", STREAM, str(later_s), told=seeds, folder=ROOT / "flink_jobs/tests")
    row = run(sys.executable, copy, "-c", SERVE, new_redis().url, str(tmp_path / "state"), told=written)
    assert json.loads(row) == {"first_seen_s": 1_513_555_200.0 - 5 * 86_400.0, "last_seen_s": later_s}
