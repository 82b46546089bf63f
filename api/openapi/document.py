"""The OpenAPI 3.1 document, made from what each route promises (`api.openapi.promises`)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from api.encoding import encode
from api.openapi.components import Components
from api.openapi.promises import NDJSON, Parameter, Promise
from api.openapi.schemas import as_text
from api.problems import (
    BAD_REQUEST,
    FORBIDDEN,
    HEADERS_TOO_LARGE,
    INTERNAL,
    MALFORMED,
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    MISDIRECTED,
    TIMEOUT,
    TOO_LARGE,
    TOO_MANY_REQUESTS,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
    ProblemType,
)
from api.version import API_VERSION

_DESCRIPTION = """Pre-clearance for leveraged crypto orders. One call says whether law, the venue's registrations and
the venue's own terms let this client place this trade there today, whether the venue can take it at this size, where it
would be liquidated and what it would cost, whether it breaks the firm's rules, and what change would pass; another
compares every venue that lists the same. A decision lists the facts its figures rest on, with source and dates; a
recorded one, under the rules that made it, replays to the same bytes.

**Unknown is an answer**: a rule whose facts are missing says `unknown`, and a verdict with an unknown that could have
denied is `review`. This is not legal advice.

Money, prices, rates and leverage are decimal strings; rates are fractions. Errors are RFC 9457 problem documents.
Answers may get further members, and lists of words further words, without a new version of the path: a client passes
over what it does not know, and routes no order on it. Every answer carries the id of its request as `X-Request-Id`.
NDJSON is described as a text, and by `contentSchema` as the array of its lines."""

TAGS: tuple[tuple[str, str], ...] = (
    ("decisions", "Clear a trade before it is routed."),
    ("eligibility", "May this kind of client trade this product, and where."),
    ("facts", "What is known about venues and law, since when, and who says so."),
    ("releases", "Immutable versions of the facts, and what changed between them."),
    ("calculators", "Margin, liquidation, cost and sizing arithmetic; nothing is recorded."),
    ("rules", "The rules and the firm's thresholds."),
    ("journal", "Prove what was answered: recorded decisions, their replay, and what a change would do to them."),
    ("operations", "Health and metrics."),
)

_REQUEST_ID = "X-Request-Id"
_SHARED_HEADERS = {
    _REQUEST_ID: "Id of the request: the one it came with, or one of ours.",
    "Retry-After": "Seconds to wait before the request is sent again; absent where waiting does not help.",
    "WWW-Authenticate": "The `Bearer` challenge: what is wrong with the key, or the scope it lacks.",
    "RateLimit-Policy": "The quota: `q` requests in `w` seconds, each trade of a batch counted as one; absent where "
    "the key has none.",
    "RateLimit": "What is left of it: `r` requests; full again in `t` seconds.",
    "Allow": "The methods that the resource takes.",
    "Accept-Post": "The media types of bodies that are read here, where that of the request is not among them.",
    "Accept-Encoding": "Where a body came in a content coding, such as gzip: none is read here.",
}
_HEADERS_BY_STATUS = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    405: ("Allow",),
    415: ("Accept-Encoding", "Accept-Post"),
    429: ("RateLimit", "RateLimit-Policy", "Retry-After"),
    503: ("Retry-After",),
}

_QUOTA = ("RateLimit", "RateLimit-Policy")
_NOT_KEPT = {"Cache-Control": "`no-store`: the answer is to this request alone."}
_IF_NONE_MATCH = Parameter(
    name="If-None-Match",
    where="header",
    description="`ETag` of an answer the client holds, or several of them: 304 where the answer would be the same.",
    schema={"type": "string"},
)


def build_document(routes: Sequence[ControllerRouterHandler]) -> dict[str, Any]:
    """Return the OpenAPI document of `routes`.

    Raises:
        ValueError: a route has no operation id or summary, or two share an id.
    """
    handlers = list(_handlers(routes))
    components = _components(handlers)
    paths: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for handler in handlers:
        operation_id = handler.operation_id
        if not isinstance(operation_id, str) or not handler.summary:
            raise ValueError(f"{handler} has no operation id or summary")
        if operation_id in seen:
            raise ValueError(f"operation id {operation_id} stands twice")
        seen.add(operation_id)
        for path in sorted(handler.paths):
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                paths.setdefault(_template(path), {})[method.lower()] = _operation(handler, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Preclear",
            "version": API_VERSION,
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/", "description": "The service that serves this document."}],
        "tags": [{"name": name, "description": text} for name, text in TAGS],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "headers": _header_fields(_SHARED_HEADERS),
            "securitySchemes": {
                "ApiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key made by `preclear keys create`. Without any configured key the service "
                    "answers on loopback only and asks for none.",
                }
            },
        },
    }


def encode_document(document: Mapping[str, Any]) -> bytes:
    """Return the document as the committed file has it."""
    text = encode(document)
    return msgspec.json.format(text, indent=2) + b"\n"


def _components(handlers: Sequence[HTTPRouteHandler]) -> Components:
    promises = [_promise(handler) for handler in handlers]
    bodies = _distinct(one.body for one in promises if one.body is not None)
    answers = _distinct(
        kind for one in promises for kind in (*_alternatives(one.answer), *_alternatives(one.lines), Problem)
    )
    return Components(_distinct((*bodies, *answers)), bodies=bodies, answers=answers)


def _distinct(kinds: Iterable[Any]) -> list[Any]:
    return list({repr(kind): kind for kind in kinds}.values())


def _alternatives(answer: Any) -> tuple[Any, ...]:
    if answer is None:
        return ()
    return answer if isinstance(answer, tuple) else (answer,)


def _handlers(routes: Sequence[ControllerRouterHandler]) -> Iterator[HTTPRouteHandler]:
    from litestar import Litestar

    app = Litestar(route_handlers=list(routes), openapi_config=None, logging_config=None)
    found: dict[int, HTTPRouteHandler] = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and "promise" in handler.opt:
                found.setdefault(id(handler.fn), handler)
    yield from sorted(found.values(), key=lambda handler: str(handler.operation_id))


def _promise(handler: HTTPRouteHandler) -> Promise:
    promised: Promise = handler.opt["promise"]
    return promised


def _template(path: str) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path) or "/"


def _operation(handler: HTTPRouteHandler, components: Components) -> dict[str, Any]:
    promised = _promise(handler)
    operation: dict[str, Any] = {
        "operationId": handler.operation_id,
        "summary": handler.summary,
        "description": inspect.cleandoc(handler.description or handler.fn.__doc__ or handler.summary or ""),
        "tags": list(handler.tags or ()),
        "security": [{"ApiKey": []}] if promised.scope else [],
        "responses": _responses(handler, promised, components),
    }
    if promised.scope:
        operation["description"] += f"\n\nNeeds a key with the scope `{promised.scope}` where keys are configured."
    asked = (*promised.parameters, _IF_NONE_MATCH) if _is_conditional(promised) else promised.parameters
    if asked:
        operation["parameters"] = [_parameter(parameter, components) for parameter in asked]
    if promised.body is not None:
        content: dict[str, Any] = {"schema": components.reference(promised.body)}
        contents = dict.fromkeys(promised.body_types, content)
        if NDJSON in contents:
            contents[NDJSON] = {"schema": as_text(NDJSON, content["schema"]["items"])}
        for media_type, shown in (("application/json", promised.examples), (NDJSON, promised.line_examples)):
            if shown:
                examples = {name: {"value": value} for name, value in shown.items()}
                contents[media_type] = {**contents[media_type], "examples": examples}
        operation["requestBody"] = {"required": promised.body_required, "content": contents}
    return operation


def _parameter(parameter: Parameter, components: Components) -> dict[str, Any]:
    named = parameter.component
    schema = dict(components.named(named, parameter.schema) if named else components.words(parameter.schema))
    if parameter.repeated:
        schema = {"type": "array", "items": schema}
        if parameter.most is not None:
            schema["maxItems"] = parameter.most
    out: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "required": parameter.required or parameter.where == "path",
        "schema": schema,
    }
    if parameter.example is not None:
        out["example"] = [parameter.example] if parameter.repeated else parameter.example
    return out


def _responses(handler: HTTPRouteHandler, promised: Promise, components: Components) -> dict[str, Any]:
    schemas = {"application/json": _any_of(promised.answer, components)}
    if line := _any_of(promised.lines, components):
        schemas[NDJSON] = as_text(NDJSON, line)
    content = {one: {"schema": schemas.get(one) or as_text(one)} for one in promised.answer_types}
    headers = _header_fields(promised.headers if "GET" in handler.http_methods else {**promised.headers, **_NOT_KEPT})
    headers |= _referred((_REQUEST_ID, *(_QUOTA if promised.scope else ())))
    responses: dict[str, Any] = {
        str(handler.status_code): {
            "description": promised.answer_description,
            "content": content,
            "headers": headers,
        }
    }
    if _is_conditional(promised):
        unchanged = "The answer is one that `If-None-Match` names; it is not sent again."
        responses["304"] = {"description": unchanged, "headers": headers}
    for status, kinds in _by_status(_problems(promised)).items():
        responses[str(status)] = {
            "description": "; ".join(f"{kind.title} (`{kind.slug}`)" for kind in kinds) or HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            "headers": _referred((_REQUEST_ID, *_HEADERS_BY_STATUS.get(status, ()))),
        }
    return dict(sorted(responses.items()))


def _any_of(kinds: Any, components: Components) -> dict[str, Any]:
    schemas = [components.answer(kind) for kind in _alternatives(kinds)]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas} if schemas else {}


def _is_conditional(promised: Promise) -> bool:
    """Say whether a client may ask for the answer on condition that it has changed."""
    return "ETag" in promised.headers


def _header_fields(described: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in described.items()}


def _referred(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _problems(promised: Promise) -> tuple[ProblemType, ...]:
    common: tuple[ProblemType, ...] = (BAD_REQUEST, METHOD_NOT_ALLOWED, HEADERS_TOO_LARGE, INTERNAL)
    if promised.scope:
        common += (UNAUTHENTICATED, FORBIDDEN, MISDIRECTED, TOO_MANY_REQUESTS, UNAVAILABLE)
    if promised.body is not None:
        common += (MALFORMED, TIMEOUT, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE)
    return common + promised.problems


def _by_status(kinds: tuple[ProblemType, ...]) -> dict[int, list[ProblemType]]:
    out: dict[int, list[ProblemType]] = {}
    for kind in kinds:
        if kind not in out.setdefault(kind.status, []):
            out[kind.status].append(kind)
    return out
