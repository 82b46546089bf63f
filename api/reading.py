"""The two clocks of a read: which release, and which day."""

from __future__ import annotations

import asyncio
from datetime import date

from msgspec import Struct

from api.problems import INVALID, NOT_FOUND, UNAVAILABLE, FieldError, ProblemError
from api.queries import Query, parse_day, today
from data.releases import DamagedReleaseError, Release, ReleaseStore, UnknownReleaseError
from rules.validation import is_id

NO_RELEASE_ID = "must be the id of a release (lower-case letters, digits and underscores) or `latest`"


class NoReleaseError(ProblemError):
    """A request names a release that is not there: 404, or 422 where no release can be so named."""

    def __init__(self, name: str, told: str) -> None:
        self.told = told
        if is_id(name):
            super().__init__(NOT_FOUND, told)
            self.field = FieldError(pointer="/release", detail=told)
        else:
            self.field = FieldError(pointer="/release", detail=NO_RELEASE_ID)
            super().__init__(INVALID, "1 field is not valid: /release", errors=(self.field,))


class Reading(Struct, frozen=True, kw_only=True):
    """One release on one day. `pinned` and `dated` say whether the request named them itself."""

    release: Release
    as_of: date
    pinned: bool
    dated: bool


async def read_clocks(query: Query, releases: ReleaseStore) -> Reading:
    """Return the release and the day that `release` and `as_of` name; defaults: the latest, and today in UTC.

    Of a release that is not there the query is told, and the other parameters are read in the latest.

    Raises:
        ProblemError: 503 for a release that cannot be read.
    """
    day: date | None = query.parsed("as_of", parse_day)
    named: str = query.parsed("release", _parse_release, "latest")
    found = await find_release(query, "release", releases, named)
    return Reading(
        release=found or await open_release(releases, "latest"),
        as_of=day or today(),
        pinned=found is not None and named != "latest",
        dated=day is not None,
    )


async def find_release(query: Query, name: str, releases: ReleaseStore, wanted: str) -> Release | None:
    """Return the release that a parameter names; null, and the query is told, when there is none.

    Raises:
        ProblemError: 503 for one that cannot be read.
    """
    try:
        return await open_release(releases, wanted)
    except NoReleaseError as error:
        query.miss(name, error)
        return None


def _parse_release(text: str) -> str:
    if not is_id(text):
        raise ValueError(NO_RELEASE_ID)
    return text


async def open_release(releases: ReleaseStore, name: str) -> Release:
    """Return a release, opened beside the event loop when it is not open yet.

    Raises:
        NoReleaseError: there is none of this name.
        ProblemError: 503 for one that cannot be read.
    """
    opened = releases.opened(name)
    return opened if opened is not None else await asyncio.to_thread(release_named, releases, name)


async def open_recorded_release(releases: ReleaseStore, name: str) -> Release:
    """Return the release that a row of the journal names; what it names is no field of the request.

    Raises:
        ProblemError: 404 when there is none of this name, 503 for one that cannot be read.
    """
    try:
        return await open_release(releases, name)
    except NoReleaseError as error:
        raise ProblemError(NOT_FOUND, error.told) from None


def release_named(releases: ReleaseStore, name: str) -> Release:
    """Return a release, opened here and now when it is not open yet.

    Raises:
        NoReleaseError: there is none of this name.
        ProblemError: 503 for one that cannot be read.
    """
    try:
        return releases.get(name)
    except UnknownReleaseError as error:
        raise NoReleaseError(name, str(error)) from None
    except DamagedReleaseError as error:
        raise ProblemError(UNAVAILABLE, str(error)) from error
