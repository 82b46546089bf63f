"""The age of facts as metrics."""

from __future__ import annotations

from datetime import date

from api.telemetry.freshness import ages_in_days
from data.facts.corpus import Verification


def test_each_family_has_its_age_in_days() -> None:
    text = ages_in_days(
        [
            Verification(venue="bybit", family="margin_tiers", last_verified=date(2026, 11, 1)),
            Verification(venue="okx", family="fees", last_verified=date(2026, 11, 22)),
        ],
        date(2026, 11, 21),
    ).decode()
    assert 'preclear_facts_age_days{family="margin_tiers",venue="bybit"} 20.0\n' in text
    assert 'preclear_facts_age_days{family="fees",venue="okx"} 0.0\n' in text
