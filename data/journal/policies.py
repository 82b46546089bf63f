"""Policy versions: stored for ever under their digest, and listed by name."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Connection, func, select, update

from data.journal.chain import sha256
from data.journal.entry import instant
from data.journal.rows import as_bytes
from data.journal.schema import NUL, insert_if_absent, policy_documents, policy_versions, state


class PolicyVersion(Struct, frozen=True, kw_only=True):
    """One version of a named policy."""

    name: str
    version: int
    digest: str
    created_at: str
    key_id: str
    """Id of the API key that put it; empty when no keys are configured."""


class DigestError(ValueError):
    """A policy document does not have the digest it was given with."""


def keep(connection: Connection, digest: str, document: bytes) -> None:
    """Store a document under its digest, once.

    Raises:
        DigestError: `digest` is not the document's.
    """
    if sha256(document) != digest:
        raise DigestError(f"the policy document has the digest {sha256(document)}, not {digest}")
    insert_if_absent(connection, policy_documents, {"digest": digest, "document": document})


def put(connection: Connection, name: str, digest: str, document: bytes, key_id: str) -> tuple[PolicyVersion, bool]:
    """Make a document the current version of `name`; say whether that is a new version.

    Raises:
        DigestError: `digest` is not the document's.
    """
    # Bumping the counter first locks its row, so that two writers cannot take the same version number.
    connection.execute(update(state).where(state.c.name == "policies").values(version=state.c.version + 1))
    keep(connection, digest, document)
    before = current(connection, name)
    if before is not None and before.digest == digest:
        return before, False
    version = PolicyVersion(
        name=name,
        version=1 if before is None else before.version + 1,
        digest=digest,
        created_at=instant(),
        key_id=key_id,
    )
    insert_if_absent(
        connection,
        policy_versions,
        {name: getattr(version, name) for name in PolicyVersion.__struct_fields__},
    )
    return version, True


def current(connection: Connection, name: str) -> PolicyVersion | None:
    """Return the newest version of a policy."""
    found = versions(connection, name)
    return found[-1] if found else None


def versions(connection: Connection, name: str) -> tuple[PolicyVersion, ...]:
    """Return every version of a policy, oldest first."""
    if NUL in name:
        return ()
    rows = connection.execute(
        select(policy_versions).where(policy_versions.c.name == name).order_by(policy_versions.c.version)
    )
    return tuple(PolicyVersion(**row._mapping) for row in rows)


def every_current(connection: Connection) -> tuple[PolicyVersion, ...]:
    """Return the newest version of every policy, by name."""
    newest = (
        select(policy_versions.c.name, func.max(policy_versions.c.version).label("version"))
        .group_by(policy_versions.c.name)
        .subquery()
    )
    rows = connection.execute(
        select(policy_versions)
        .join(
            newest,
            (policy_versions.c.name == newest.c.name) & (policy_versions.c.version == newest.c.version),
        )
        .order_by(policy_versions.c.name)
    )
    return tuple(PolicyVersion(**row._mapping) for row in rows)


def kept(connection: Connection) -> frozenset[str]:
    """Return the digests under which documents are stored."""
    return frozenset(connection.execute(select(policy_documents.c.digest)).scalars())


def digests_by_name(connection: Connection) -> dict[str, frozenset[str]]:
    """Return the digests of all versions of every policy, by name."""
    found: dict[str, set[str]] = {}
    for name, digest in connection.execute(select(policy_versions.c.name, policy_versions.c.digest)):
        found.setdefault(name, set()).add(digest)
    return {name: frozenset(digests) for name, digests in found.items()}


def first_fault(connection: Connection) -> str | None:
    """Return what is wrong with the stored policies, whether an entry names them or not; null when nothing is.

    Every document has the digest it is stored under; the versions of a name run from 1 without a gap, and their
    documents are there.
    """
    stored = kept(connection)
    for digest in sorted(stored):
        found = document(connection, digest)
        if found is not None and sha256(found) != digest:
            return f"the stored policy {digest} was altered"
    columns = (policy_versions.c.name, policy_versions.c.version, policy_versions.c.digest)
    before = ("", 0)
    for name, version, digest in connection.execute(select(*columns).order_by(*columns[:2])):
        expected = before[1] + 1 if name == before[0] else 1
        if version != expected:
            return f"policy {name} has no version {expected}, but a version {version}"
        if digest not in stored:
            return f"version {version} of policy {name} is no longer stored"
        before = (name, version)
    return None


def document(connection: Connection, digest: str) -> bytes | None:
    """Return the document with this digest."""
    found = connection.execute(
        select(policy_documents.c.document).where(policy_documents.c.digest == digest)
    ).scalar_one_or_none()
    return None if found is None else as_bytes(found)
