"""API keys: only a keyed hash is stored. A key is shown once, when it is made."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import Connection, func, insert, select, update

from data.journal.entry import instant
from data.journal.errors import JournalError
from data.journal.pepper import Pepper, PepperError
from data.journal.schema import api_keys, installation, state


class Scope(StrEnum):
    """What a key may be used for: read facts, make decisions, look into the journal, change policies.

    `admin` includes the others.
    """

    READ = "read"
    DECIDE = "decide"
    AUDIT = "audit"
    ADMIN = "admin"


class ApiKey(Struct, frozen=True, kw_only=True):
    """What is known of a key. `secret_hash` is the keyed hash; the key itself is nowhere."""

    key_id: str
    name: str
    secret_hash: bytes
    scopes: frozenset[Scope]
    rate_limit: int | None
    """Requests a minute; null for the installation's default, 0 for no limit."""
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    replaces: str | None
    """Id of the key that this one was rotated in for."""

    def allows(self, scope: Scope) -> bool:
        """Say whether the key may be used for what needs `scope`."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def refusal(self, moment: str) -> str | None:
        """Return why the key may not be used at an instant; null when it may."""
        if self.revoked_at is not None:
            return "The key was revoked."
        if self.expires_at is not None and self.expires_at <= moment:
            return "The key has expired."
        return None


class UnknownKeyError(JournalError):
    """There is no key with this id, or it is revoked already."""


_FORM = re.compile(r"preclear_([0-9a-f]{12})_[0-9a-f]{48}").fullmatch


def key_id_of(text: str) -> str | None:
    """Return the id in a key's text; null when the text has not the form of a key."""
    match = _FORM(text)
    return None if match is None else match[1]


def is_key(key: ApiKey, text: str, pepper: Pepper) -> bool:
    """Say whether `text` is this key, in time that does not depend on where they differ."""
    return hmac.compare_digest(key.secret_hash, pepper.hash_key(text))


def create(
    connection: Connection,
    pepper: Pepper,
    *,
    name: str,
    scopes: frozenset[Scope],
    rate_limit: int | None = None,
    expires_at: datetime | None = None,
    replaces: str | None = None,
) -> tuple[ApiKey, str]:
    """Store a new key; return what is known of it, and its text, which cannot be had again.

    Raises:
        PepperError: the stored keys were made with another pepper.
    """
    _bump(connection)
    check_pepper(connection, pepper)
    connection.execute(update(installation).values(pepper_check=pepper.check()))
    key_id = secrets.token_hex(6)
    text = f"preclear_{key_id}_{secrets.token_hex(24)}"
    key = ApiKey(
        key_id=key_id,
        name=name,
        secret_hash=pepper.hash_key(text),
        scopes=scopes,
        rate_limit=rate_limit,
        created_at=instant(),
        expires_at=None if expires_at is None else instant(expires_at),
        revoked_at=None,
        last_used_at=None,
        replaces=replaces,
    )
    row = {name: getattr(key, name) for name in ApiKey.__struct_fields__}
    connection.execute(insert(api_keys).values({**row, "scopes": " ".join(sorted(scopes))}))
    return key, text


def revoke(connection: Connection, key_id: str) -> None:
    """Make a key invalid from now on.

    Raises:
        UnknownKeyError: there is no such key, or it is revoked already.
    """
    _bump(connection)
    changed = connection.execute(
        update(api_keys)
        .where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=instant())
    )
    if changed.rowcount == 0:
        raise UnknownKeyError(f"no valid key has the id {key_id!r}")


def rotate(
    connection: Connection,
    pepper: Pepper,
    key_id: str,
    *,
    valid_until: datetime | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key that takes over another one's name, scopes, limit and, unless `expires_at` says another, its end.

    The old key is revoked at once, or stays valid until `valid_until` so that its users can change over; never longer
    than it would have been.

    Raises:
        UnknownKeyError: there is no such key, or it is revoked or has expired already.
        PepperError: the stored keys were made with another pepper.
    """
    old = by_id(connection, key_id)
    if old is None or old.refusal(instant()) is not None:
        raise UnknownKeyError(f"no valid key has the id {key_id!r}")
    end = None if old.expires_at is None else datetime.fromisoformat(old.expires_at)
    made = create(
        connection,
        pepper,
        name=old.name,
        scopes=old.scopes,
        rate_limit=old.rate_limit,
        expires_at=expires_at or end,
        replaces=old.key_id,
    )
    if valid_until is None:
        revoke(connection, key_id)
    elif end is None or valid_until < end:
        connection.execute(update(api_keys).where(api_keys.c.key_id == key_id).values(expires_at=instant(valid_until)))
    return made


def by_id(connection: Connection, key_id: str) -> ApiKey | None:
    """Return the key with this id, revoked or not."""
    row = connection.execute(select(api_keys).where(api_keys.c.key_id == key_id)).one_or_none()
    return None if row is None else _key(dict(row._mapping))


def every(connection: Connection) -> tuple[ApiKey, ...]:
    """Return all keys, the revoked ones too, in the order of their making."""
    rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id))
    return tuple(_key(dict(row._mapping)) for row in rows)


def touch(connection: Connection, used: dict[str, str]) -> None:
    """Note when keys were last used."""
    for key_id, moment in used.items():
        connection.execute(
            update(api_keys)
            .where(api_keys.c.key_id == key_id)
            .where(func.coalesce(api_keys.c.last_used_at, "") < moment)
            .values(last_used_at=moment)
        )


def check_pepper(connection: Connection, pepper: Pepper | None) -> None:
    """Make sure that the stored keys, if there are any, were made with this pepper; null for none at hand.

    Raises:
        PepperError: they were made with another one, or there is none.
    """
    stored = connection.execute(select(installation.c.pepper_check)).scalar_one()
    if stored is None:
        return
    if pepper is None:
        raise PepperError("keys are configured, but the pepper they were made with is not here")
    if not hmac.compare_digest(bytes(stored), pepper.check()):
        raise PepperError("the stored keys were made with another pepper: use that one, or no key will be valid")


def _bump(connection: Connection) -> None:
    """Let every worker see that the keys have changed. Locks the row, so that changes follow one another."""
    connection.execute(update(state).where(state.c.name == "keys").values(version=state.c.version + 1))


def _key(row: dict[str, object]) -> ApiKey:
    scopes = frozenset(Scope(scope) for scope in str(row.pop("scopes")).split())
    secret_hash = bytes(row.pop("secret_hash"))  # type: ignore[call-overload]
    return ApiKey(scopes=scopes, secret_hash=secret_hash, **row)  # type: ignore[arg-type]
