"""The pages render from this service alone."""

from __future__ import annotations

import re

import httpx
import pytest

from api.openapi.document import build_document, encode_document
from api.routes import all_routes
from tests.conftest import ROOT


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_names_no_other_host(client: httpx.Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", reply.text)
    assert "default-src 'self'" in reply.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_every_part_of_a_page_is_served_here(client: httpx.Client, path: str) -> None:
    parts = re.findall(r"(?:src|href)=\"(/assets/[^\"]+)\"", client.get(path).text)
    assert parts
    while parts:
        reply = client.get(part := parts.pop())
        assert reply.status_code == 200, part
        if part.endswith(".js"):
            parts += re.findall(r"^import .* from \"([^\"]+)\";$", reply.text, flags=re.MULTILINE)


@pytest.mark.parametrize("path", ["/", "/docs", "/assets/explorer.js", "/openapi.json"])
def test_a_page_is_asked_for_again_and_sent_when_it_has_changed(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/metrics", *(f"/assets/{name}" for name in ("explorer.js", "swagger-ui.css"))]
)
def test_text_has_its_charset_once(client: httpx.Client, path: str) -> None:
    assert client.get(path).headers["content-type"].count("charset=utf-8") == 1


def test_a_style_sheet_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    for name in ("swagger-ui.css", "explorer.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", client.get(f"/assets/{name}").text)


def test_the_committed_document_is_the_served_one(client: httpx.Client) -> None:
    served = client.get("/openapi.json")
    assert served.headers["content-type"] == "application/json"
    committed = (ROOT / "openapi" / "openapi.json").read_text()
    assert served.text.splitlines() == committed.splitlines(), "run `make openapi`"


def test_the_document_is_made_the_same_way_twice() -> None:
    assert encode_document(build_document(all_routes())) == encode_document(build_document(all_routes()))
