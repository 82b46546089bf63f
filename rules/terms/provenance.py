"""How near the sources of a row stand to what it says."""

from __future__ import annotations

from data.facts.fact import Fact
from data.facts.vocabulary import Evidence
from rules.knowledge import Knowledge

SECONDARY = "secondary_source"
"""Flag of a finding that rests on what others say of a law or of a venue's terms: the text itself was not read."""


def of_secondary_sources(row: Fact, knowledge: Knowledge) -> bool:
    """Say whether no source of a row that is on file is the law, the venue or the regulator itself."""
    known = [one for name in (row.source, *row.also_sources) if (one := knowledge.source(name)) is not None]
    return bool(known) and all(one.evidence is not Evidence.PRIMARY for one in known)
