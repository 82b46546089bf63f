"""What the journal holds of one decision."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct


class NewEntry(Struct, frozen=True, kw_only=True):
    """A decision to be recorded.

    `request` and `answer` are the bytes of the exchange. `input_hash` is the digest of the canonical request: what
    "the same body" means to an Idempotency-Key. Instants are RFC 3339 UTC with six fraction digits (`instant`), so
    that their text order is their time order.
    """

    decision_id: str
    request: bytes
    answer: bytes
    input_hash: str
    release: str
    rules_version: str
    policy_name: str
    policy_digest: str
    api_version: str
    as_of: str
    """The day the facts were asked about, YYYY-MM-DD; a defaulted one is filled in."""
    decided_at: str
    verdict: str
    venue: str
    residence: str | None
    failed_rules: tuple[str, ...] = ()
    key_id: str = ""
    """Id of the API key; empty when no keys are configured."""
    idempotency_key: str | None = None

    def stored(self, seq: int, digest: str) -> Recorded:
        """Return the receipt of this entry, stored just now at this place of the chain."""
        return Recorded(
            seq=seq,
            decision_id=self.decision_id,
            release=self.release,
            digest=digest,
            answer=self.answer,
            replayed=False,
        )


class Entry(NewEntry, frozen=True, kw_only=True):
    """A recorded decision with its place in the hash chain."""

    seq: int
    recorded_at: str
    masked: str = ""
    """How client fields were masked before storing: `hash:client.residence …`, `drop:…`, or empty."""
    request_sha256: str
    answer_sha256: str
    previous: str
    digest: str

    @property
    def masked_fields(self) -> tuple[str, ...]:
        """Dotted paths of the request that are not stored as they were given."""
        return tuple(self.masked.partition(":")[2].split())


class Summary(Struct, frozen=True, kw_only=True):
    """A recorded decision without its request: what lists and exports are made from."""

    decision_id: str
    seq: int
    verdict: str
    venue: str
    residence: str | None
    failed_rules: tuple[str, ...]
    as_of: str
    decided_at: str
    recorded_at: str
    release: str
    rules_version: str
    policy_name: str
    policy_digest: str
    api_version: str
    key_id: str
    idempotency_key: str | None
    input_hash: str
    masked: str
    digest: str
    answer: bytes


class Recorded(Struct, frozen=True, kw_only=True):
    """The receipt of a durable entry.

    `answer` is what to send: the new answer, or, when the Idempotency-Key had been used for the same body, the one
    that was stored then (`replayed`).
    """

    seq: int
    decision_id: str
    release: str
    """Id of the release that the decision was made under."""
    digest: str
    answer: bytes
    replayed: bool


class Filters(Struct, frozen=True, kw_only=True):
    """Which entries are asked for. Several values of one filter mean any of them; `until` is exclusive."""

    verdict: tuple[str, ...] = ()
    venue: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    """Rules that failed."""
    residence: tuple[str, ...] = ()
    key_id: tuple[str, ...] = ()
    release: tuple[str, ...] = ()
    policy_digest: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None


def instant(moment: datetime | None = None) -> str:
    """Return `moment` (default now) as RFC 3339 in UTC with six fraction digits."""
    moment = datetime.now(UTC) if moment is None else moment.astimezone(UTC)
    # Years of fewer than four digits are padded here, and by `strftime` are not: the journal compares texts.
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
