"""What `preclear refresh`, `crosscheck`, `diff` and `mirror` do. Each function returns the command's exit code."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime

import msgspec
import stamina.instrumentation

from api.commands.refresh_report import (
    ReadingProgress,
    output,
    show_differences,
    show_disagreements,
    show_release_changes,
    summary_of,
)
from api.queries import parse_day
from api.settings import Settings, read_settings
from data.changes import View, changes_between, known_facts, subjects_of
from data.curation.load import load_corpus
from data.curation.problems import CurationError
from data.facts.corpus import Corpus
from data.journal import queries
from data.journal.database import Database, UnsupportedStoreError
from data.journal.errors import JournalError
from data.refresh.acceptance import accept
from data.refresh.candidates import VenueReading
from data.refresh.client import Limits
from data.refresh.crosscheck import disagreements, read_tier_file, reading_of_release, register
from data.refresh.differences import VenueDifferences, compare
from data.refresh.errors import RefreshError
from data.refresh.mirror import MirrorError, Origin, follow, mirror_latest, mirror_release, origin_of
from data.refresh.run import Failure, Places, read_venues
from data.refresh.staging import write_accepted
from data.refresh.venues import READERS
from data.releases import ReleaseError, ReleaseStore

SAME, DIFFERENT, TROUBLE = 0, 1, 2


def refresh(options: argparse.Namespace) -> int:
    """Read venues, show what changed, and accept it when asked."""
    venues = list(READERS) if options.all else list(dict.fromkeys(options.venues))
    unknown = [venue for venue in venues if venue not in READERS]
    if unknown or not venues:
        what = f"no module for {', '.join(unknown)}" if unknown else "name a venue, or --all"
        _complain(f"preclear refresh: {what}; there are {', '.join(READERS)}")
        return TROUBLE
    if options.accept and options.release:
        _complain("preclear refresh: --accept compares with the curated text, not with a release")
        return TROUBLE
    settings = read_settings(curated=options.curated)
    places = _places(options)
    if places is None:
        return TROUBLE
    try:
        corpus = _release_corpus(settings, options.release) if options.release else load_corpus(settings.curated)
    except (CurationError, ReleaseError) as error:
        _complain(str(error))
        return TROUBLE
    stamina.instrumentation.set_on_retry_hooks([])
    with ReadingProgress(quiet=options.quiet) as progress:
        readings, failures = asyncio.run(
            read_venues(
                venues,
                watcher=progress,
                places=places,
                limits=Limits(attempts=max(1, options.attempts)),
                cache_folder=None if options.no_cache else settings.releases.parent / "refresh",
                environment=os.environ,
            )
        )
    differences = [compare(_chosen(reading, options.family), corpus) for reading in readings]
    console = output()
    show_differences(console, differences, full=options.full)
    for failure in failures:
        console.print(f"{failure.venue}  failed: {failure.reason}", style="red", markup=False)
    console.print(summary_of(differences, failures), markup=False)
    if options.accept:
        return _accept(settings, corpus, differences, failures, allow_suspicious=options.allow_suspicious)
    if failures:
        return TROUBLE
    return DIFFERENT if any(one.changes for one in differences) else SAME


def _accept(
    settings: Settings,
    corpus: Corpus,
    differences: Sequence[VenueDifferences],
    failures: Sequence[Failure],
    *,
    allow_suspicious: bool,
) -> int:
    console = output()
    prepared = [accept(settings.curated, corpus, one, allow_suspicious=allow_suspicious) for one in differences]
    written = write_accepted(settings.curated, corpus, prepared)
    for one in prepared:
        for refusal in one.refused:
            change = refusal.change
            line = f"{one.venue}  refused {change.kind} {change.family} {change.subject}: {refusal.reason}"
            console.print(line, style="magenta", markup=False)
    for rejection in written.rejected:
        console.print(f"{rejection.venue}  not written: {rejection.reason}", style="red", markup=False)
    accepted = sum(len(one.accepted) for one in prepared if one.venue in written.venues)
    refused = sum(len(one.refused) for one in prepared)
    console.print(
        f"accepted {accepted} changes of {len(written.venues)} venues into {settings.curated}"
        + (f"; {refused} refused (--allow-suspicious takes them)" if refused else ""),
        markup=False,
    )
    if failures or written.rejected:
        return TROUBLE
    return DIFFERENT if refused else SAME


def crosscheck(options: argparse.Namespace) -> int:
    """Compare a venue with a second source, and register disagreements when asked."""
    settings = read_settings(curated=options.curated)
    today = datetime.now(UTC).date()
    console = output()
    try:
        corpus = load_corpus(settings.curated)
        if options.venue not in {venue.id for venue in corpus.venues}:
            _complain(f"preclear crosscheck: no venue {options.venue!r}")
            return TROUBLE
        if options.file:
            reading = read_tier_file(options.file, options.venue, corpus, today)
        else:
            release = ReleaseStore(settings.releases).get(options.release)
            reading = reading_of_release(release.corpus(), release.id, release.manifest.sha256, options.venue, today)
    except (CurationError, ReleaseError, RefreshError, OSError) as error:
        _complain(f"preclear crosscheck: {error}")
        return TROUBLE
    differences = compare(reading, corpus)
    found = disagreements(differences)
    compared = sum(differences.unchanged.values()) + len(found)
    show_disagreements(console, reading.remarks, found, full=options.full)
    console.print(f"{options.venue}: {len(found)} disagreements in {compared} rows compared", markup=False)
    if not found:
        return SAME
    if not options.accept:
        return DIFFERENT
    written = write_accepted(settings.curated, corpus, [register(settings.curated, differences, found)])
    for rejection in written.rejected:
        console.print(f"not written: {rejection.reason}", style="red", markup=False)
    if written.rejected:
        return TROUBLE
    console.print(f"registered {len(found)} conflicts", markup=False)
    return SAME


def diff(options: argparse.Namespace) -> int:
    """Show what changed between two releases or days."""
    settings = read_settings()
    try:
        store = ReleaseStore(settings.releases)
        before, after = _view(store, options.before), _view(store, options.after)
    except (ReleaseError, ValueError) as error:
        _complain(f"preclear diff: {error}")
        return TROUBLE
    if before.day is not None and after.day is not None and after.day < before.day:
        _complain(f"preclear diff: {after.day} lies before {before.day}: name the earlier day first")
        return TROUBLE
    if refusal := _unknown_names(options, before, after):
        _complain(f"preclear diff: {refusal}")
        return TROUBLE
    changes = [
        change
        for change in changes_between(before, after)
        if (not options.fact or change.fact in options.fact)
        and (not options.subject or change.subject in options.subject)
    ]
    console = output()
    show_release_changes(console, changes, full=options.full)
    names = [f"{one.release} on {one.day}" if one.day else one.release for one in (before, after)]
    count = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
    console.print(f"{count} from {names[0]} to {names[1]}", markup=False)
    return DIFFERENT if changes else SAME


def _unknown_names(options: argparse.Namespace, before: View, after: View) -> str | None:
    """Return why a comparison that was narrowed would look at nothing; null when it would not."""
    for fact in options.fact or ():
        if fact not in known_facts():
            return f"no kind of fact is named {fact!r}; there are {', '.join(known_facts())}"
    known = subjects_of(before, after) if options.subject else frozenset()
    for subject in options.subject or ():
        if subject not in known:
            venues = sorted({venue.id for view in (before, after) for venue in view.corpus.venues})
            places = sorted({law.jurisdiction for view in (before, after) for law in view.corpus.law})
            return (
                f"no fact of either release is about {subject!r}; there are the venues {', '.join(venues)} "
                f"and the jurisdictions {', '.join(places)}"
            )
    return None


def mirror(options: argparse.Namespace) -> int:
    """Copy the latest release from elsewhere, once or again and again, or with all that recorded decisions name."""
    settings = read_settings()
    try:
        origin = origin_of(options.origin)
        if options.every is None:
            release = mirror_latest(origin, settings.releases)
            print(f"mirrored release {release}" if release else "the latest release is here already")
            return _mirror_recorded(origin, settings) if options.recorded else SAME
    except MirrorError as error:
        _complain(f"not mirrored: {error}")
        return TROUBLE
    stop = threading.Event()
    follow(origin, settings.releases, lambda: stop.wait(options.every), lambda line: print(line, flush=True))
    return SAME


def _mirror_recorded(origin: Origin, settings: Settings) -> int:
    """Copy the releases that recorded decisions name and that are not here; one that is not to be had is reported."""
    try:
        with closing(Database.existing(settings.journal)) as database, database.read() as connection:
            named = sorted(queries.named_things(connection, "release"))
    except (JournalError, UnsupportedStoreError) as error:
        _complain(f"the journal cannot be read: {error}")
        return TROUBLE
    outcome = SAME
    for release in named:
        try:
            if mirror_release(origin, settings.releases, release):
                print(f"mirrored release {release}, which recorded decisions name")
        except MirrorError as error:
            _complain(f"not mirrored: {error}")
            outcome = TROUBLE
    return outcome


def _view(store: ReleaseStore, name: str) -> View:
    """Return a release by id, or the latest one on a day.

    Raises:
        ReleaseError: there is no such release.
        ValueError: it looks like a day and is none.
    """
    try:
        day = parse_day(name) if name[:1].isdigit() else None
    except ValueError:
        raise ValueError(f"{name!r} is neither a release nor a day written YYYY-MM-DD") from None
    release = store.get("latest" if day else name)
    return View(release=release.id, corpus=release.corpus(), day=day)


def _release_corpus(settings: Settings, name: str) -> Corpus:
    return ReleaseStore(settings.releases).get(name).corpus()


def _chosen(reading: VenueReading, families: Sequence[str] | None) -> VenueReading:
    if not families:
        return reading
    kept = tuple(one for one in reading.families if one.family in families)
    return msgspec.structs.replace(reading, families=kept)


def _places(options: argparse.Namespace) -> Places | None:
    base_urls: dict[str, str] = {}
    given: Mapping[str, str] = dict(pair.partition("=")[::2] for pair in options.base_url)
    for venue, url in given.items():
        if venue not in READERS or not url:
            _complain(f"preclear refresh: --base-url wants VENUE=URL, not {venue}={url}")
            return None
        base_urls[venue] = url
    return Places(base_urls=base_urls, extra_hosts=frozenset(options.allow_host))


def _complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
