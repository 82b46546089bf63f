"""Counters of several workers on a disk that is full."""

from __future__ import annotations

import errno
import os
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

from api.telemetry.counters import ReservedDict


def kept(path: Path) -> dict[str, float]:
    return {key: value for key, value, *_ in MmapedDict.read_all_values_from_file(str(path))}  # type: ignore[no-untyped-call]


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: int, _offset: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)


def test_metrics_are_kept_in_reserved_files() -> None:
    assert values.MmapedDict is ReservedDict


def test_the_pages_of_a_file_are_on_the_disk_before_they_are_written_to(tmp_path: Path) -> None:
    path = tmp_path / "counter.db"
    with closing(ReservedDict(str(path))) as counters:
        assert path.stat().st_blocks * 512 >= 1 << 16
        for number in range(2_000):
            counters.write_value(f"{number:060}", float(number), 0.0)
    assert path.stat().st_size > 1 << 16
    assert path.stat().st_blocks * 512 >= path.stat().st_size
    assert kept(path) == {f"{number:060}": number for number in range(2_000)}


def test_what_finds_no_room_is_written_down_when_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "counter.db"
    long = "x" * (1 << 16)
    with closing(ReservedDict(str(path))) as counters:
        counters.write_value("before", 1.0, 0.0)
        with monkeypatch.context() as full:
            fill_the_disk(full)
            assert counters.read_value(long) == (0.0, 0.0)
            counters.write_value(long, 2.0, 0.0)
            counters.write_value("before", 3.0, 0.0)
            assert kept(path) == {"before": 3.0}
        counters.write_value(long, 4.0, 0.0)
    assert kept(path) == {"before": 3.0, long: 4.0}


def test_a_worker_that_starts_on_a_full_disk_counts_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "counter.db"
    fill_the_disk(monkeypatch)
    with closing(ReservedDict(str(path))) as counters:
        counters.write_value("after", 1.0, 0.0)
        assert counters.read_value("after") == (1.0, 0.0)
    assert not path.exists()
