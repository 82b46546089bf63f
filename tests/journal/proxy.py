"""nginx with the configuration that is deployed, in front of servers that a test has started."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import ROOT, RunningServer, free_port, listens
from tests.surroundings import NGINX

CONFIGURATION = ROOT / "deploy" / "nginx.conf"


class Proxy:
    """A running nginx: only addresses, ports and the places of its files differ from what is deployed."""

    def __init__(self, folder: Path, replicas: Sequence[RunningServer]) -> None:
        assert NGINX is not None
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "access.log"
        self._errors = folder / "error.log"
        text = CONFIGURATION.read_text()
        for name, replica in zip(("one", "two"), replicas, strict=True):
            text = _replaced(text, f"server {name}:8000 resolve ", f"server {urlsplit(replica.url).netloc} ")
        text = _replaced(text, "listen 8080;", f"listen 127.0.0.1:{port};")
        text = _replaced(text, "access_log /dev/stdout ", f"access_log {self.log} ")
        temporary = "".join(
            f"    {name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = _replaced(text, "http {\n", "http {\n" + temporary)
        written = folder / "nginx.conf"
        written.write_text(text)
        main = f"daemon off; pid {folder}/pid;" + (" user root;" if os.geteuid() == 0 else "")
        self._process = subprocess.Popen([NGINX, "-p", folder, "-c", written, "-e", self._errors, "-g", main])
        deadline = time.monotonic() + 60
        while not listens(port):
            assert self._process.poll() is None, self._errors.read_text()
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.02)

    def replicas_asked(self) -> set[str]:
        """Return the addresses that requests were passed on to."""
        return set(re.findall(r"127\.0\.0\.1:\d+", self.log.read_text()))

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.wait(timeout=60) == 0, self._errors.read_text()


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)
