"""An answer that is sent while its request is still being read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

from litestar.types import Receive, Scope, Send

from api.caching import Sendable


class TwoWayStream(Sendable):
    """Sends pieces as they are made, and leaves reading to whoever makes them.

    The framework's own stream watches for a disconnect by reading the request, and so takes parts of a body that is
    still arriving away from its reader. Here a client that goes away ends the reader's stream, and with it the pieces.
    """

    __slots__ = ("_headers", "_pieces")

    def __init__(self, pieces: AsyncGenerator[bytes, None], content_type: str, headers: Mapping[str, str]) -> None:
        self._pieces = pieces
        self._headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        self._headers.append((b"content-type", content_type.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer piece by piece."""
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        try:
            async for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            await self._pieces.aclose()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
