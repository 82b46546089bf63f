"""Runs the service: set-up checks, workers, and an orderly end on SIGINT and SIGTERM."""

from __future__ import annotations

import ipaddress
import os
import signal
import sys

import uvicorn

from api.settings import Settings
from api.telemetry import prepare_workers


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a listening address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run_server(settings: Settings) -> int:
    """Serve until told to stop; return an exit code. Requests under way are finished, for at most ten seconds."""
    # The server raises the signal that ended it once more, when all is closed: an orderly end is a success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.environ["PRECLEAR_HOST"] = settings.host
    os.environ["PRECLEAR_PORT"] = str(settings.port)
    os.environ["PRECLEAR_ALLOW_ANONYMOUS"] = str(settings.allow_anonymous).lower()
    if settings.workers > 1:
        prepare_workers(settings.releases.parent / f"metrics-{settings.port}")
    uvicorn.run(
        "api.asgi:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=65_536,
        lifespan="on",
    )
    return 0
