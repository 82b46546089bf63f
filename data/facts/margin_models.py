"""Typed margin models: which formula a venue uses, with the parameters its facts give."""

from __future__ import annotations

from data.facts.fact import Fact


class MarginModel(Fact, frozen=True, kw_only=True):
    """Base of the margin models."""

    venue: str
