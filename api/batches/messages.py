"""What the service and its deciding processes say to each other: MessagePack with its length before it, over pipes."""

from __future__ import annotations

import asyncio
from typing import Any, BinaryIO, TypeVar

import msgspec
from msgspec import Struct

from api.batches.group import Answered, Asked, Missing

T = TypeVar("T")
_LENGTH_BYTES = 4


class Opening(Struct, frozen=True, tag=True):
    """The first message to a process: where the releases are. It answers `Open` when it has opened the latest."""

    releases: str


class Open(Struct, frozen=True, kw_only=True):
    """What a process decides by. It was read from disk just now: after an upgrade it may be newer than the service."""

    rules_version: str
    api_version: str


class Question(Struct, frozen=True, kw_only=True, tag=True):
    """A group of lines, with the canonical documents of the policies they may name; null for a name nobody knows."""

    asked: Asked
    policies: dict[str, bytes | None]


Reply = Answered | Missing

_encode = msgspec.msgpack.Encoder().encode
_DECODERS: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def packed(message: object) -> bytes:
    """Return a message as it goes over a pipe."""
    body = _encode(message)
    return len(body).to_bytes(_LENGTH_BYTES) + body


def read(pipe: BinaryIO, kind: Any) -> Any:
    """Return the next message of a pipe; null when the other side has closed it."""
    head = pipe.read(_LENGTH_BYTES)
    if len(head) < _LENGTH_BYTES:
        return None
    return _decoded(pipe.read(int.from_bytes(head)), kind)


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
