"""Releases of the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, cast

from litestar import Request, route
from litestar.enums import HttpMethod
from msgspec import Struct

from api.caching import Answer, Sendable, cache_headers, etag_of
from api.encoding import encode
from api.instants import Instant
from api.openapi.promises import Parameter, promise
from api.problems import INVALID, NOT_ACCEPTABLE, NOT_FOUND, ProblemError
from api.queries import Query
from api.reading import Reading
from api.representations.list_pages import list_of
from api.representations.negotiation import JSON
from api.routes.facts_listing import ANSWER_HEADERS, Asked, Listing, Narrowed
from api.services import services_of
from data.manifest import Manifest
from data.releases import ReleaseStore, UnknownReleaseError


class ReleaseRow(Struct, frozen=True, kw_only=True):
    """An immutable version of the facts."""

    id: str
    """Derived from `sha256`: the same facts have the same id."""
    sha256: str
    """Hash of the facts themselves."""
    built_from: str | None
    """Hash of the curated text it was built from; null where that is not known."""
    built_at: Instant
    """When it was built."""
    newest_source: dt.date | None
    """Date of the youngest source."""
    schema_version: int
    """Version of the tables it is stored in."""
    counts: dict[str, int]
    """Number of rows by family."""


class ListedRelease(ReleaseRow, frozen=True, kw_only=True):
    """A release in the list of releases."""

    latest: bool
    """Whether it is the one that is read by default."""


async def _all_manifests(
    query: Query, reading: Reading, parameters: Mapping[str, object], releases: ReleaseStore
) -> Narrowed:
    del query, reading, parameters
    return Narrowed(carried=(releases.manifests(), releases.current().id))


def _releases(asked: Asked) -> Sequence[Struct]:
    manifests, latest = cast("tuple[Sequence[Manifest], str]", asked.carried)
    return [ListedRelease(**_fields(one), latest=one.id == latest) for one in reversed(manifests)]


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in ReleaseRow.__struct_fields__}


RELEASES = Listing(
    path="/v1/releases",
    query="releases",
    operation_id="listReleases",
    summary="Releases",
    description="The releases that can be read with `release=`, in the order they were built: the last is the newest.",
    row=ListedRelease,
    page=list_of(ListedRelease, "ReleaseList", "releases"),
    expandable=False,
    narrow=_all_manifests,
    compute=_releases,
    remembered=False,
    tag="releases",
)


@route(
    "/v1/releases/{id:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    operation_id="getRelease",
    summary="One release",
    tags=["releases"],
    opt=promise(
        answer=ReleaseRow,
        parameters=(
            Parameter(
                name="id",
                where="path",
                description="Id of the release, or `latest`.",
                schema={"type": "string", "pattern": "^(latest|rel_[0-9a-f]{12})$"},
                example="latest",
                required=True,
            ),
        ),
        problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE),
        headers={name: text for name, text in ANSWER_HEADERS.items() if name not in ("Preclear-As-Of", "Expires")},
    ),
)
async def get_release(request: Request[Any, Any, Any]) -> Sendable:
    """Answer with a release: the hash of its facts, their number by family, and what it was built from."""
    wanted = str(request.path_params["id"])
    try:
        manifest = services_of(request).releases.manifest(wanted)
    except UnknownReleaseError as error:
        raise ProblemError(NOT_FOUND, str(error)) from None
    body = encode(ReleaseRow(**_fields(manifest)))
    headers = {
        "Preclear-Release": manifest.id,
        "Vary": "Accept",
        **cache_headers(pinned=wanted != "latest", dated=True),
    }
    return Answer(body, JSON.content_type, etag_of(manifest.id, body), headers)
