"""Titles of rules: what a finding's rule says of itself, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from data.journal.entry import NewEntry
from data.journal.masking import MASKED, TitleOf
from data.releases import ReleaseStore
from rules.check import CATALOGUE
from rules.knowledge import Knowledge
from rules.law.coverage import TITLES
from rules.law.index import law_index


def titles_in(releases: ReleaseStore) -> TitleOf:
    """Return what tells the title of a rule, and where it is written, under the release and day of an entry."""

    def title_of(entry: NewEntry, rule: str) -> str:
        knowledge = releases.get(entry.release).facts.on(date.fromisoformat(entry.as_of))
        return knowledge.derive(_titles).get(rule, MASKED)

    return title_of


def _titles(knowledge: Knowledge) -> Mapping[str, str]:
    return {
        **{rule.id: f"{rule.title}." for rule in CATALOGUE.values()},
        **{rule: f"{title}." for rule, title in TITLES.items()},
        **{one.rule: f"{one.law.title} ({one.law.citation})." for one in law_index(knowledge).rules},
    }
