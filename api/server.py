"""Runs the service: set-up checks, workers, and an orderly end on SIGINT and SIGTERM."""

from __future__ import annotations

import ipaddress
import os
import signal
import sys
from contextlib import nullcontext

import uvicorn

from api.listening import unable_to_listen
from api.settings import Settings
from api.telemetry.metrics import workers_metrics
from api.transport.protocol import BoundedProtocol

_NOT_STARTED = 3
"""How uvicorn ends, whatever refused its start."""

_SLOWEST_WORKER_SECONDS = 30
"""How long a worker may leave its parent without an answer before it is replaced. It gives none while it starts, which
takes long on a busy machine, and none while the machine stands still.
"""


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a listening address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run_server(settings: Settings) -> int:
    """Serve until told to stop; return an exit code. Requests under way are finished, for a while."""
    if refused := unable_to_listen(settings.host, settings.port):
        code, reason = refused
        print(f"preclear: {reason}", file=sys.stderr, flush=True)
        return code
    # The server raises the signal that ended it once more, when all is closed: an orderly end is a success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.environ["PRECLEAR_HOST"] = settings.host
    os.environ["PRECLEAR_WORKERS"] = str(settings.workers)
    os.environ["PRECLEAR_PORT"] = str(settings.port)
    os.environ["PRECLEAR_ALLOW_ANONYMOUS"] = str(settings.allow_anonymous).lower()
    with workers_metrics() if settings.workers > 1 else nullcontext():
        try:
            _serve(settings)
        except SystemExit as ended:
            if ended.code != _NOT_STARTED:
                raise
            # Somebody else has taken the port since, or it was what the log tells.
            refused = unable_to_listen(settings.host, settings.port)
            return refused[0] if refused else 1
    return 0


def _serve(settings: Settings) -> None:
    uvicorn.run(
        "api.asgi:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=settings.grace_seconds,
        timeout_worker_healthcheck=_SLOWEST_WORKER_SECONDS,
        lifespan="on",
    )
