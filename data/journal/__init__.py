"""The record of decisions: append-only, chained by digests, durable before the answer is sent."""

from data.journal.database import Database, UnsupportedStoreError
from data.journal.entry import Entry, Filters, NewEntry, Recorded, Summary, instant
from data.journal.errors import (
    IdempotencyConflictError,
    JournalError,
    JournalUnavailableError,
    MaskingError,
    NoJournalError,
    SchemaVersionError,
    WritingError,
)
from data.journal.journal import Journal, open_journal
from data.journal.masking import Masking, Method
from data.journal.messages import Batch
from data.journal.policies import PolicyVersion
from data.journal.queries import Head, Page
from data.journal.verification import Break, Verification, parse_anchor

__all__ = [
    "Batch",
    "Break",
    "Database",
    "Entry",
    "Filters",
    "Head",
    "IdempotencyConflictError",
    "Journal",
    "JournalError",
    "JournalUnavailableError",
    "Masking",
    "MaskingError",
    "Method",
    "NewEntry",
    "NoJournalError",
    "Page",
    "PolicyVersion",
    "Recorded",
    "SchemaVersionError",
    "Summary",
    "UnsupportedStoreError",
    "Verification",
    "WritingError",
    "instant",
    "open_journal",
    "parse_anchor",
]
