"""Killed between any two effects, and in the middle of them, the lake has every record once and every letter is written."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from deltalake import DeltaTable

from recommndr_lake_writer.lake import events_dir, read_events
from tests.lake_writer.killed_writer import N_EVENTS, N_LIVES, topic


def test_killed_between_any_two_effects_it_ends_with_every_record_once(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.lake_writer.killed_writer", str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert int(ran.stdout) >= N_LIVES * 3 // 4, ran.stderr
    stored = read_events(tmp_path, "grocer")
    assert stored.num_rows == len(set(stored["event_id"].to_pylist())) * 2 == 2 * N_EVENTS
    rows = DeltaTable(events_dir(tmp_path)).to_pyarrow_table(columns=["partition", "offset", "line_no"]).to_pylist()
    assert set(Counter(tuple(row.values()) for row in rows).values()) == {1}
    unreadable = {f"{one.topic}:{one.partition}:{one.offset}" for one in topic()[-2:]}
    assert set((tmp_path / "letters").read_text().split()) == unreadable
