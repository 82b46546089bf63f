"""Policies: the thresholds a firm sets. `GET /v1/policies`, `GET` and `PUT /v1/policies/{name}`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from litestar import Request, get, put
from msgspec import Struct, structs

from api.aside import aside
from api.caching import Answer, Once, Sendable, etag_of
from api.deciding import BUILT_IN, NamedPolicy
from api.decoding import decode_body
from api.encoding import encode
from api.instants import Instant
from api.openapi.promises import Parameter, promise
from api.policies import built_in
from api.problems import (
    CONFLICT,
    INVALID,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    UNAVAILABLE,
    FieldError,
    ProblemError,
    invalid,
    not_found,
)
from api.queries import DEFAULT_LIMIT, MAX_LIMIT, Query, parse_limit, today
from api.representations.cursors import NO_CURSOR, cursor_place, cursor_text
from api.services import Services, services_of
from api.transport.bodies import read_json_body
from data.facts.law import LawBook
from data.journal.policies import PolicyVersion
from rules.policies.policy import Policy, canonical
from rules.policies.thresholds import SWITCHES, THRESHOLDS, problems_of_policy


class ThresholdRow(Struct, frozen=True, kw_only=True):
    """One number of a policy: its unit, its bounds and its origin."""

    name: str
    """Name of the field of a policy."""
    value: Decimal | None
    """The number; null: the rules that read it are off."""
    unit: str
    """What it counts."""
    meaning: str
    """What it bounds, in words."""
    lowest: Decimal
    """The lowest number that a policy may have here."""
    highest: Decimal
    """The highest."""
    basis: str | None
    """Where the number comes from, in the words of whoever set it: a source (ids of `/v1/sources` in brackets), a
    convention, or whose judgement it is; null where nothing was said."""


class SwitchRow(Struct, frozen=True, kw_only=True):
    """One demand that a policy makes or not."""

    name: str
    """Name of the field of a policy."""
    value: bool
    """Whether the demand is made."""
    meaning: str
    """What is demanded, in words."""
    basis: str | None
    """Who made the demand, or why; null where nothing was said."""


class PolicyView(Struct, frozen=True, kw_only=True):
    """A version of a policy. Versions never change."""

    name: str
    """Name of the policy, by which a request asks for it."""
    title: str
    """What it is for, in a line."""
    built_in: bool
    """Whether it comes with the service; such a policy cannot be replaced."""
    version: int
    """Counts from 1 with each `PUT` that changes it; 0 is a built-in policy."""
    digest: str
    """SHA-256 of `policy` in canonical JSON, as decisions name it."""
    created_at: Instant | None
    """When this version was stored; null for a built-in policy."""
    thresholds: tuple[ThresholdRow, ...]
    """Its numbers, those that are off among them."""
    switches: tuple[SwitchRow, ...]
    """Its demands."""
    policy: Policy
    """The policy itself, as `PUT` takes it."""


class PolicyMeta(Struct, frozen=True, kw_only=True):
    """What a list of policies is answered with."""

    release: str
    """Id of the release that is served; policies do not depend on it."""
    as_of: date
    """Today in UTC; policies do not depend on it."""
    count: int
    next_cursor: str | None


class PolicyList(Struct, frozen=True, kw_only=True):
    """A page of the newest version of every policy: the built-in ones first, then those stored, by name."""

    data: tuple[PolicyView, ...]
    meta: PolicyMeta


_NAME = Parameter(
    name="name",
    where="path",
    description="Name of the policy.",
    schema={"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
    example="standard",
    required=True,
)
_OWN_NAME = structs.replace(_NAME, description="Name of the policy, as in its body.", example="our_desk")
_PAGE = (
    Parameter(
        name="limit",
        description=f"Most policies of a page, 1 to {MAX_LIMIT}.",
        schema={"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        example=DEFAULT_LIMIT,
    ),
    Parameter(
        name="cursor",
        description="`next_cursor` of the page before.",
        schema={"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$"},
    ),
)
_CACHED = {
    "ETag": "Strong entity tag; send it back in `If-None-Match`.",
    "Cache-Control": "`private`: clients may keep the answer, shared caches may not.",
}
_PRIVATE = "private, no-cache"
_EXAMPLE = {
    "name": "our_desk",
    "title": "What law and venue decide, and our own four: a stop, 1% lost at it, 5x, room to liquidation",
    "families": ["jurisdiction", "access", "limits", "liquidation", "risk"],
    "requires": ["account.equity", "stop_price"],
    "max_loss_per_trade": "0.01",
    "max_leverage": "5",
    "min_liquidation_distance": "0.05",
    "stop_required": True,
    "basis": {"max_loss_per_trade": "decided by the risk committee"},
}


@get(
    "/v1/policies",
    operation_id="listPolicies",
    summary="Policies",
    tags=["rules"],
    opt=promise(
        answer=PolicyList,
        parameters=_PAGE,
        problems=(INVALID, NOT_ACCEPTABLE, UNAVAILABLE),
        headers={"Preclear-Release": "Id of the latest release.", **_CACHED},
    ),
)
async def list_policies(request: Request[Any, Any, Any]) -> Sendable:
    """List the built-in policies and the newest version of each that a firm has stored, with every threshold's
    meaning, unit, bounds and the origin of its number.
    """
    query = Query(request)
    limit: int = query.parsed("limit", parse_limit, DEFAULT_LIMIT)
    after = query.parsed("cursor", _parse_cursor)
    query.check()
    services = services_of(request)
    views = [_built_in_view(policy) for policy in built_in().values()]
    for version in await services.journal.policies():
        found = await services.policies.by_digest(version.digest)
        if found is not None and version.name not in BUILT_IN:
            views.append(_view(found, version))
    left = [view for view in views if after is None or _place(view.name) > _place(after)]
    page, more = left[:limit], len(left) > limit
    meta = PolicyMeta(
        release=services.releases.current().id,
        as_of=today(),
        count=len(page),
        next_cursor=_cursor(page[-1].name) if more else None,
    )
    body = encode(PolicyList(data=tuple(page), meta=meta))
    headers = {"Cache-Control": _PRIVATE, "Preclear-Release": meta.release}
    return Answer(body, "application/json", etag_of(meta.release, body), headers)


def _place(name: str) -> tuple[int, str]:
    """Return the place of a policy in the list: built-in ones in their own order, then the others by name."""
    return (BUILT_IN.index(name), "") if name in BUILT_IN else (len(BUILT_IN), name)


def _cursor(name: str) -> str:
    return cursor_text(f"after:{name}".encode())


def _parse_cursor(text: str) -> str:
    name = cursor_place(text).removeprefix(b"after:").decode("ascii", "replace")
    if _cursor(name) != text:
        raise ValueError(NO_CURSOR)
    return name


@get(
    "/v1/policies/{name:str}",
    operation_id="getPolicy",
    summary="One policy",
    tags=["rules"],
    opt=promise(
        answer=PolicyView,
        parameters=(
            _NAME,
            Parameter(
                name="version",
                description="Number of a stored version; default the newest.",
                schema={"type": "integer", "minimum": 1, "maximum": 999_999},
            ),
        ),
        problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE, UNAVAILABLE),
        headers=_CACHED,
    ),
)
async def get_policy(request: Request[Any, Any, Any]) -> Sendable:
    """Return a policy: the newest version, or the one asked for."""
    query = Query(request)
    wanted: int | None = query.parsed("version", _parse_version)
    query.check()
    services, name = services_of(request), str(request.path_params["name"])
    view = await _find(services, name, wanted)
    if view is None:
        told = f"There is no policy named {name[:80]!r}" + (f" with a version {wanted}." if wanted else ".")
        raise not_found(told)
    body = encode(view)
    return Answer(body, "application/json", etag_of(f"{name}.{view.version}", body), {"Cache-Control": _PRIVATE})


@put(
    "/v1/policies/{name:str}",
    status_code=200,
    operation_id="putPolicy",
    summary="Store a version of a policy",
    tags=["rules"],
    opt=promise(
        body=Policy,
        answer=PolicyView,
        parameters=(_OWN_NAME,),
        examples={"limits of a desk": _EXAMPLE},
        scope="admin",
        problems=(INVALID, CONFLICT, UNAVAILABLE),
    ),
)
async def put_policy(request: Request[Any, Any, Any]) -> Sendable:
    """Store a policy as the newest version under its name; what is stored never changes, and putting the same again
    adds no version. A threshold that is left out is off, and so are the rules that need it; `families` always holds
    jurisdiction, access and limits. `requires` may name what rules of its families are about, those of the law of the
    latest release among them, and nothing of others. Built-in policies cannot be replaced.
    """
    services, name = services_of(request), str(request.path_params["name"])
    body = await read_json_body(request, services.settings.max_body)

    def meaning(policy: Policy) -> list[FieldError]:
        return _errors_of(policy, name, services.decider.law)

    policy = await aside(len(body), lambda: decode_body(body, Policy, meaning))
    if errors := meaning(policy):
        raise invalid(errors)
    if name in BUILT_IN:
        raise ProblemError(CONFLICT, f"{name!r} is a built-in policy; store yours under another name.")
    stored = services.policies.given(policy)
    version, _ = await services.journal.put_policy(
        name, stored.digest, canonical(stored.policy), key_id=services.key_id(request)
    )
    return Once(encode(_view(stored, version)), "application/json", {})


def _errors_of(policy: Policy, name: str, law: LawBook) -> list[FieldError]:
    """Return what is wrong with a well-formed policy that is to be stored under a name."""
    errors = [FieldError(pointer=pointer, detail=detail) for pointer, detail in problems_of_policy(policy, law)]
    if policy.name != name and not any(error.pointer == "/name" for error in errors):
        errors.append(FieldError(pointer="/name", detail=f"must be the name in the path, {name[:80]!r}"))
    return errors


def _parse_version(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) == 0:
        raise ValueError("Expected a whole number from 1")
    return int(text)


async def _find(services: Services, name: str, wanted: int | None) -> PolicyView | None:
    known = built_in().get(name)
    if known is not None:
        return _built_in_view(known) if wanted is None else None
    for version in reversed(await services.journal.policy_versions(name)):
        if wanted is None or version.version == wanted:
            found = await services.policies.by_digest(version.digest)
            return None if found is None else _view(found, version)
    return None


def _built_in_view(named: NamedPolicy) -> PolicyView:
    return _shown(named, built_in=True, version=0, created_at=None)


def _view(named: NamedPolicy, version: PolicyVersion) -> PolicyView:
    created_at = datetime.fromisoformat(version.created_at)
    return _shown(named, built_in=False, version=version.version, created_at=created_at)


def _shown(named: NamedPolicy, *, built_in: bool, version: int, created_at: datetime | None) -> PolicyView:
    policy = named.policy
    return PolicyView(
        name=policy.name,
        title=policy.title,
        built_in=built_in,
        version=version,
        digest=named.digest,
        created_at=created_at,
        thresholds=tuple(_threshold_row(policy, name) for name in THRESHOLDS),
        switches=tuple(
            SwitchRow(name=name, value=getattr(policy, name), meaning=switch.meaning, basis=policy.basis.get(name))
            for name, switch in SWITCHES.items()
        ),
        policy=policy,
    )


def _threshold_row(policy: Policy, name: str) -> ThresholdRow:
    threshold, value = THRESHOLDS[name], getattr(policy, name)
    return ThresholdRow(
        name=name,
        value=None if value is None else Decimal(value),
        unit=threshold.unit,
        meaning=threshold.meaning,
        lowest=threshold.lowest,
        highest=threshold.highest,
        basis=policy.basis.get(name),
    )
