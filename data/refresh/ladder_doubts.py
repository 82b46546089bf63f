"""What a new ladder breaks of the rules that curated ladders keep, and that the one before it did not break."""

from __future__ import annotations

from msgspec import Struct

from data.curation.documents import Document
from data.curation.ladder_checks import check_ladder
from data.curation.oddities import Oddities
from data.curation.problems import Problems
from data.facts.venues import Ladder


class Broken(Struct, frozen=True, kw_only=True):
    """A rule of consistency that a ladder breaks: the check's name, as an `[[oddity]]` would excuse it."""

    check: str
    instrument: str


class _Recorder(Oddities):
    """Excuses everything and remembers what needed an excuse."""

    def __init__(self) -> None:
        super().__init__(Document("none", "", Problems()))
        self.broken: list[Broken] = []

    def excuse(self, check: str, instrument: str) -> bool:
        self.broken.append(Broken(check=check, instrument=instrument))
        return True


def broken_rules(ladder: Ladder) -> tuple[Broken, ...]:
    """Return the rules of consistency that a ladder breaks."""
    recorder = _Recorder()
    check_ladder(lambda _message: None, ladder, recorder)
    return tuple(recorder.broken)


def newly_broken(before: Ladder | None, after: Ladder) -> tuple[Broken, ...]:
    """Return the rules that a ladder breaks and the one it replaces did not."""
    known = {one.check for one in broken_rules(before)} if before else set()
    return tuple(one for one in broken_rules(after) if one.check not in known)
