"""Walks the chain and names the first break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Raw, Struct

from data.journal import policies, queries
from data.journal.chain import GENESIS, is_sealed, sha256
from data.journal.database import Database
from data.journal.entry import Entry, Filters
from data.journal.errors import JournalUnavailableError
from data.journal.queries import Head

_CHUNK = 256


class Break(Struct, frozen=True, kw_only=True):
    """The first place where the journal is not what was written."""

    seq: int
    decision_id: str | None
    reason: str


class Verification(Struct, frozen=True, kw_only=True):
    """What a walk found: how many entries are whole, where the chain ends, and the first break if there is one."""

    entries: int
    head: Head
    first_break: Break | None = None

    @property
    def whole(self) -> bool:
        """Say whether no break was found."""
        return self.first_break is None


def parse_anchor(text: str) -> Head:
    """Return an anchor noted as `seq:sha256:…`.

    Raises:
        ValueError: the text has another form.
    """
    seq, _, digest = text.partition(":")
    if not (seq.isascii() and seq.isdigit()) or not digest.startswith("sha256:") or len(digest) != len(GENESIS):
        raise ValueError(f"{text!r} is not an anchor; an anchor is <seq>:sha256:<64 hexadecimal digits>")
    return Head(seq=int(seq), digest=digest)


class _Expected(Struct, frozen=True, kw_only=True):
    """What a walk compares entries with."""

    anchors: dict[int, set[str]]
    """Digests by place."""
    releases: frozenset[str]
    policies: frozenset[str]
    kept: frozenset[str]
    """Policies whose document is there."""
    versions: Mapping[str, frozenset[str]]
    """Digests of the versions of every policy that has been stored, by name."""
    built_in: frozenset[str] | None
    """Names of policies that the program itself has; null where that is not known."""


def verify(
    database: Database,
    anchors: Iterable[Head] = (),
    *,
    built_in: frozenset[str] | None = None,
) -> Verification:
    """Walk the whole chain as it stands now; entries appended meanwhile are not looked at.

    Of each entry it checks that places run from 1 without a gap, that it names the digest before it, that its request,
    answer and header have their digests, and that its release and policy are noted as named. The policy must be stored
    and, where the request names one that is not among `built_in`, be a version of that name.

    Of the journal it checks that every stored policy is unaltered and versions have no gap, that the head row is the
    last entry, and that every anchor is part of the chain: an anchor is what shows that the newest entries were cut
    off.
    """
    wanted: dict[int, set[str]] = {}
    for anchor in anchors:
        wanted.setdefault(anchor.seq, set()).add(anchor.digest)
    last = Head(seq=0, digest=GENESIS)
    with database.read() as connection:
        head = queries.head_row(connection)
        expected = _Expected(
            anchors=wanted,
            releases=queries.named_things(connection, "release"),
            policies=queries.named_things(connection, "policy"),
            kept=policies.kept(connection),
            versions=policies.digests_by_name(connection),
            built_in=built_in,
        )
        places = queries.places(connection)
    found = _check_start(places, wanted.pop(0, set()))
    end = head or Head(seq=0 if places is None else places[1], digest="")
    while found is None and last.seq < end.seq:
        chunk, found = _read(database, last.seq, end.seq)
        for entry in chunk:
            found = check_entry(entry, last, expected)
            if found is not None:
                break
            last = Head(seq=entry.seq, digest=entry.digest)
            wanted.pop(entry.seq, None)
    if found is None:
        found = _check_end(database, head, last, wanted)
    return Verification(entries=last.seq, head=last, first_break=found)


def _check_start(places: tuple[int, int] | None, anchored: set[str]) -> Break | None:
    """Return what is wrong before the first entry, `anchored` being what anchors of an empty journal say."""
    if places is not None and places[0] < 1:
        return Break(seq=places[0], decision_id=None, reason="an entry stands there, before the first")
    if anchored - {GENESIS}:
        return Break(seq=0, decision_id=None, reason="an anchor names a digest before the first entry")
    return None


def _read(database: Database, after: int, upto: int) -> tuple[list[Entry], Break | None]:
    """Return the next entries, or which one is missing or cannot be read.

    Raises:
        JournalUnavailableError: it is not one entry that cannot be read.
    """
    for limit in (_CHUNK, 1):
        try:
            with database.read() as connection:
                chunk = queries.entries_after(connection, Filters(), after=after, limit=limit, upto=upto)
        except JournalUnavailableError:
            if limit == 1:
                with database.read() as connection:
                    queries.head_row(connection)
                return [], Break(seq=after + 1, decision_id=None, reason="it cannot be read")
        else:
            break
    if chunk:
        return chunk, None
    return [], Break(seq=after + 1, decision_id=None, reason=f"the entries after {after} are missing")


def check_entry(entry: Entry, before: Head, expected: _Expected) -> Break | None:
    """Return what is wrong with an entry that should follow `before`."""
    reason = None
    if entry.seq != before.seq + 1:
        return Break(
            seq=before.seq + 1, decision_id=None, reason=f"entry {before.seq + 1} is missing; {entry.seq} follows"
        )
    contradicting = expected.anchors.get(entry.seq, set()) - {entry.digest}
    if entry.previous != before.digest:
        reason = f"it names {entry.previous} as the digest before it, which is {before.digest}"
    elif sha256(entry.request) != entry.request_sha256:
        reason = "its request was altered"
    elif sha256(entry.answer) != entry.answer_sha256:
        reason = "its answer was altered"
    elif not is_sealed(entry):
        reason = "its header was altered"
    elif contradicting:
        reason = f"its digest is {entry.digest}, but the anchor says {min(contradicting)}"
    elif entry.policy_digest not in expected.policies:
        reason = f"policy {entry.policy_digest} is no longer noted as named"
    elif entry.release not in expected.releases:
        reason = f"release {entry.release} is no longer noted as named"
    elif entry.policy_digest not in expected.kept:
        reason = f"policy {entry.policy_digest} is no longer stored"
    elif not _has_its_version(entry, expected):
        reason = f"policy {entry.policy_name} has no version {entry.policy_digest}, under which it was decided"
    return None if reason is None else Break(seq=entry.seq, decision_id=entry.decision_id, reason=reason)


class _Asked(Struct):
    """The policy a request asks for: a name, or a policy given whole."""

    policy: Raw = Raw(b"null")


_ASKED = msgspec.json.Decoder(_Asked)


def _has_its_version(entry: Entry, expected: _Expected) -> bool:
    """Say whether the policy that an entry's request names, if it names a stored one, has a version with its digest."""
    name = entry.policy_name
    if name in (expected.built_in or ()) or (expected.built_in is None and name not in expected.versions):
        return True
    try:
        asked = _ASKED.decode(entry.request).policy
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True
    return bytes(asked) != msgspec.json.encode(name) or entry.policy_digest in expected.versions.get(name, ())


def _check_end(database: Database, head: Head | None, last: Head, unseen_anchors: dict[int, set[str]]) -> Break | None:
    if head is None:
        return Break(seq=last.seq, decision_id=None, reason="the head row is missing or cannot be read")
    if head != last:
        return Break(seq=head.seq, decision_id=None, reason=f"the head row says {head}, but the last entry is {last}")
    with database.read() as connection:
        # In this order: what is appended between the two reads stands before the head.
        places = queries.places(connection)
        end = queries.newest(connection).seq
        if places is not None and places[1] > end:
            beyond = queries.first_after(connection, end)
            reason = "it stands after the head row's last entry"
            return Break(seq=beyond.seq, decision_id=beyond.decision_id, reason=reason)
        fault = policies.first_fault(connection)
    if fault is not None:
        return Break(seq=last.seq, decision_id=None, reason=fault)
    if unseen_anchors:
        seq = min(unseen_anchors)
        return Break(seq=seq, decision_id=None, reason=f"the chain ends at {last.seq}, but an anchor names {seq}")
    return None
