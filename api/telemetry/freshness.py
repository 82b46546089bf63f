"""How old facts are, for whoever watches the service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from data.facts.corpus import Verification


class _Ages(Collector):
    def __init__(self, verifications: Iterable[Verification], today: date) -> None:
        self._verifications = verifications
        self._today = today

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one gauge with a value per venue and family."""
        gauge = GaugeMetricFamily(
            "preclear_facts_age_days",
            "Days since a venue's family of facts was compared with its sources",
            labels=["venue", "family"],
        )
        for one in self._verifications:
            gauge.add_metric([one.venue, one.family], max(0, (self._today - one.last_verified).days))
        yield gauge


def ages_in_days(verifications: Iterable[Verification], today: date) -> bytes:
    """Return the ages of all families as metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Ages(verifications, today))
    return generate_latest(registry)
