"""Recorded decisions as they go over the wire."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from msgspec import Raw, Struct

from api.contracts import Decision, DecisionRequest
from api.instants import InstantText
from api.queries import parse_day
from data.journal.entry import Entry, Summary
from rules.decision import Effect, Outcome, Verdict


class DecisionRow(Struct, frozen=True, kw_only=True):
    """A recorded decision without its findings; `/v1/decisions/{id}` has all of it."""

    decision_id: str
    verdict: Verdict | None
    """What was decided; null where the journal was altered and holds no verdict there."""
    venue: str
    residence: str | None
    """Residence of the client; null, or a keyed hash, where the journal masks client fields."""
    failed_rules: tuple[str, ...]
    """Ids of the rules that failed, those that only warn among them."""
    as_of: dt.date | None
    """The day that was asked about; null where the journal was altered and holds no day there."""
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
    request: DecisionRequest | None
    """The request that was decided, in canonical form; client fields are masked where the journal masks them. Null
    where the journal was altered and holds no JSON object there."""
    answer: Decision | None
    """The decision as it was answered; client fields are masked where the journal masks them. Null where the journal
    was altered and holds no JSON object there."""


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
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_READ_FROM_ANSWER = ("unknown_rules", "summary")
_STORED = tuple(name for name in ROW_NAMES if name not in _READ_FROM_ANSWER)
_DIGESTS = ("previous", "request_sha256", "answer_sha256")
_VERDICTS = frozenset(verdict.value for verdict in Verdict)


def row_of(summary: Summary | Entry) -> dict[str, Any]:
    """Return a recorded decision as a row.

    Whatever stands in the journal is shown: an altered column as the text that it holds, or null where that cannot be
    a day or a verdict. `preclear journal verify` names the entry.
    """
    row: dict[str, Any] = {name: getattr(summary, name) for name in _STORED}
    for name, value in row.items():
        if value.__class__ not in _AS_THEY_ARE:
            row[name] = column_text(value)
    row["as_of"] = _day(row["as_of"])
    if row["verdict"] not in _VERDICTS:
        row["verdict"] = None
    return row | _told(summary.answer)


def entry_answer(entry: Entry) -> JournalEntryAnswer:
    """Return a recorded decision whole, altered columns as in a row."""
    digests: dict[str, Any] = {name: column_text(getattr(entry, name)) for name in _DIGESTS}
    return JournalEntryAnswer(**row_of(entry), **digests, request=_object(entry.request), answer=_object(entry.answer))


def field_text(value: object) -> str:
    """Return a column as the value of a header field: whatever it was altered to, one line of ASCII."""
    text = column_text(value)
    return text if text.isascii() and text.isprintable() else text.encode("unicode_escape").decode("ascii")


_AS_THEY_ARE = frozenset({str, int, tuple, type(None)})


def column_text(value: object) -> str:
    """Return what a column of text holds; SQLite keeps bytes there too."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _day(text: str) -> dt.date | None:
    try:
        return parse_day(text)
    except ValueError:
        return None


def _object(document: bytes) -> Raw:
    """Return a stored JSON object as it stands; null for what is none."""
    try:
        _OBJECT.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Raw(b"null")
    return Raw(document)


def _told(answer: bytes) -> dict[str, Any]:
    try:
        read = _ANSWERED.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {"unknown_rules": (), "summary": None}  # altered: `preclear journal verify` names it
    unknown = [
        one.rule for one in read.findings if one.outcome == Outcome.UNKNOWN.value and one.effect != Effect.WARN.value
    ]
    return {"unknown_rules": tuple(unknown), "summary": read.summary}
