"""Recorded decisions as they go over the wire."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from msgspec import Raw, Struct

from api.contracts import Decision, DecisionRequest
from data.journal import Entry, Summary
from rules.decision import Effect, Outcome, Verdict


class DecisionRow(Struct, frozen=True, kw_only=True):
    """A recorded decision without its findings; `/v1/decisions/{id}` has all of it."""

    decision_id: str
    verdict: Verdict
    venue: str
    residence: str | None
    """Null, or a keyed hash, where the journal masks client fields."""
    failed_rules: tuple[str, ...]
    """Ids of the rules that failed, those that only warn among them."""
    as_of: dt.date
    decided_at: str
    recorded_at: str
    release: str
    rules_version: str
    policy_name: str
    policy_digest: str
    api_version: str
    key_id: str
    """Id of the API key; empty when no keys are configured."""
    idempotency_key: str | None
    input_hash: str
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
    """The release that is served and today; how many rows follow; where the next page begins."""

    release: str
    as_of: dt.date
    count: int
    next_cursor: str | None


class DecisionPage(Struct, frozen=True, kw_only=True):
    """A page of recorded decisions, newest first."""

    data: tuple[DecisionRow, ...]
    meta: DecisionListMeta


class JournalEntry(DecisionRow, frozen=True, kw_only=True):
    """A recorded decision whole, with what it takes to check its digest."""

    previous: str
    request_sha256: str
    answer_sha256: str
    request: DecisionRequest
    answer: Decision


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
