"""Commands about the service itself: build a release, serve it, ask how it is, write its OpenAPI document."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from api.commands.health import add_address, ask_health
from api.commands.options import pause
from api.settings import Settings, read_settings, unread
from data.build import ensure_release
from data.curation.load import load_corpus, venue_files_of
from data.curation.problems import CurationError

OPENAPI_FILE = Path("openapi") / "openapi.json"


def say(line: str) -> None:
    """Tell a person what is happening."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Tell a person what went wrong."""
    print(line, file=sys.stderr, flush=True)


def add_commands(commands: Any) -> None:
    """Add `build`, `check`, `serve`, `health` and `openapi`."""
    build = commands.add_parser(
        "build", aliases=["release"], help="compile the curated facts into a release and make it the latest"
    )
    build.add_argument("--curated", type=Path, help="folder of curated text")
    build.add_argument("--quiet", action="store_true", help="print problems only")
    build.set_defaults(handler=_build)
    check = commands.add_parser("check", help="read the curated facts and list every problem in them")
    check.add_argument("--curated", type=Path, help="folder of curated text")
    check.set_defaults(handler=_check)
    serve = commands.add_parser("serve", help="serve the API")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default 8000)")
    serve.add_argument("--workers", type=int, help="number of worker processes (default 1)")
    serve.add_argument(
        "--allow-anonymous",
        action="store_true",
        default=None,
        help="listen beyond loopback, and answer to any host name, though no key is configured",
    )
    serve.add_argument("--watch", metavar="ORIGIN", help="take releases from this folder or https address, build none")
    serve.add_argument("--watch-every", type=pause, default=30.0, metavar="SECONDS", help="pause between looks")
    serve.set_defaults(handler=_serve)
    health = commands.add_parser("health", help="say whether a running service is ready (exit code 0 or 1)")
    add_address(health)
    health.set_defaults(handler=ask_health)
    openapi = commands.add_parser("openapi", help="write openapi/openapi.json")
    openapi.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file is out of date")
    openapi.set_defaults(handler=_openapi)


def build_release_of(settings: Settings, *, quiet: bool = False) -> int:
    """Build the release of the curated facts unless it stands already; return an exit code."""
    start = time.perf_counter()
    try:
        venue_files_of(settings.curated)  # before a release of an empty folder, if one stands, is taken for up to date
        manifest = ensure_release(
            settings.curated,
            settings.releases,
            lambda folder: load_corpus(folder, None if quiet else say),
            say=(lambda line: None) if quiet else say,
        )
    except CurationError as error:
        complain(f"preclear: {error}")
        return 1
    if not quiet:
        say(f"release {manifest.id} is ready after {time.perf_counter() - start:.1f} s")
    return 0


def _build(options: argparse.Namespace) -> int:
    return build_release_of(read_settings(curated=options.curated), quiet=options.quiet)


def _check(options: argparse.Namespace) -> int:
    settings = read_settings(curated=options.curated)
    try:
        corpus = load_corpus(settings.curated, say)
    except CurationError as error:
        complain(f"preclear: {error}")
        return 1
    say(f"no problems in {len(corpus.venues)} venues, {len(corpus.law)} law rules, {len(corpus.ladders)} ladders")
    return 0


def _serve(options: argparse.Namespace) -> int:
    from api.security import reason_not_to_serve
    from api.server import run_server

    settings = read_settings(
        host=options.host, port=options.port, workers=options.workers, allow_anonymous=options.allow_anonymous
    )
    for line in unread():
        complain(f"preclear: {line}")
    if refusal := reason_not_to_serve(settings):
        complain(f"preclear: {refusal}")
        return 2
    if _watch(settings, options) if options.watch else build_release_of(settings):
        return 1
    return run_server(settings)


def _watch(settings: Settings, options: argparse.Namespace) -> int:
    """Follow the releases of another place; return an exit code when there is nothing to serve."""
    from api.watching import start_watching
    from data.refresh.mirror import MirrorError

    try:
        start_watching(settings, options.watch, every=options.watch_every, say=complain)
    except MirrorError as error:
        complain(f"preclear: {error}")
        return 1
    return 0


def _openapi(options: argparse.Namespace) -> int:
    from api.openapi.document import build_document, encode_document
    from api.routes import all_routes

    text = encode_document(build_document(all_routes()))
    if options.check:
        if not OPENAPI_FILE.exists():
            complain(f"there is no {OPENAPI_FILE} here: --check compares with that of the program's own folder")
            return 1
        if OPENAPI_FILE.read_bytes() == text:
            return 0
        complain(f"{OPENAPI_FILE} is out of date: run `make openapi`")
        return 1
    OPENAPI_FILE.parent.mkdir(exist_ok=True)
    OPENAPI_FILE.write_bytes(text)
    say(f"wrote {OPENAPI_FILE}")
    return 0
