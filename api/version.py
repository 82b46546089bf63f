"""Version of the HTTP API, by the changelog."""

from __future__ import annotations

API_VERSION = "1.16.0"
