"""What changed between two releases, or between two days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

from msgspec import Meta, Struct, structs

from api.openapi.promises import Parameter
from api.queries import Query, parse_day
from api.reading import Reading, find_release
from api.representations.list_pages import list_of
from api.routes import facts_filters as by
from api.routes.facts_listing import Asked, Listing, Narrowed, chosen_in
from data.changes import Change, ChangeKind, View, changes_between, known_facts
from data.manifest import looks_like_release_id
from data.releases import ReleaseStore


class ChangeRow(Struct, frozen=True, kw_only=True):
    """One fact that differs."""

    kind: ChangeKind
    """Whether the row came, went or differs."""
    fact: Annotated[str, Meta(extra_json_schema={"enum": list(known_facts())})]
    """Name of the fact's list."""
    key: str
    subject: str
    """Id of the venue or jurisdiction."""
    fields: tuple[str, ...]
    """Names of the fields that differ; none of a row that came or went."""
    before: dict[str, Any] | None
    """The whole row before; null where it was not there."""
    after: dict[str, Any] | None
    """The whole row after; null where it is gone."""
    source: str | None
    """Id of the source of the row, the later one where both are there; null where it has none."""


_SIDE = {"type": "string", "pattern": r"^(latest|rel_[0-9a-f]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2})$"}

PARAMETERS = (
    Parameter(
        name="from",
        description="Release id or day of the earlier side. Two releases are compared whole; with a day on either "
        "side, what held on that day is compared with what held on the other (default `as_of`).",
        schema=_SIDE,
        required=True,
        example="2026-06-01",
    ),
    Parameter(
        name="to",
        description="Release id (or `latest`) or day of the later side. A day is read in `release`.",
        schema=_SIDE,
        required=True,
        example="2026-09-30",
    ),
)

FACT = by.one_of("fact", known_facts(), "List the fact belongs to.", example="margin_tiers")
KIND = by.one_of("kind", ChangeKind, "What happened to the fact.", example="changed")


async def _sides(query: Query, reading: Reading, parameters: Mapping[str, object], releases: ReleaseStore) -> Narrowed:
    """Resolve both sides; the release of the later one is the release of the answer."""
    del parameters
    sides = [_parse_side(query, name, query.required(name)) for name in ("from", "to")]
    dated = any(isinstance(side, dt.date) for side in sides)
    if isinstance(sides[0], dt.date) and isinstance(sides[1], dt.date) and sides[0] > sides[1]:
        query.refuse("from", f"Expected a day no later than `to`, {sides[1]}")
    views: list[View] = []
    later = reading
    for name, side in zip(("from", "to"), sides, strict=True):
        named = side if isinstance(side, str) and side != "latest" else None
        release = (await find_release(query, name, releases, named) if named else None) or reading.release
        day = side if isinstance(side, dt.date) else reading.as_of if dated else None
        views.append(View(release=release.id, corpus=release.facts.corpus, day=day))
        later = structs.replace(
            reading,
            release=release,
            as_of=day or reading.as_of,
            pinned=reading.pinned or all(isinstance(one, str) and one not in ("", "latest") for one in sides),
            dated=reading.dated or not dated or all(isinstance(one, dt.date) for one in sides),
        )
    told = " and ".join(f"{view.release}" + (f" on {view.day}" if view.day else "") for view in views)
    return Narrowed(
        parameters={"sides": [(view.release, view.day) for view in views]},
        notes=(f"Compares {told}.",),
        carried=tuple(views),
        reading=later,
    )


def _parse_side(query: Query, name: str, text: str) -> dt.date | str:
    """Return a side's day or release; "" for one that was refused."""
    if text == "latest" or looks_like_release_id(text):
        return text
    try:
        return parse_day(text)
    except ValueError:
        if query.many(name):
            query.refuse(name, "Expected a release id, `latest`, or a day written YYYY-MM-DD")
        return ""


def _changes(asked: Asked) -> Sequence[Change]:
    before, after = cast("tuple[View, View]", asked.carried)
    wanted = asked.parameters
    subjects = [*(chosen_in(wanted, "venue") or ()), *(chosen_in(wanted, "jurisdiction") or ())]
    facts, kinds = chosen_in(wanted, "fact"), chosen_in(wanted, "kind")
    return [
        one
        for one in changes_between(before, after)
        if (not subjects or one.subject in subjects)
        and (facts is None or one.fact in facts)
        and (kinds is None or one.kind in kinds)
    ]


CHANGES = Listing(
    path="/v1/changes",
    query="changes",
    operation_id="listChanges",
    summary="What changed",
    description="What was added, removed or changed between two releases, or between two days, fact by fact with the "
    "rows before and after. With both `venue` and `jurisdiction`, changes of either are answered.",
    row=ChangeRow,
    page=list_of(ChangeRow, "ChangeList", "changes"),
    filters=(FACT, KIND, by.VENUE, by.JURISDICTION),
    extra=PARAMETERS,
    expandable=False,
    narrow=_sides,
    compute=_changes,
    tag="releases",
)
