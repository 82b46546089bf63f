"""Commands that keep facts true: `preclear refresh`, `crosscheck`, `diff` and `mirror`.

Exit codes are those of diff(1): 0 nothing differs (or all that did was accepted), 1 something differs, 2 trouble: a
venue, a file or a release could not be read, or a patch was not written.

What they do stands in `api.commands.refreshing`, which is loaded when one of them runs: other commands start faster.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from api.commands.options import pause

FAMILIES = ("instruments", "ladders", "leverage_caps", "fees", "funding_terms")
ATTEMPTS = 5


def add_commands(commands: Any) -> None:
    """Add `refresh`, `crosscheck`, `diff` and `mirror`."""
    _add_refresh(commands)
    _add_crosscheck(commands)
    _add_diff(commands)
    _add_mirror(commands)


def _add_refresh(commands: Any) -> None:
    refresh = commands.add_parser(
        "refresh",
        help="read venues' public APIs and show what changed",
        epilog="exit code: 0 no change (or all accepted), 1 changes, 2 some venues failed",
    )
    refresh.add_argument("venues", nargs="*", metavar="VENUE", help="ids of venues; a wrong one lists them all")
    refresh.add_argument("--all", action="store_true", help="read every venue that has a module")
    refresh.add_argument("--accept", action="store_true", help="write the changes into the curated text")
    refresh.add_argument("--allow-suspicious", action="store_true", help="accept what wants a look, too")
    refresh.add_argument("--family", action="append", choices=FAMILIES, help="look at these alone")
    refresh.add_argument("--release", help="compare with a release (id or latest) instead of the curated text")
    refresh.add_argument("--base-url", action="append", default=[], metavar="VENUE=URL", help="ask there instead")
    refresh.add_argument("--allow-host", action="append", default=[], metavar="HOST", help="a host that may be asked")
    refresh.add_argument("--attempts", type=int, default=ATTEMPTS, help="tries per request (default 5)")
    refresh.add_argument("--no-cache", action="store_true", help="send no conditional requests")
    _add_common(refresh)
    refresh.set_defaults(handler=_later("refresh"))


def _add_crosscheck(commands: Any) -> None:
    crosscheck = commands.add_parser(
        "crosscheck",
        help="compare a venue's facts with a second source",
        epilog="exit code: 0 they agree (or all is registered), 1 they disagree, 2 the source could not be read",
    )
    crosscheck.add_argument("venue", metavar="VENUE")
    source = crosscheck.add_mutually_exclusive_group(required=True)
    source.add_argument("--with", dest="file", type=Path, help="ccxt or freqtrade leverage tiers as JSON")
    source.add_argument("--release", help="id of another release")
    crosscheck.add_argument("--accept", action="store_true", help="write disagreements into the conflict register")
    _add_common(crosscheck)
    crosscheck.set_defaults(handler=_later("crosscheck"))


def _add_diff(commands: Any) -> None:
    diff = commands.add_parser(
        "diff",
        help="show what changed between two releases or two days",
        epilog="exit code: 0 they are the same, 1 they differ, 2 a release could not be read",
    )
    diff.add_argument("before", help="release id, latest, or a day (YYYY-MM-DD) of the latest release")
    diff.add_argument("after", nargs="?", default="latest", help="the same (default latest)")
    diff.add_argument("--fact", action="append", help="show this kind of fact alone, for example margin_tiers")
    diff.add_argument("--subject", action="append", help="show this venue or jurisdiction alone")
    diff.add_argument("--full", action="store_true", help="show every change")
    diff.set_defaults(handler=_later("diff"))


def _add_mirror(commands: Any) -> None:
    mirror = commands.add_parser(
        "mirror",
        help="copy the latest release from a folder or an address, checked, and publish it",
        epilog="older releases are copied where decisions of the journal name them, with --recorded",
    )
    mirror.add_argument("origin", help="folder of releases, or https address below which its files are served")
    how = mirror.add_mutually_exclusive_group()
    how.add_argument("--every", type=pause, metavar="SECONDS", help="look again and again until stopped")
    how.add_argument(
        "--recorded",
        action="store_true",
        help="copy all releases that recorded decisions name, too: replays need them",
    )
    mirror.set_defaults(handler=_later("mirror"))


def _later(name: str) -> Callable[[argparse.Namespace], int]:
    """Return a handler that loads the commands when it is called."""

    def handler(options: argparse.Namespace) -> int:
        run: Callable[[argparse.Namespace], int] = getattr(import_module("api.commands.refreshing"), name)
        return run(options)

    return handler


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--curated", type=Path, help="folder of curated text")
    parser.add_argument("--full", action="store_true", help="show every change")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
