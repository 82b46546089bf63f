"""The two clocks of a read: which release, and which day."""

from __future__ import annotations

import asyncio
from datetime import date

from msgspec import Struct

from api.problems import NOT_FOUND, UNAVAILABLE, ProblemError
from api.queries import Query, parse_day, today
from data.releases import DamagedReleaseError, Release, ReleaseStore, UnknownReleaseError


class Reading(Struct, frozen=True, kw_only=True):
    """One release on one day. `pinned` and `dated` say whether the request named them itself."""

    release: Release
    as_of: date
    pinned: bool
    dated: bool


async def read_clocks(query: Query, releases: ReleaseStore) -> Reading:
    """Return the release and the day that `release` and `as_of` name; defaults: the latest, and today in UTC.

    Raises:
        ProblemError: 404 for an unknown release, naming the newest.
    """
    day: date | None = query.parsed("as_of", parse_day)
    named = query.one("release")
    if named is None:
        named = "latest"
    return Reading(
        release=await open_release(releases, named),
        as_of=day or today(),
        pinned=named != "latest",
        dated=day is not None,
    )


async def open_release(releases: ReleaseStore, name: str) -> Release:
    """Return a release, opened beside the event loop when it is not open yet.

    Raises:
        ProblemError: 404 naming the newest release, 503 for one that cannot be read.
    """
    opened = releases.opened(name)
    return opened if opened is not None else await asyncio.to_thread(release_named, releases, name)


def release_named(releases: ReleaseStore, name: str) -> Release:
    """Return a release, opened here and now when it is not open yet.

    Raises:
        ProblemError: 404 naming the newest release, 503 for one that cannot be read.
    """
    try:
        return releases.get(name)
    except UnknownReleaseError as error:
        raise ProblemError(NOT_FOUND, str(error)) from None
    except DamagedReleaseError as error:
        raise ProblemError(UNAVAILABLE, str(error)) from error
