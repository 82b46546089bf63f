"""Thresholds a firm sets."""

from __future__ import annotations

from msgspec import Struct


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named set of thresholds."""

    name: str
    requires: tuple[str, ...] = ()
