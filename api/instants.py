"""Days and instants as the description tells them to generators of clients."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

Instant = Annotated[datetime, Meta(tz=True)]
"""A moment with its offset from UTC."""
InstantText = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""A moment as text, RFC 3339 in UTC, as it is stored."""
DayText = Annotated[str, Meta(extra_json_schema={"format": "date"})]
"""A day as text, YYYY-MM-DD, as it is stored."""
