"""Commands about the journal of decisions: `preclear journal …`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import msgspec

from api.deciding import BUILT_IN
from api.settings import Settings, read_settings
from data.journal import queries, verification
from data.journal.database import Database, UnsupportedStoreError
from data.journal.errors import JournalError
from data.journal.queries import Head
from data.journal.verification import parse_anchor


def add_commands(commands: Any) -> None:
    """Add `journal`."""
    journal_commands = commands.add_parser("journal", help="check the journal of decisions").add_subparsers(
        dest="journal_command", required=True, metavar="COMMAND"
    )
    verify = journal_commands.add_parser("verify", help="walk the hash chain and name the first break")
    verify.add_argument(
        "--anchor",
        action="append",
        default=[],
        type=_anchor,
        help="a head noted earlier (<seq>:sha256:…) that the chain must contain; may be repeated",
    )
    verify.add_argument("--json", action="store_true", help="as JSON")
    verify.set_defaults(handler=guarded(_verify))
    head = journal_commands.add_parser("head", help="print the newest entry's place and digest, to keep as an anchor")
    head.set_defaults(handler=guarded(_head))


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    with closing(Database.existing(settings.journal)) as database:
        found = verification.verify(database, options.anchor, built_in=frozenset(BUILT_IN))
    if options.json:
        print_json(found)
    elif found.first_break is None:
        entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
        print(f"The journal is whole: {entries}, head {found.head}")
    else:
        broken = found.first_break
        name = f" ({broken.decision_id})" if broken.decision_id else ""
        print(f"The journal is broken at entry {broken.seq}{name}: {broken.reason}.")
        before = "The entry before it is" if found.entries == 1 else f"The {found.entries} entries before it are"
        print(f"{before} whole.")
    return 0 if found.whole else 1


def _head(_options: argparse.Namespace, settings: Settings) -> int:
    with closing(Database.existing(settings.journal)) as database, database.read() as connection:
        print(queries.newest(connection))
    return 0


def _anchor(text: str) -> Head:
    try:
        return parse_anchor(text)
    except ValueError:
        wanted = "<seq>:sha256:<64 hexadecimal digits>"
        raise argparse.ArgumentTypeError(f"{text!r} is not an anchor; an anchor is {wanted}") from None


def guarded(command: Callable[[argparse.Namespace, Settings], int]) -> Callable[[argparse.Namespace], int]:
    """Return the command with the journal's failures told in one line."""

    def run(options: argparse.Namespace) -> int:
        try:
            return command(options, read_settings())
        except (JournalError, UnsupportedStoreError) as error:
            print(f"preclear: {error}", file=sys.stderr)
            return 1

    return run


def print_json(value: object) -> None:
    """Print a value as JSON for people to read."""
    print(json.dumps(msgspec.to_builtins(value), indent=2))
