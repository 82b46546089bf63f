"""The hash chain: each entry's digest covers its header, and the header names the digest before it.

The header commits to the request and the answer through their own digests. The digest is
`sha256(JSON of the header, fields in the order below, no blanks, UTF-8)`, so that anybody can check it without us.
A chain shows that what is there was not altered, reordered or thinned out. It cannot show that the newest entries were
cut off together with the head row: for that, keep anchors (`seq:digest`) elsewhere and give them to `verify`.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from data.journal.entry import Entry, NewEntry

GENESIS = "sha256:" + "0" * 64
"""What the first entry names as the digest before it."""

_encode = msgspec.json.Encoder().encode


class Header(Struct, frozen=True, kw_only=True):
    """What an entry's digest covers, in the order in which it is encoded. Changing this is a new `format`."""

    format: int = 1
    seq: int
    previous: str
    decision_id: str
    request_sha256: str
    answer_sha256: str
    input_hash: str
    release: str
    rules_version: str
    policy_name: str
    policy_digest: str
    api_version: str
    as_of: str
    decided_at: str
    recorded_at: str
    verdict: str
    venue: str
    residence: str | None
    failed_rules: tuple[str, ...]
    key_id: str
    idempotency_key: str | None
    masked: str


def sha256(content: bytes) -> str:
    """Return the digest of `content` as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def header_of(entry: Entry) -> Header:
    """Return the header of a recorded entry, as its columns state it."""
    return Header(**{name: getattr(entry, name) for name in Header.__struct_fields__ if name != "format"})


def digest_of(header: Header) -> str:
    """Return the digest that stands in the chain for this header."""
    return sha256(_encode(header))


def is_sealed(entry: Entry) -> bool:
    """Say whether a recorded entry's columns are what its digest was made of.

    A text that was turned into bytes is none, though JSON writes some bytes as that text: SQLite takes both into a
    column, and finds only the text.
    """
    header = header_of(entry)
    return not any(isinstance(value, bytes) for value in astuple(header)) and digest_of(header) == entry.digest


def link(new: NewEntry, *, seq: int, previous: str, recorded_at: str, masked: str) -> tuple[Header, str]:
    """Return the header, and its digest, of `new` at place `seq` after the entry with digest `previous`."""
    header = Header(
        seq=seq,
        previous=previous,
        decision_id=new.decision_id,
        request_sha256=sha256(new.request),
        answer_sha256=sha256(new.answer),
        input_hash=new.input_hash,
        release=new.release,
        rules_version=new.rules_version,
        policy_name=new.policy_name,
        policy_digest=new.policy_digest,
        api_version=new.api_version,
        as_of=new.as_of,
        decided_at=new.decided_at,
        recorded_at=recorded_at,
        verdict=new.verdict,
        venue=new.venue,
        residence=new.residence,
        failed_rules=new.failed_rules,
        key_id=new.key_id,
        idempotency_key=new.idempotency_key,
        masked=masked,
    )
    return header, digest_of(header)
