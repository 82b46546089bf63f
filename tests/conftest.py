"""A real server on a real port, over a release built from the committed facts."""

from __future__ import annotations

import fcntl
import gc
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings

from tests.surroundings import CHROMIUM, NGINX

ROOT = Path(__file__).resolve().parents[1]

# How long one example takes hangs on what else the machine does.
settings.register_profile("without deadlines", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without deadlines")

_LONG = (
    "conformance/test_description.py",
    "journal/test_http_durability.py",
    "image/test_dockerfile.py",
    "security/test_unread_answers.py",
    "journal/test_proxy.py",
    "browser/test_pages_in_a_browser.py",
    "http/test_batch_processes.py",
    "conformance/test_malformed.py",
    "journal/test_replay.py",
    "journal/test_http_streams.py",
    "security/test_settings.py",
    "journal/test_kill.py",
)
"""Files that take longest begin first: one that a worker begins last is waited for by the others."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one worker more than there are processors, of which four are enough: many tests wait for a process."""
    return min(os.cpu_count() or 1, 4) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, all else in its order (`--no-loadscope-reorder` keeps it among workers)."""
    places = {ROOT / "tests" / name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Spare the garbage collector ten thousand tests and the facts that some of them have read."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """Take back what was spared: modules in C complain of what is left at the very end."""
    gc.unfreeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what of the tests' surroundings was there."""
    terminalreporter.write_line(f"nginx: {NGINX or 'none found, replicas were not tried behind one'}")
    terminalreporter.write_line(f"browser: {CHROMIUM or 'none found, pages were not tried in one'}")


_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = iter(random.sample(range(12_000 + _WORKER % 8, 32_000, 8), 2_000))
"""No two workers of a run try the same one at the same moment."""


def free_port() -> int:
    """Return a port on which nobody listens, below those that systems give to outgoing connections.

    A server takes a second to start: until then a connection of another test could have taken a port that was free.
    """
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("every port that was tried is taken")


@pytest.fixture(scope="session")
def releases_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one release, built from `data/curated` once for all workers of a run: no test publishes there."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "releases"
    environment = {**os.environ, "PRECLEAR_RELEASES": str(folder)}
    with (shared / "releases.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "latest").exists():
            subprocess.run([sys.executable, "-m", "api", "build", "--quiet"], check=True, cwd=ROOT, env=environment)
    return folder


class RunningServer:
    """A server process, the address it serves on, and its log."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.log = log

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=60)


def listens(port: int) -> bool:
    """Say whether somebody takes connections on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a server answers that it is ready.

    A client costs more than a connection, so nobody is asked before somebody listens.
    """
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}:\n{log.read_text()}")
        with suppress(httpx.TransportError):
            if listens(port) and httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=10).status_code == 200:
                return
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError(f"the server was not ready in time:\n{log.read_text()}")


def start_server(folder: Path, releases: Path, *arguments: str, **settings: str) -> RunningServer:
    """Start a server whose journal and keys live in `folder`, and wait until it is ready."""
    port = free_port()
    log = folder / f"server-{port}.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PRECLEAR_")},
        "PRECLEAR_VAR": str(folder),
        "PRECLEAR_RELEASES": str(releases),
        **settings,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--port", str(port), *arguments],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    wait_until_ready(process, port, log)
    return RunningServer(process, url, log)


ServerFactory = Callable[..., RunningServer]


@pytest.fixture
def serve(tmp_path: Path, releases_folder: Path) -> Iterator[ServerFactory]:
    """Start servers for one test; whatever still runs at its end is stopped."""
    running: list[RunningServer] = []

    def start(*arguments: str, **settings: str) -> RunningServer:
        running.append(start_server(tmp_path, releases_folder, *arguments, **settings))
        return running[-1]

    yield start
    for server in running:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, releases_folder: Path) -> Iterator[RunningServer]:
    """One server that all read-only tests share."""
    running = start_server(tmp_path_factory.mktemp("server"), releases_folder)
    yield running
    assert running.stop() == 0, running.log.read_text()


@pytest.fixture(scope="session")
def client(server: RunningServer) -> Iterator[httpx.Client]:
    """A client of the shared server."""
    with httpx.Client(base_url=server.url, timeout=60) as session:
        yield session
