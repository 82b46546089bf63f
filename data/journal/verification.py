"""Walks the chain and names the first break."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from data.journal import policies, queries
from data.journal.chain import GENESIS, digest_of, header_of, sha256
from data.journal.database import Database
from data.journal.entry import Entry, Filters
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
    if not seq.isdigit() or not digest.startswith("sha256:") or len(digest) != len(GENESIS):
        raise ValueError(f"{text!r} is not an anchor; an anchor is <seq>:sha256:<64 hexadecimal digits>")
    return Head(seq=int(seq), digest=digest)


def verify(
    database: Database, anchors: Iterable[Head] = (), progress: Callable[[int], None] | None = None
) -> Verification:
    """Walk the whole chain as it stands now; entries appended meanwhile are not looked at.

    Checks that places run from 1 without a gap, that every entry names the digest before it, that requests, answers
    and headers have their digests, that policies are those that entries name, that the head row is the last entry,
    and that every anchor is part of the chain: an anchor is what shows that the newest entries were cut off.
    """
    wanted = {anchor.seq: anchor.digest for anchor in anchors}
    with database.read() as connection:
        head = queries.newest(connection)
        named_policies = queries.named_things(connection, "policy")
    last = Head(seq=0, digest=GENESIS)
    found: Break | None = None
    while found is None and last.seq < head.seq:
        with database.read() as connection:
            chunk = queries.entries_after(connection, Filters(), after=last.seq, limit=_CHUNK, upto=head.seq)
        if not chunk:
            found = Break(seq=last.seq + 1, decision_id=None, reason=f"the entries after {last.seq} are missing")
        for entry in chunk:
            found = check_entry(entry, last, wanted.pop(entry.seq, None), named_policies)
            if found is not None:
                break
            last = Head(seq=entry.seq, digest=entry.digest)
        if progress is not None:
            progress(last.seq)
    if found is None:
        found = _check_end(database, head, last, wanted)
    return Verification(entries=last.seq, head=last, first_break=found)


def check_entry(entry: Entry, before: Head, anchored: str | None, named_policies: frozenset[str]) -> Break | None:
    """Return what is wrong with an entry that should follow `before`."""
    reason = None
    if entry.seq != before.seq + 1:
        return Break(
            seq=before.seq + 1, decision_id=None, reason=f"entry {before.seq + 1} is missing; {entry.seq} follows"
        )
    if entry.previous != before.digest:
        reason = f"it names {entry.previous} as the digest before it, which is {before.digest}"
    elif sha256(entry.request) != entry.request_sha256:
        reason = "its request was altered"
    elif sha256(entry.answer) != entry.answer_sha256:
        reason = "its answer was altered"
    elif digest_of(header_of(entry)) != entry.digest:
        reason = "its header was altered"
    elif anchored is not None and anchored != entry.digest:
        reason = f"its digest is {entry.digest}, but the anchor says {anchored}"
    elif entry.policy_digest not in named_policies:
        reason = f"policy {entry.policy_digest} is no longer noted as named"
    return None if reason is None else Break(seq=entry.seq, decision_id=entry.decision_id, reason=reason)


def _check_end(database: Database, head: Head, last: Head, unseen_anchors: dict[int, str]) -> Break | None:
    if head != last:
        return Break(seq=head.seq, decision_id=None, reason=f"the head row says {head}, but the last entry is {last}")
    with database.read() as connection:
        beyond = queries.entries_after(connection, Filters(), after=last.seq, limit=1)
        moved_on = queries.newest(connection).seq > head.seq
        altered = [
            digest
            for digest in sorted(queries.named_things(connection, "policy"))
            if (document := policies.document(connection, digest)) is not None and sha256(document) != digest
        ]
    if beyond and not moved_on:
        return Break(
            seq=beyond[0].seq, decision_id=beyond[0].decision_id, reason="it stands after the head row's last entry"
        )
    if altered:
        return Break(seq=last.seq, decision_id=None, reason=f"the stored policy {altered[0]} was altered")
    if unseen_anchors:
        seq = min(unseen_anchors)
        return Break(seq=seq, decision_id=None, reason=f"the chain ends at {last.seq}, but an anchor names {seq}")
    return None
