"""What is counted and timed: metrics for Prometheus, and the log line of each request.

Labels are route templates, verdicts and rule ids, so their number is bounded.
"""

from __future__ import annotations

import asyncio
import os
import struct
import time
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from operator import attrgetter
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from api.telemetry.counters import reserve_counters
from data.journal.writing.messages import Batch
from rules.decision import Conclusion

disable_created_metrics()  # type: ignore[no-untyped-call]
reserve_counters()

WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ENTRIES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_TALLY_SECONDS = 2.0
_SCRAPE_ATTEMPTS = 20
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked every few seconds by machines: measured, not logged."""


_rule_and_outcome = attrgetter("rule", "outcome")


class Telemetry:
    """Metrics and request log of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "preclear_requests",
            "Requests by method, route and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "preclear_request_seconds", "Time to answer", ["method", "route"], registry=self.registry, buckets=_SECONDS
        )
        self._verdicts = Counter("preclear_decisions", "Decisions by verdict", ["verdict"], registry=self.registry)
        self._outcomes = Counter(
            "preclear_rule_outcomes", "Findings by rule and outcome", ["rule", "outcome"], registry=self.registry
        )
        self._stored = Counter(
            "preclear_journal_entries", "Entries by what became of them", ["result"], registry=self.registry
        )
        self._commit = Histogram(
            "preclear_journal_commit_seconds", "Time of one commit", registry=self.registry, buckets=_SECONDS
        )
        self._batch = Histogram(
            "preclear_journal_batch_entries", "Entries in one commit", registry=self.registry, buckets=_ENTRIES
        )
        self._batch_processes = Gauge(
            "preclear_batch_processes",
            "Processes that decide long batches now",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self._release_age = Gauge(
            "preclear_release_age_seconds",
            "Time since the served release was built",
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self._decided: Tally[str] = Tally()
        self._tally: Tally[tuple[str, str]] = Tally()
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}
        # Bound once: what a logger looks up for each line would otherwise cost as much as the line.
        self._log = structlog.get_logger("preclear.requests").bind()

    def watch(self, scope: Any, method: str) -> RequestWatch:
        """Start the clock of a request that came with this method and is routed with this scope."""
        return RequestWatch(self, scope, method)

    def count_decision(self, conclusion: Conclusion) -> None:
        """Count a decision's verdict and findings. Added up here, written down when metrics are read or time passes."""
        self._decided[conclusion.verdict] += 1
        self._tally.update(map(_rule_and_outcome, conclusion.findings))

    def count_decisions(self, verdicts: Mapping[str, int], outcomes: Iterable[tuple[str, str, int]]) -> None:
        """Count decisions that were added up elsewhere: how many of each verdict, and findings by rule and outcome."""
        self._decided.update(verdicts)
        for rule, outcome, number in outcomes:
            self._tally[rule, outcome] += number

    def batch_processes(self, number: int) -> None:
        """Note how many processes decide long batches."""
        self._batch_processes.set(number)

    def count_batch(self, batch: Batch) -> None:
        """Count a commit of the journal, and its entries by what became of each."""
        became = {
            "stored": batch.stored,
            "replayed": batch.replayed,
            "conflict": batch.conflicts,
            "failed": batch.failed,
        }
        for result, number in became.items():
            if number:
                self._stored.labels(result).inc(number)
        self._commit.observe(batch.seconds)
        self._batch.observe(batch.entries)

    def write_tally(self) -> None:
        """Move what was added up into the metrics that other workers' scrapes see too."""
        decided, self._decided = self._decided, Tally()
        for verdict, number in decided.items():
            self._verdicts.labels(verdict).inc(number)
        tally, self._tally = self._tally, Tally()
        for (rule, outcome), number in tally.items():
            self._outcomes.labels(rule, outcome).inc(number)

    async def keep_writing(self) -> None:
        """Write the tally every few seconds, so that another worker's scrape misses little."""
        while True:
            await asyncio.sleep(_TALLY_SECONDS)
            self.write_tally()

    def exposition(self, release_built_at: float) -> bytes:
        """Return the metrics of all workers in Prometheus' text format."""
        self.write_tally()
        self._release_age.set(max(time.time() - release_built_at, 0.0))
        if WORKERS_FOLDER not in os.environ:
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        for _ in range(_SCRAPE_ATTEMPTS):
            try:
                return generate_latest(shared)
            except struct.error:
                # Another worker has just created its file and not given it a size yet.
                time.sleep(0.002)
        return generate_latest(shared)

    def ended(self, method: str, route: str, path: str, status: int, seconds: float, state: Any) -> None:
        """Count and log an answered request."""
        known = self._children.get((method, route, status))
        if known is None:
            known = self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)
            self._children[method, route, status] = known
        known[0].inc()
        known[1].observe(seconds)
        if route in _QUIET and status < 500:
            return
        with suppress(OSError):  # a log that is full must not take the service with it
            self._log.info(
                "request",
                request_id=state.get("request_id"),
                method=method,
                path=path,
                status=status,
                ms=round(seconds * 1000, 3),
                key_id=state.get("key_id") or None,
            )


class RequestWatch:
    """The clock of one request."""

    __slots__ = ("_method", "_scope", "_started", "_telemetry", "status")

    def __init__(self, telemetry: Telemetry, scope: Any, method: str) -> None:
        self._telemetry = telemetry
        self._scope = scope
        self._method = method
        self._started = time.perf_counter()
        self.status = 0
        """Status of the answer; zero when there was none, because the client went away."""

    def end(self) -> None:
        """Stop the clock."""
        scope = self._scope
        method = self._method if self._method in _METHODS else "other"
        route = scope.get("path_template") or "other"
        seconds = time.perf_counter() - self._started
        self._telemetry.ended(method, route, scope["path"][:200], self.status, seconds, scope["state"])


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@contextmanager
def workers_metrics() -> Iterator[None]:
    """Let the workers that are started meanwhile add up their metrics, through an empty folder they all write to."""
    with TemporaryDirectory(prefix="preclear-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[WORKERS_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[WORKERS_FOLDER]
