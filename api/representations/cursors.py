"""Where a list goes on: opaque cursors. Those of facts pin the release and the day of the first page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct

NO_CURSOR = "Not a cursor of this list: pass `next_cursor` of the page before, unchanged"
_LONGEST = 400


class Cursor(Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """The place after a page: its release and day, the question it answers, and the last row's position."""

    release: str
    as_of: date
    question: str
    after: int


def cursor_text(place: bytes) -> str:
    """Return what a cursor says as text that stands in a URL as it is."""
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def cursor_place(text: str) -> bytes:
    """Return what a cursor says.

    Raises:
        ValueError: the text is no cursor as `cursor_text` writes them.
    """
    try:
        place = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        place = b""
    if len(text) > _LONGEST or cursor_text(place) != text:
        raise ValueError(NO_CURSOR)
    return place


def encode_cursor(cursor: Cursor) -> str:
    """Return a cursor as text."""
    return cursor_text(msgspec.json.encode(cursor))


def decode_cursor(text: str) -> Cursor:
    """Return the cursor that a text stands for.

    Raises:
        ValueError: the text is no cursor of this service.
    """
    try:
        cursor = msgspec.json.decode(cursor_place(text), type=Cursor)
    except (msgspec.DecodeError, UnicodeError):
        raise ValueError(NO_CURSOR) from None
    if encode_cursor(cursor) != text or not 0 <= cursor.after < 2**31:
        raise ValueError(NO_CURSOR)
    return cursor


def question_of(name: str, parameters: Mapping[str, object]) -> str:
    """Return a short digest of what a list was asked, so that a cursor goes on with that question only."""
    asked = {key: value for key, value in parameters.items() if value is not None}
    return hashlib.sha256(msgspec.json.encode([name, asked], order="deterministic")).hexdigest()[:12]
