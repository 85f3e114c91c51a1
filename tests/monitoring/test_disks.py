"""What the exporter says of a disk that is there, full, slow, or broken."""

import errno
from pathlib import Path

import pytest

from recommndr_monitoring.disks import Disks
from recommndr_monitoring.source import SourceUnavailable


def told(disks: Disks) -> dict[str, float]:
    return {sample.family.removeprefix("recommndr_disk_"): sample.value for sample in disks.samples()}


def test_a_disk_says_its_size_and_that_it_takes_a_page_and_no_probe_stays(tmp_path: Path) -> None:
    found = told(Disks({"lake": tmp_path, "state": tmp_path / "not-there-yet"}))
    assert found["size_bytes"] >= found["free_bytes"] > 0
    assert found["writable"] == 1.0
    assert found["write_seconds"] > 0.0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_not_writable_and_still_says_what_is_free(reason: int, tmp_path: Path) -> None:
    def full(path: Path) -> None:
        path.write_bytes(b"half a")
        raise OSError(reason, "no space")

    found = told(Disks({"lake": tmp_path}, full))
    assert found["writable"] == 0.0
    assert found["free_bytes"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_slow_disk_says_how_slow(tmp_path: Path) -> None:
    clock = [10.0]

    def slow(path: Path) -> None:
        path.write_bytes(b"")
        clock[0] += 2.5

    assert told(Disks({"lake": tmp_path}, slow, lambda: clock[0]))["write_seconds"] == 2.5


def test_a_disk_that_fails_otherwise_is_away(tmp_path: Path) -> None:
    def broken(_: Path) -> None:
        raise OSError(errno.EIO, "input/output error")

    with pytest.raises(SourceUnavailable, match="input/output"):
        Disks({"lake": tmp_path}, broken).samples()
