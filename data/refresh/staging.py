"""Try accepted changes on a copy of the curated folder, and write them only when the whole folder still reads.

Each venue stands for itself: one whose patch does not read is left out and reported, the others are written. Nothing is
replaced before everything is on the disk, and what dates the facts is replaced last.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from data.curation.load import load_corpus
from data.curation.problems import CurationError
from data.drafts import draft_folder
from data.facts.corpus import Corpus
from data.refresh.acceptance import Acceptance


class Rejection(Struct, frozen=True, kw_only=True):
    """A venue whose accepted changes were not written, and why."""

    venue: str
    reason: str


class Written(Struct, frozen=True, kw_only=True):
    """What was written: the files by venue, and the facts that the folder holds now."""

    venues: tuple[str, ...]
    rejected: tuple[Rejection, ...]
    corpus: Corpus


def write_accepted(folder: Path, before: Corpus, acceptances: Iterable[Acceptance]) -> Written:
    """Write the patches that read well together; a venue at fault is left out, and the rest tried again.

    Raises:
        CurationError: the folder has problems of its own, without any patch.
        RuntimeError: a patch would change facts of a venue that is not among those accepted.
    """
    waiting = {one.venue: one for one in acceptances}
    rejected: list[Rejection] = []
    while True:
        try:
            corpus = _read_patched(folder, waiting.values())
        except CurationError as error:
            at_fault = _venues_at_fault(error, waiting)
            rejected += [Rejection(venue=venue, reason=_words(error, waiting[venue])) for venue in at_fault]
            waiting = {venue: one for venue, one in waiting.items() if venue not in at_fault}
            continue
        meddling = sorted(_others_changed(before, corpus, set(waiting)))
        if meddling:
            raise RuntimeError(f"accepting {', '.join(waiting)} would change facts of {', '.join(meddling)}")
        _replace_together(folder, [pair for one in waiting.values() for pair in _in_order(one.files)])
        return Written(venues=tuple(waiting), rejected=tuple(rejected), corpus=corpus)


def _read_patched(folder: Path, acceptances: Iterable[Acceptance]) -> Corpus:
    with tempfile.TemporaryDirectory(prefix="preclear-refresh-") as scratch:
        copy = Path(scratch) / "curated"
        shutil.copytree(folder, copy)
        for one in acceptances:
            for name, text in one.files.items():
                path = copy / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return load_corpus(copy)


def _venues_at_fault(error: CurationError, waiting: dict[str, Acceptance]) -> list[str]:
    """Return the venues whose patched files have problems; all of them when the problem lies elsewhere."""
    files = {problem.file for problem in error.problems}
    found = [venue for venue, one in waiting.items() if files & one.files.keys()]
    if not waiting:
        raise error
    return found or list(waiting)


def _words(error: CurationError, acceptance: Acceptance) -> str:
    own = [str(problem) for problem in error.problems if problem.file in acceptance.files] or [str(error)]
    more = f"; and {len(own) - 3} more" if len(own) > 3 else ""
    return "; ".join(own[:3]) + more


def _others_changed(before: Corpus, after: Corpus, accepted: set[str]) -> set[str]:
    """Return whose facts differ beside the accepted venues': there must be nobody."""
    changed: set[str] = set()
    for family in before.__struct_fields__:
        old = [row for row in getattr(before, family) if _owner(row) not in accepted]
        new = [row for row in getattr(after, family) if _owner(row) not in accepted]
        if old != new:
            changed |= {_owner(row) or family for row in old + new if row not in old or row not in new}
    return changed


def _owner(row: object) -> str:
    """Return the venue or jurisdiction that a row is about."""
    for name in ("venue", "subject"):
        owner = getattr(row, name, None)
        if isinstance(owner, str):
            return owner
    return str(getattr(row, "id", "")).partition(".")[0]


def _in_order(files: dict[str, str]) -> list[tuple[str, str]]:
    """Return a venue's files as they are to be replaced: ladders' past, other rows, and last what dates and cites them.

    Cut off anywhere, they do not read: a row stands twice, or names a source that is not there yet. In any other order
    they would read well, and say that old rows were compared today, or miss the past for good.
    """
    return sorted(files.items(), key=lambda pair: (pair[0].endswith(".toml"), not pair[0].endswith(".history.csv")))


def _replace_together(folder: Path, files: list[tuple[str, str]]) -> None:
    """Replace files in their order once all new contents are on the disk; a full disk leaves all as they were."""
    with draft_folder(folder, ".drafts-") as scratch:
        drafts = [scratch / str(number) for number in range(len(files))]
        for draft, (_, text) in zip(drafts, files, strict=True):
            with draft.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(0o644)
        for draft, (name, _) in zip(drafts, files, strict=True):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(path)
