"""Recorded decisions as they go over the wire."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from msgspec import Raw, Struct

from api.contracts import Decision, DecisionRequest
from api.instants import InstantText
from data.journal import Entry, Summary
from rules.decision import Effect, Outcome, Verdict


class DecisionRow(Struct, frozen=True, kw_only=True):
    """A recorded decision without its findings; `/v1/decisions/{id}` has all of it."""

    decision_id: str
    verdict: Verdict
    """What was decided."""
    venue: str
    residence: str | None
    """Residence of the client; null, or a keyed hash, where the journal masks client fields."""
    failed_rules: tuple[str, ...]
    """Ids of the rules that failed, those that only warn among them."""
    as_of: dt.date
    decided_at: InstantText
    """When it was decided: RFC 3339 in UTC, with six fraction digits."""
    recorded_at: InstantText
    """When it was appended to the journal: RFC 3339 in UTC, with six fraction digits."""
    release: str
    rules_version: str
    """Version of the rules that judged."""
    policy_name: str
    """Name of the policy it was made under."""
    policy_digest: str
    """SHA-256 of that policy's contents."""
    api_version: str
    """Version of the API that answered."""
    key_id: str
    """Id of the API key; empty when no keys are configured."""
    idempotency_key: str | None
    """The `Idempotency-Key` that the request came with; null for none."""
    input_hash: str
    """SHA-256 of the request in canonical form, before any masking: equal for requests that say the same. A keyed hash
    of that where client fields were masked."""
    masked: str
    """What was done to which client fields before storing, such as `drop:client.residence`; else empty."""
    seq: int
    """Place in the journal, from 1 without a gap."""
    digest: str
    """The entry's digest in the journal's chain."""
    unknown_rules: tuple[str, ...]
    """Ids of the rules that are unknown and could have denied the trade or asked for a look: each makes a trade that
    nothing denies a review."""
    summary: str | None
    """What decided, in a sentence; null where the recorded answer cannot be read."""


class DecisionListMeta(Struct, frozen=True, kw_only=True):
    """The latest release, the day, and how to get the next page."""

    release: str
    """Id of the latest release; each row names the one it was decided under."""
    as_of: dt.date
    """Today in UTC; each row names the day it was decided for."""
    count: int
    next_cursor: str | None


class DecisionPage(Struct, frozen=True, kw_only=True):
    """A page of recorded decisions, newest first."""

    data: tuple[DecisionRow, ...]
    meta: DecisionListMeta


class JournalEntry(DecisionRow, frozen=True, kw_only=True):
    """A recorded decision whole, with what it takes to check its digest."""

    previous: str
    """Digest of the entry before this one; of the first entry `sha256:` and 64 zeros."""
    request_sha256: str
    """SHA-256 of `request`, byte for byte, which `digest` covers."""
    answer_sha256: str
    """SHA-256 of `answer`, byte for byte, which `digest` covers."""
    request: DecisionRequest
    """The request that was decided, in canonical form; client fields are masked where the journal masks them."""
    answer: Decision
    """The decision as it was answered; client fields are masked where the journal masks them."""


class JournalEntryAnswer(DecisionRow, frozen=True, kw_only=True):
    """`JournalEntry` on the wire, with the stored bytes as they are."""

    previous: str
    request_sha256: str
    answer_sha256: str
    request: Raw
    answer: Raw


ROW_NAMES = DecisionRow.__struct_fields__


class _Found(Struct, frozen=True, gc=False):
    rule: str
    outcome: str
    effect: str


class _Answered(Struct, frozen=True, gc=False):
    """What a row tells of a recorded answer."""

    summary: str
    findings: list[_Found]


_ANSWERED = msgspec.json.Decoder(_Answered)
_READ_FROM_ANSWER = ("unknown_rules", "summary")


def row_of(summary: Summary) -> dict[str, object]:
    """Return a recorded decision as a row."""
    row = {name: getattr(summary, name) for name in ROW_NAMES if name not in _READ_FROM_ANSWER}
    row["as_of"] = dt.date.fromisoformat(summary.as_of)
    return row | _told(summary.answer)


def entry_answer(entry: Entry) -> JournalEntryAnswer:
    """Return a recorded decision whole."""
    names = JournalEntryAnswer.__struct_fields__
    values = {name: getattr(entry, name) for name in names if name not in _READ_FROM_ANSWER}
    values["as_of"] = dt.date.fromisoformat(entry.as_of)
    values["verdict"] = Verdict(entry.verdict)
    values["request"], values["answer"] = Raw(entry.request), Raw(entry.answer)
    return JournalEntryAnswer(**values, **_told(entry.answer))


def _told(answer: bytes) -> dict[str, Any]:
    try:
        read = _ANSWERED.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {"unknown_rules": (), "summary": None}  # altered: `preclear journal verify` names it
    unknown = [
        one.rule for one in read.findings if one.outcome == Outcome.UNKNOWN.value and one.effect != Effect.WARN.value
    ]
    return {"unknown_rules": tuple(unknown), "summary": read.summary}
