"""Law as dated data: rules with closed, typed conditions and effects."""

from __future__ import annotations

from data.facts.fact import Fact


class LawRule(Fact, frozen=True, kw_only=True):
    """One rule of one jurisdiction."""

    id: str
    jurisdiction: str
