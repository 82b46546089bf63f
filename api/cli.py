"""The `preclear` command."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from api.settings import SettingsError
from api.version import API_VERSION
from rules.version import RULES_VERSION

Handler = Callable[[argparse.Namespace], int]

_COMMAND_MODULES = ("api.commands.service", "api.commands.keys", "api.commands.journal", "api.commands.refresh")
"""Each has `add_commands(subparsers)`, which sets `handler` on the parsers it adds."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="preclear", description="Pre-clearance for leveraged crypto orders.")
    parser.add_argument("--version", action="version", version=f"API {API_VERSION}, rules {RULES_VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _COMMAND_MODULES:
        add: Callable[[Any], None] = import_module(module).add_commands
        add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = build_parser().parse_args(arguments)
    handler: Handler = options.handler
    try:
        code = handler(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has enough of it. What is left of it must not fail once more at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except SettingsError as error:
        print(f"preclear: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        # A file or folder that an option or a setting names and the machine refuses: told by name, not by where it hit.
        place = f"{error.filename}: " if error.filename else ""
        print(f"preclear: {place}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code
