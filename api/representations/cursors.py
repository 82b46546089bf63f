"""Where a list goes on: an opaque cursor that pins the release and the day of its first page."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct


class Cursor(Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """The place after a page: its release and day, the question it answers, and the last row's position."""

    release: str
    as_of: date
    question: str
    after: int


def encode_cursor(cursor: Cursor) -> str:
    """Return a cursor as text that stands in a URL as it is."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """Return the cursor that a text stands for.

    Raises:
        ValueError: the text is no cursor of this service.
    """
    refused = "Not a cursor of this list: pass `next_cursor` of the page before, unchanged"
    if len(text) > 400:
        raise ValueError(refused)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw, type=Cursor)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError):
        raise ValueError(refused) from None
    if encode_cursor(cursor) != text or not 0 <= cursor.after < 2**31:
        raise ValueError(refused)
    return cursor


def question_of(name: str, parameters: Mapping[str, object]) -> str:
    """Return a short digest of what a list was asked, so that a cursor goes on with that question only."""
    asked = {key: value for key, value in parameters.items() if value is not None}
    return hashlib.sha256(msgspec.json.encode([name, asked], order="deterministic")).hexdigest()[:12]
