"""What an Idempotency-Key was used for, and what comes of using it again."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from msgspec import Struct

from data.journal.entry import Recorded
from data.journal.errors import IdempotencyConflictError
from data.journal.rows import unpacked

Result = Recorded | IdempotencyConflictError


class Answered(Struct, frozen=True, kw_only=True):
    """What an Idempotency-Key was used for."""

    seq: int
    decision_id: str
    release: str
    digest: str
    input_hash: str
    answer: bytes


COLUMNS = Answered.__struct_fields__
"""Names of the columns that say what a key was used for, in the order of `answered_of`."""


def answered_of(values: Sequence[Any]) -> Answered:
    """Return what the values of `COLUMNS` say."""
    found = dict(zip(COLUMNS, values, strict=True))
    found["answer"] = unpacked(found["answer"])
    return Answered(**found)


def repeat(before: Answered, idempotency_key: str, input_hashes: Container[str | None]) -> Result:
    """Return the stored answer if `before` has one of the hashes that the same body may stand under; else the
    conflict.
    """
    if before.input_hash not in input_hashes:
        return IdempotencyConflictError(idempotency_key, before.decision_id)
    return Recorded(
        seq=before.seq,
        decision_id=before.decision_id,
        release=before.release,
        digest=before.digest,
        answer=before.answer,
        replayed=True,
    )
