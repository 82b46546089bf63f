"""Entries for tests of the journal alone: real JSON, invented decisions."""

from __future__ import annotations

from typing import Any

import msgspec

from data.journal.chain import sha256
from data.journal.entry import NewEntry, Summary, instant
from data.journal.journal import Journal
from data.journal.queries import named_things

POLICY = b'{"name":"standard"}'


def new_entry(decision_id: str, **changes: Any) -> NewEntry:
    """Return a decision to record; `changes` replace its fields."""
    request = changes.pop(
        "request",
        msgspec.json.encode(
            {"venue": "binance", "instrument": "BTCUSDT", "client": {"residence": "US-NY", "client_class": "retail"}}
        ),
    )
    values: dict[str, Any] = {
        "decision_id": decision_id,
        "request": request,
        "answer": msgspec.json.encode(
            {"decision_id": decision_id, "verdict": "deny", "digest": "sha256:ab", "trade": msgspec.Raw(request)}
        ),
        "input_hash": sha256(request),
        "release": "facts-1",
        "rules_version": "1",
        "policy_name": "standard",
        "policy_digest": sha256(POLICY),
        "api_version": "v1",
        "as_of": "2026-11-21",
        "decided_at": instant(),
        "verdict": "deny",
        "venue": "binance",
        "residence": "US-NY",
        "failed_rules": ("us.retail_derivatives_on_dcm",),
    }
    return NewEntry(**{**values, **changes})


async def keep_policy(journal: Journal) -> None:
    """Store the policy that the entries name, as the service does before it records."""
    await journal.keep_policy(sha256(POLICY), POLICY)


def whole(summary: Summary) -> Summary:
    """Return what a walk found as it is."""
    return summary


async def named_of(journal: Journal, kind: str) -> set[str]:
    """Return the releases, or the digests of policies, that entries are noted to name: none may be deleted."""
    return set(await journal.reading(lambda connection: named_things(connection, kind)))
