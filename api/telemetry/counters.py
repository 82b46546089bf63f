"""The files in which workers keep their counters for each other's scrapes: no write to them can end a worker.

They are memory-mapped, and sparse as `prometheus_client` makes them: a write to a page that a full disk cannot give
ends the process with SIGBUS, which nothing catches, and then the worker that is started in its place. Here the pages
are on the disk before they are written to. What finds no room is counted in the worker's memory alone, and written
down when there is room.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import structlog
from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

_FIRST_BYTES = 1 << 16
"""As `prometheus_client` makes a file."""


def reserve_counters() -> None:
    """Let the metrics that this process makes from now on keep their values in files with room."""
    values.MmapedDict = ReservedDict  # type: ignore[attr-defined]


class ReservedDict(MmapedDict):
    """Values by key, in a file whose pages are reserved."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        path = Path(filename)
        try:
            with path.open("ab") as file:
                _reserve(file.fileno(), _FIRST_BYTES)
        except OSError as error:
            with suppress(OSError):
                path.unlink()  # an empty one fails every scrape
            structlog.get_logger("preclear.metrics").warning("metrics_not_shared", why=error.strerror)
            memory = os.memfd_create("metrics")
            filename = f"/proc/self/fd/{memory}"
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]
            os.close(memory)
        else:
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def read_value(self, key: str) -> tuple[float, float]:
        """Return a value and its time; zeros for a new one that finds no room."""
        try:
            found: tuple[float, float] = super().read_value(key)  # type: ignore[no-untyped-call]
        except OSError:
            return 0.0, 0.0
        return found

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Write a value, which the caller goes on holding, unless there is no room."""
        try:
            super().write_value(key, value, timestamp)  # type: ignore[no-untyped-call]
        except OSError:
            return

    def _init_value(self, key: str) -> None:
        length = 4 + len(key.encode()) + 8 + 16  # a size, the key and its padding, the value and its time
        capacity = self._capacity
        while self._used + length > capacity:
            capacity *= 2
        if capacity > self._capacity:
            _reserve(self._f.fileno(), capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]


def _reserve(file: int, size: int) -> None:
    if sys.platform == "linux":
        os.posix_fallocate(file, 0, size)
