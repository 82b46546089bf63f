"""Pages that people look at: the API's documentation and its parts, all served from here."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from litestar import Response, get
from litestar.params import FromPath

from api.openapi.document import build_document, encode_document
from api.problems import not_found

_FOLDER = files("api") / "explorer"
# The framework adds the charset to text.
_ASSETS = {
    "favicon.svg": ("favicon.svg", "image/svg+xml"),
    "explorer.css": ("explorer.css", "text/css"),
    "explorer.js": ("explorer.js", "text/javascript"),
    "docs.js": ("docs.js", "text/javascript"),
    "swagger-ui.css": ("vendor/swagger-ui/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("vendor/swagger-ui/swagger-ui-bundle.js", "text/javascript"),
}
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"


@cache
def _read(name: str) -> bytes:
    return _FOLDER.joinpath(name).read_bytes()


def page(name: str) -> Response[bytes]:
    """Return an HTML page of the explorer folder."""
    return Response(_read(name), media_type="text/html", headers={"Content-Security-Policy": _POLICY})


@get("/", include_in_schema=False)
async def explorer() -> Response[bytes]:
    """Show the explorer."""
    return page("index.html")


@get("/docs", include_in_schema=False)
async def docs() -> Response[bytes]:
    """Show the API's documentation."""
    return page("docs.html")


@get("/assets/{name:str}", include_in_schema=False)
async def asset(name: FromPath[str]) -> Response[bytes]:
    """Return a part of a page."""
    if name not in _ASSETS:
        raise not_found(f"There is no asset {name[:80]!r}.")
    path, media_type = _ASSETS[name]
    return Response(_read(path), media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})


@get("/openapi.json", include_in_schema=False)
async def openapi_document() -> Response[bytes]:
    """Return the OpenAPI document."""
    return Response(_openapi_bytes(), media_type="application/json")


@cache
def _openapi_bytes() -> bytes:
    from api.routes import all_routes

    return encode_document(build_document(all_routes()))
