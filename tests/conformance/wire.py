"""A client that sends what it is given, well-formed or not."""

from __future__ import annotations

import asyncio
from typing import Self

from msgspec import Struct

from tests.conformance.damage import Sent

SECONDS = 60


class Reply(Struct, frozen=True, kw_only=True):
    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection, opened again whenever the server has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    async def ask(self, sent: Sent) -> Reply | None:
        """Return the answer; null when the connection ended before one came."""
        for _ in range(2):
            fresh = self._streams is None
            if self._streams is None:
                self._streams = await asyncio.open_connection(*self._address)
            reader, writer = self._streams
            try:
                async with asyncio.timeout(SECONDS):
                    writer.write(sent.wire())
                    reply = await _read(reader, sent.method)
            except (ConnectionError, asyncio.IncompleteReadError):
                self._close()
                if fresh:
                    return None
                continue
            if reply.headers.get("connection") == "close":
                self._close()
            return reply
        return None

    def _close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _read(reader: asyncio.StreamReader, method: str) -> Reply:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    status = int(first.split(" ", 2)[1])
    body = b""
    if method != "HEAD" and status not in (204, 304):
        if "content-length" in headers:
            body = await reader.readexactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            body = await _chunks(reader)
        else:
            body = await reader.read()
    return Reply(status=status, headers=headers, body=body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readline()
    return b"".join(parts)
