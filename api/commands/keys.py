"""Commands about API keys: `preclear keys …`."""

from __future__ import annotations

import argparse
import errno
import os
import re
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from api.commands.journal import guarded, print_json
from api.settings import Settings
from data.journal import keys
from data.journal.database import Database
from data.journal.entry import instant
from data.journal.errors import JournalError, NoJournalError
from data.journal.keys import ApiKey, Scope
from data.journal.pepper import make_pepper, read_pepper

Answer = TypeVar("Answer")

_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhdw])").fullmatch
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class KeyLine(Struct, frozen=True, kw_only=True):
    """What `preclear keys list` shows of a key."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    rate_limit: int | None
    state: str
    """valid | expired | revoked"""
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    replaces: str | None


def add_commands(commands: Any) -> None:
    """Add `keys`."""
    key_commands = commands.add_parser("keys", help="make, list, revoke and rotate API keys").add_subparsers(
        dest="keys_command", required=True, metavar="COMMAND"
    )
    create = key_commands.add_parser("create", help="make a key; it is printed once and cannot be had again")
    create.add_argument("--name", default="", help="who it is for")
    create.add_argument(
        "--scopes",
        "--scope",
        action="append",
        type=_scopes,
        help="read, decide, audit or admin; several with commas (default read,decide)",
    )
    create.add_argument("--rate-limit", type=_limit, help="requests a minute, 0 for no limit (default: the setting)")
    create.add_argument("--expires", type=_moment, help="when it ends: a date, an instant, or a span such as 90d")
    create.set_defaults(handler=guarded(_create))
    listing = key_commands.add_parser("list", help="list the keys, without their secrets")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(handler=guarded(_list))
    revoke = key_commands.add_parser("revoke", help="make a key invalid at once, in every worker")
    revoke.add_argument("key_id", help="the id in the key's middle, as listed")
    revoke.set_defaults(handler=guarded(_revoke))
    rotate = key_commands.add_parser("rotate", help="make a key that takes over from another one")
    rotate.add_argument("key_id", help="id of the key to replace")
    rotate.add_argument(
        "--grace", type=_span, help="how long the old key stays valid, such as 24h (default: not at all)"
    )
    rotate.add_argument("--expires", type=_moment, help="when the new key ends (default: when the old one would have)")
    rotate.set_defaults(handler=guarded(_rotate))


def _create(options: argparse.Namespace, settings: Settings) -> int:
    scopes = frozenset[Scope]().union(*(options.scopes or [{Scope.READ, Scope.DECIDE}]))

    def create(connection: Any) -> tuple[ApiKey, str]:
        # A pepper is made with the first key alone: a file beside keys that another one made would hide what is wrong.
        keys.check_pepper(connection, read_pepper(settings.pepper_file))
        return keys.create(
            connection,
            make_pepper(settings.pepper_file),
            name=options.name,
            scopes=scopes,
            rate_limit=options.rate_limit,
            expires_at=options.expires,
        )

    read_pepper(settings.pepper_file)  # refused before the journal is made
    return _issue(Database(settings.journal), create)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    try:
        lines = [_line(key) for key in _every_key(settings)]
    except NoJournalError as error:
        lines = _none_yet(settings, error)
    if options.json:
        print_json(lines)
        return 0
    if not lines:
        print("No keys are configured: only this machine is served.")
    for line in lines:
        limit = "default limit" if line.rate_limit is None else f"{line.rate_limit or 'no'} limit"
        used = f"last used {line.last_used_at}" if line.last_used_at else "never used"
        end = f"until {line.expires_at}" if line.expires_at else "no end"
        print(f"{line.key_id}  {line.state:<8} {','.join(line.scopes):<24} {limit:<14} {end}  {used}  {line.name}")
    return 0


def _revoke(options: argparse.Namespace, settings: Settings) -> int:
    _write(_with_keys(settings, options.key_id), lambda connection: keys.revoke(connection, options.key_id))
    print(f"Key {options.key_id} is revoked.", file=sys.stderr)
    return 0


def _rotate(options: argparse.Namespace, settings: Settings) -> int:
    until = None if options.grace is None else datetime.now(UTC) + options.grace
    old: ApiKey | None = None

    def rotate(connection: Any) -> tuple[ApiKey, str]:
        nonlocal old
        pepper = read_pepper(settings.pepper_file)
        keys.check_pepper(connection, pepper)
        if pepper is None:  # so there never was a key
            raise keys.UnknownKeyError(f"no valid key has the id {options.key_id!r}")
        made = keys.rotate(connection, pepper, options.key_id, valid_until=until, expires_at=options.expires)
        old = keys.by_id(connection, options.key_id)
        return made

    _issue(_with_keys(settings, options.key_id), rotate)
    ending = "is revoked" if until is None or old is None else f"stays valid until {old.expires_at}"
    print(f"Key {options.key_id} {ending}.", file=sys.stderr)
    return 0


class _NotShownError(Exception):
    """A key could not be printed."""


def _issue(database: Database, make: Callable[[Any], tuple[ApiKey, str]]) -> int:
    """Store a new key once it is shown: one that nobody has seen must not take over from another.

    Raises:
        OSError: it cannot be shown; nothing is stored.
        JournalError: it is not stored, or on a server perhaps.
    """
    shown: ApiKey | None = None

    def made_and_shown(connection: Any) -> None:
        nonlocal shown
        key, text = make(connection)
        try:
            _show_once(key, text)
        except OSError as error:
            raise _NotShownError from error
        shown = key

    try:
        _write(database, made_and_shown)
    except _NotShownError as error:
        print("preclear: the key cannot be shown, so nothing is changed", file=sys.stderr)
        raise error.__cause__ or error from None
    except JournalError:
        if shown is not None:
            told = f"preclear: key {shown.key_id} is of no use unless `preclear keys list` names it"
            print(told, file=sys.stderr)
        raise
    return 0


def _show_once(key: ApiKey, text: str) -> None:
    """Print the key alone on standard output, so that a script can take it, and what it is beside it.

    Raises:
        OSError: standard output is closed, or takes nothing.
    """
    if sys.stdout is None:  # `print` would pass over it
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    scopes = ", ".join(sorted(key.scopes))
    end = "" if key.expires_at is None else f", until {key.expires_at}"
    print(f"Key {key.key_id} ({scopes}{end}). It is shown now and never again:", file=sys.stderr)
    print(text, flush=True)


def _line(key: ApiKey) -> KeyLine:
    refusal = key.refusal(instant())
    return KeyLine(
        key_id=key.key_id,
        name=key.name,
        scopes=tuple(sorted(key.scopes)),
        rate_limit=key.rate_limit,
        state="valid" if refusal is None else "revoked" if key.revoked_at else "expired",
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
        replaces=key.replaces,
    )


def _write(database: Database, work: Callable[[Any], Answer]) -> Answer:
    with closing(database), database.write() as connection:
        return work(connection)


def _with_keys(settings: Settings, key_id: str) -> Database:
    """Return the store that holds a key; none is made for one that cannot be there.

    Raises:
        UnknownKeyError: there is no store.
    """
    try:
        return Database.existing(settings.journal)
    except NoJournalError as error:
        raise keys.UnknownKeyError(f"no valid key has the id {key_id!r}: {error}") from None


def _every_key(settings: Settings) -> tuple[ApiKey, ...]:
    with closing(Database.existing(settings.journal)) as database, database.read() as connection:
        return tuple(keys.every(connection))


def _none_yet(settings: Settings, error: NoJournalError) -> list[KeyLine]:
    """Say that there is no journal yet, so that a mistyped address shows; return that it holds no keys.

    Raises:
        NoJournalError: something else stands where the journal should: what keys there are is not known.
    """
    path = _file_of(settings)
    if path is not None and path.exists():
        raise NoJournalError(f"{path} is no journal") from error
    print(f"preclear: {error}", file=sys.stderr)
    return []


def _file_of(settings: Settings) -> Path | None:
    """Return the journal's file; null for a journal on a server."""
    scheme, _, path = settings.journal.partition(":///")
    return Path(path.partition("?")[0]) if scheme.startswith("sqlite") else None


def _scopes(text: str) -> frozenset[Scope]:
    try:
        return frozenset(Scope(word.strip()) for word in text.split(","))
    except ValueError:
        known = ", ".join(Scope)
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of scopes; scopes are {known}") from None


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 10_000_000):
        raise argparse.ArgumentTypeError("a limit is a whole number of requests a minute, at most 10000000")
    return int(text)


def _span(text: str) -> timedelta:
    match = _SPAN(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a span such as 30m, 24h, 90d or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _moment(text: str) -> datetime:
    now = datetime.now(UTC)
    if _SPAN(text) is not None:
        return now + _span(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a date, an instant nor a span such as 90d") from None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise argparse.ArgumentTypeError(f"{text!r} lies beyond the calendar in UTC") from None
    if moment <= now:
        raise argparse.ArgumentTypeError(f"{text!r} is over: a key would be of no use")
    return moment
