"""What can go wrong with the journal, each named so that the API can answer it."""

from __future__ import annotations


class JournalError(Exception):
    """Base of the journal's errors."""

    cause = ""
    """Name of the error behind this one where that was raised in another process."""


class JournalUnavailableError(JournalError):
    """The store cannot be written or read now: down, full, locked or overloaded. Nothing was acknowledged.

    `perhaps_stored` says that the entry may be there all the same: its commit was not over in time, or the connection
    broke in it.
    """

    def __init__(self, why: str, *, perhaps_stored: bool = False, cause: str = "") -> None:
        super().__init__(why)
        self.perhaps_stored = perhaps_stored
        self.cause = cause


class MaskingError(JournalUnavailableError):
    """A client field that the setting wants masked could not be masked, so nothing was stored."""


class IdempotencyConflictError(JournalError):
    """The same Idempotency-Key was used before with another body."""

    def __init__(self, idempotency_key: str, decision_id: str) -> None:
        super().__init__(f"Idempotency-Key {idempotency_key!r} was used for {decision_id} with another body")
        self.idempotency_key = idempotency_key
        self.decision_id = decision_id


class NoJournalError(JournalError):
    """There is no journal where one is expected."""


class SchemaVersionError(JournalError):
    """The store was written by a version of the journal that this one does not read."""


class WritingError(RuntimeError):
    """An entry cannot be stored by a mistake of the program; its text says where."""
