"""Pages that people look at: the explorer, the API's documentation and their parts, all served from here.

Browsers ask each time whether a part is still the same: parts of two versions make no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from litestar import get
from litestar.params import FromPath

from api.caching import Answer, Sendable, etag_of
from api.openapi.document import build_document, encode_document
from api.problems import not_found
from api.version import API_VERSION

_FOLDER = files("api") / "explorer"
_ASSETS = {
    "favicon.svg": ("favicon.svg", "image/svg+xml"),
    "explorer.css": ("explorer.css", "text/css; charset=utf-8"),
    "answers.js": ("answers.js", "text/javascript; charset=utf-8"),
    "explorer.js": ("explorer.js", "text/javascript; charset=utf-8"),
    "docs.js": ("docs.js", "text/javascript; charset=utf-8"),
    "swagger-ui.css": ("vendor/swagger-ui/swagger-ui.css", "text/css; charset=utf-8"),
    "swagger-ui-bundle.js": ("vendor/swagger-ui/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
}
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
_NO_HEADERS: Mapping[str, str] = {}


@cache
def _part(name: str, media_type: str) -> Answer:
    """Return a file of the explorer folder as an answer that says when it is unchanged."""
    return _kept(_FOLDER.joinpath(name).read_bytes(), media_type)


def _kept(body: bytes, media_type: str, headers: Mapping[str, str] = _NO_HEADERS) -> Answer:
    return Answer(body, media_type, etag_of(API_VERSION, body), {"Cache-Control": "no-cache", **headers})


@cache
def _page(name: str) -> Answer:
    body = _FOLDER.joinpath(name).read_bytes()
    return _kept(body, "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY})


@get("/", include_in_schema=False)
async def explorer() -> Sendable:
    """Show the explorer."""
    return _page("index.html")


@get("/docs", include_in_schema=False)
async def docs() -> Sendable:
    """Show the API's documentation."""
    return _page("docs.html")


@get("/assets/{name:str}", include_in_schema=False)
async def asset(name: FromPath[str]) -> Sendable:
    """Return a part of a page."""
    if name not in _ASSETS:
        raise not_found(f"There is no asset {name[:80]!r}.")
    return _part(*_ASSETS[name])


@get("/openapi.json", include_in_schema=False)
async def openapi_document() -> Sendable:
    """Return the OpenAPI document."""
    return _document()


@cache
def _document() -> Answer:
    from api.routes import all_routes

    return _kept(encode_document(build_document(all_routes())), "application/json")
