"""Which bodies are read at all: JSON, not compressed, within the size limit, declared as what they are."""

from __future__ import annotations

from typing import Any

from litestar import Request

from api.problems import TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, ProblemError

JSON = "application/json"
IDENTITY = "identity"
"""The content coding of a body that is sent as it is (RFC 9110, 12.5.3)."""


def declared_type(request: Request[Any, Any, Any], *types: str) -> str:
    """Return which of `types` a request says that its body is.

    Raises:
        ProblemError: 415 when it is declared as something else, or as nothing, or as compressed.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in types:
        raise ProblemError(
            UNSUPPORTED_MEDIA_TYPE,
            f"Send {' or '.join(types)}, not {declared or 'a body without a content type'}.",
            headers={"Accept-Post": ", ".join(types)},
        )
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", IDENTITY):
        raise ProblemError(
            UNSUPPORTED_MEDIA_TYPE,
            f"Send the body as it is: the content coding {coding[:80]!r} is not read here.",
            headers={"Accept-Encoding": IDENTITY},
        )
    return declared


async def read_json_body(request: Request[Any, Any, Any], limit: int) -> bytes:
    """Return the body of a request.

    Raises:
        ProblemError: 415 when it is not declared as JSON sent as it is, 413 when it is longer than `limit` bytes.
    """
    declared_type(request, JSON)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    total = 0
    more = True
    while more:
        message: Any = await request.receive()
        chunk = message.get("body", b"")
        total += len(chunk)
        if total > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(limit: int) -> ProblemError:
    return ProblemError(TOO_LARGE, f"The body may have at most {limit} bytes.", headers={"Connection": "close"})
