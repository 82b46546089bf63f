"""Tables of the journal, the same on SQLite and PostgreSQL, and their idempotent creation."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import ProgrammingError

from data.journal.chain import GENESIS
from data.journal.drivers import INSUFFICIENT_PRIVILEGE
from data.journal.errors import NoJournalError, SchemaVersionError
from data.journal.rows import SCHEMA_VERSION

NUL = "\0"
"""What no stored text holds: PostgreSQL refuses it, and SQLite ends a pattern at it. Nothing is looked up with it."""

metadata = MetaData()

_seq = BigInteger().with_variant(Integer, "sqlite")

entries = Table(
    "journal_entries",
    metadata,
    # What lists filter on comes first: SQLite reads a row from its start, and the bodies lie on overflow pages.
    Column("seq", _seq, primary_key=True, autoincrement=False),
    Column("decided_at", String(27), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("venue", Text, nullable=False),
    Column("residence", Text),
    Column("key_id", Text, nullable=False),
    Column("failed_rules", Text, nullable=False),  # " rule.one rule.two ", blanks on both sides of each
    Column("decision_id", Text, nullable=False, unique=True),
    Column("idempotency_key", Text),
    Column("input_hash", Text, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("recorded_at", String(27), nullable=False),
    Column("release", Text, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("policy_name", Text, nullable=False),
    Column("policy_digest", Text, nullable=False),
    Column("api_version", Text, nullable=False),
    Column("masked", Text, nullable=False),
    Column("request_sha256", Text, nullable=False),
    Column("answer_sha256", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),  # zlib (RFC 1950): a fifth of the disk, and of the disk's time
    # Null keys are distinct on both stores, so entries without an Idempotency-Key never collide.
    UniqueConstraint("idempotency_key", "key_id", name="journal_entries_once"),
    Index("journal_entries_decided_at", "decided_at"),
)

head = Table(
    "journal_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
)

named = Table(
    "journal_named",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("name", Text, primary_key=True),
)

policy_documents = Table(
    "policy_documents",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("document", LargeBinary, nullable=False),
)

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("key_id", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("rate_limit", Integer),
    Column("created_at", String(27), nullable=False),
    Column("expires_at", String(27)),
    Column("revoked_at", String(27)),
    Column("last_used_at", String(27)),
    Column("replaces", Text),
)

state = Table(
    "journal_state",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("version", BigInteger, nullable=False),
)

installation = Table(
    "journal_installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("probe", LargeBinary, nullable=False),
    Column("pepper_check", LargeBinary),
)

APPEND_ONLY = (entries, policy_documents, policy_versions, named)
"""Tables whose rows a database trigger keeps from being changed or deleted."""


def insert_if_absent(connection: Connection, table: Table, row: dict[str, object]) -> bool:
    """Insert a row unless one with its primary key is there; say whether it was inserted."""
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    result = connection.execute(dialect.insert(table).values(row).on_conflict_do_nothing())
    return result.rowcount > 0


def create(connection: Connection) -> None:
    """Create what is missing. The caller holds the lock that keeps two processes from doing so at once.

    Raises:
        SchemaVersionError: the tables are those of another version.
    """
    # Everything is created in one transaction, so the version row says that all of it is there.
    if _is_there(connection):
        # Journals made by earlier programs have none of these.
        _forbid_emptying(connection)
        _index_filters(connection)
        return
    metadata.create_all(connection)
    connection.execute(insert(installation).values(id=1, schema_version=SCHEMA_VERSION, probe=b""))
    connection.execute(insert(head).values(id=1, seq=0, digest=GENESIS))
    for name in ("keys", "policies"):
        connection.execute(insert(state).values(name=name, version=0))
    _forbid_changes(connection)
    _forbid_emptying(connection)
    _index_filters(connection)


def expect(connection: Connection) -> None:
    """Make sure that the tables are there; create nothing.

    Raises:
        NoJournalError: they are not.
        SchemaVersionError: the tables are those of another version.
    """
    if not _is_there(connection):
        raise NoJournalError("the store holds no journal: the address is wrong, or somebody has emptied it")


def _is_there(connection: Connection) -> bool:
    """Say whether the tables are there.

    Raises:
        SchemaVersionError: they are those of another version.
    """
    if not inspect(connection).has_table(installation.name):
        return False
    found = connection.execute(select(installation.c.schema_version)).scalar_one_or_none()
    if found != SCHEMA_VERSION:
        raise SchemaVersionError(f"the journal has schema version {found}; this program reads {SCHEMA_VERSION}")
    return True


def _index_filters(connection: Connection) -> None:
    """Let lists on SQLite look for entries without reading the bodies, among which its rows lie; PostgreSQL keeps them
    apart. An entry is added at the index's end, as places grow.
    """
    if connection.dialect.name == "sqlite":
        filtered_by = "seq, decided_at, verdict, venue, residence, key_id, failed_rules"
        connection.execute(
            text(f"CREATE INDEX IF NOT EXISTS journal_entries_filters ON journal_entries ({filtered_by})")
        )


def _forbid_changes(connection: Connection) -> None:
    """Keep recorded rows from being changed by accident; whoever owns the database can still drop the triggers."""
    if connection.dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER IF NOT EXISTS {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
                        f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
                    )
                )
        return
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || '' is append-only''; END'"
        )
    )
    for table in APPEND_ONLY:
        connection.execute(
            text(
                f"CREATE OR REPLACE TRIGGER {table.name}_append_only BEFORE UPDATE OR DELETE ON {table.name} "
                "FOR EACH ROW EXECUTE FUNCTION journal_append_only()"
            )
        )


def _forbid_emptying(connection: Connection) -> None:
    """Keep tables from being emptied on PostgreSQL, whose TRUNCATE fires no trigger of rows; SQLite has no such verb.

    A journal whose tables belong to another role than the service's is left as it is: only their owner may do this.
    """
    if connection.dialect.name == "sqlite":
        return
    guarded = set(
        connection.execute(
            text(
                "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE tgname = relname || '_no_truncate' AND pg_table_is_visible(pg_class.oid)"
            )
        ).scalars()
    )
    for table in APPEND_ONLY:
        if table.name in guarded:
            continue
        try:
            with connection.begin_nested():
                connection.execute(
                    text(
                        f"CREATE TRIGGER {table.name}_no_truncate BEFORE TRUNCATE ON {table.name} "
                        "FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()"
                    )
                )
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
                raise
