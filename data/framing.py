"""Messages between processes of one machine: MessagePack with its length before it, over pipes and sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

if TYPE_CHECKING:
    import asyncio

_LENGTH_BYTES = 4

encode = msgspec.msgpack.Encoder().encode
"""Return a message, or a part of one, without its length."""
_DECODERS: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def packed(message: object) -> bytes:
    """Return a message as it goes over a pipe."""
    body = encode(message)
    return len(body).to_bytes(_LENGTH_BYTES) + body


def read(pipe: BinaryIO, kind: Any) -> Any:
    """Return the next message of a pipe; null when the other side has closed it, in the middle of one too."""
    head = pipe.read(_LENGTH_BYTES)
    if len(head) < _LENGTH_BYTES:
        return None
    length = int.from_bytes(head)
    body = pipe.read(length)
    return _decoded(body, kind) if len(body) == length else None


async def receive(pipe: asyncio.StreamReader, kind: Any) -> Any:
    """Return the next message of a pipe.

    Raises:
        asyncio.IncompleteReadError: the other side has closed it.
    """
    head = await pipe.readexactly(_LENGTH_BYTES)
    return _decoded(await pipe.readexactly(int.from_bytes(head)), kind)


def _decoded(body: bytes, kind: Any) -> Any:
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.msgpack.Decoder(kind)
    return decoder.decode(body)
