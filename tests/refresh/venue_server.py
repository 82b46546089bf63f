"""A real HTTP server on loopback that answers as the venues document, and misbehaves when told to.

Each venue lives under its own path, `http://127.0.0.1:<port>/<venue>`; `answers/<venue>.json` lists what it answers. A
fault is queued for a path and used up by the requests that come next.
"""

from __future__ import annotations

import copy
import gzip
import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

ANSWERS = Path(__file__).parent / "answers"


class Reply:
    """One scripted answer. `hang` seconds pass first; `cut` sends less than the length it announces."""

    def __init__(
        self,
        body: bytes | Any = b"",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        hang: float = 0.0,
        cut: int = 0,
    ) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = headers or {}
        self.hang = hang
        self.cut = cut


def gzip_bomb(unpacked: int) -> Reply:
    """Return a small answer that unpacks to `unpacked` zeros."""
    return Reply(gzip.compress(b"0" * unpacked), headers={"Content-Encoding": "gzip"})


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client hangs up on an answer it does not want."""


class VenueServer:
    """Serves the answers of all venues; `requests` records what was asked, as method and path with query."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.conditional: list[str] = []
        self.headers_seen: list[dict[str, str]] = []
        self._answers: dict[str, list[dict[str, Any]]] = {}
        self._faults: dict[str, deque[Reply]] = {}
        self._down: set[str] = set()
        self._etags = False
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                server._serve(self, b"")

            def do_POST(self) -> None:
                server._serve(self, self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, *_: object) -> None:
                """Keep the tests' output clean."""

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def url(self, venue: str) -> str:
        """Return the base address of a venue."""
        return f"http://127.0.0.1:{self._http.server_port}/{venue}"

    def answers(self, venue: str) -> list[dict[str, Any]]:
        """Return what a venue answers, to be read or changed in place."""
        if venue not in self._answers:
            self._answers[venue] = json.loads((ANSWERS / f"{venue}.json").read_text())
        return self._answers[venue]

    def answer(self, venue: str, path: str, **query: str) -> Any:
        """Return the body that a venue answers to a path, to be changed in place."""
        return self._find(venue, path, query)["answer"]

    def fault(self, venue: str, path: str, *replies: Reply) -> None:
        """Use `replies`, one each, for the next requests of a path."""
        self._faults.setdefault(f"/{venue}{path}", deque()).extend(replies)

    def take_down(self, venue: str) -> None:
        """Answer 503 to everything a venue is asked from now on."""
        self._down.add(venue)

    def use_etags(self) -> None:
        """Give every answer an ETag, and 304 to whoever has it."""
        self._etags = True

    def snapshot(self, venue: str) -> list[dict[str, Any]]:
        """Return a copy of a venue's answers."""
        return copy.deepcopy(self.answers(venue))

    def _find(self, venue: str, path: str, query: dict[str, str]) -> dict[str, Any]:
        rows = [row for row in self.answers(venue) if path in (row.get("get"), row.get("post"))]
        fitting = [row for row in rows if row.get("query", {}).items() <= query.items()]
        if not fitting:
            raise KeyError(path)
        return max(fitting, key=lambda row: len(row.get("query", {})))

    def _serve(self, request: BaseHTTPRequestHandler, _body: bytes) -> None:
        parts = urlsplit(request.path)
        self.requests.append(f"{request.command} {request.path}")
        self.headers_seen.append(dict(request.headers))
        waiting = self._faults.get(parts.path)
        reply = waiting.popleft() if waiting else self._regular(parts.path, dict(parse_qsl(parts.query)))
        if self._etags and reply.status == 200:
            tag = f'"{hash(reply.body)}"'
            reply.headers["ETag"] = tag
            if request.headers.get("If-None-Match") == tag:
                self.conditional.append(request.path)
                reply = Reply(status=304, headers={"ETag": tag})
        self._send(request, reply)

    def _regular(self, path: str, query: dict[str, str]) -> Reply:
        venue, _, rest = path.removeprefix("/").partition("/")
        if venue in self._down:
            return Reply(b"down for maintenance", status=503)
        try:
            return Reply(self._find(venue, f"/{rest}", query)["answer"])
        except KeyError:
            return Reply({"error": f"no such path {path}"}, status=404)

    def _send(self, request: BaseHTTPRequestHandler, reply: Reply) -> None:
        time.sleep(reply.hang)
        try:
            request.send_response(reply.status)
            for name, value in ({"Content-Type": "application/json"} | reply.headers).items():
                request.send_header(name, value)
            request.send_header("Content-Length", str(len(reply.body)))
            request.end_headers()
            request.wfile.write(reply.body[: len(reply.body) - reply.cut])
        except OSError:
            pass
        if reply.cut or reply.hang:
            request.close_connection = True
