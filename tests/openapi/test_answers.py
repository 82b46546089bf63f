"""Every status, media type and header field that an answer has is in the API's description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.openapi.test_document import DOCUMENT, operations

BESIDE = {
    "connection",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "date",
    "referrer-policy",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
    "x-frame-options",
}
"""Fields of HTTP itself, and those that keep a browser from misusing any answer."""


def undescribed(operation: dict[str, Any], reply: httpx.Response) -> list[str]:
    """Return what an answer has that its operation does not describe."""
    described = operation["responses"].get(str(reply.status_code))
    if described is None:
        return [f"status {reply.status_code}"]
    fields = {name.lower() for name in described.get("headers", ())}
    found = [f"header {name}" for name in reply.headers if name not in BESIDE | fields]
    media_type = reply.headers.get("content-type", "").partition(";")[0]
    if media_type and media_type not in described.get("content", {}):
        found.append(f"media type {media_type}")
    return [f"{reply.status_code}: {one}" for one in found]


@pytest.fixture(scope="module")
def decision_id(client: httpx.Client) -> str:
    body = DOCUMENT["paths"]["/v1/decisions"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    reply = client.post("/v1/decisions", json=next(iter(body.values()))["value"])
    return str(reply.json()["decision_id"])


def requests_of(method: str, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what to send to an operation, good and bad."""
    named = operation.get("parameters", ())
    query = [
        (one["name"], one["example"][0] if isinstance(one["example"], list) else one["example"])
        for one in named
        if one["in"] == "query" and one["required"]
    ]
    unknown = [*query, ("no_such_parameter", "1")]
    if method == "get":
        yield {"params": query}
        yield {"params": unknown}
        yield {"params": query, "headers": {"accept": "image/png"}}
        yield {"params": query, "headers": {"if-none-match": "*"}}
        names = {one["name"] for one in named}
        if "cursor" in names:
            yield {"params": [*query, ("limit", "1")]}
        if "format" in names:
            for name in ("csv", "ndjson", "parquet"):
                yield {"params": [*query, ("format", name)]}
        if "release" in names:
            release = httpx.QueryParams({"release": "rel_000000000000"})
            yield {"params": [*query, *release.multi_items()]}
        return
    body = operation["requestBody"]["content"]
    shown = body["application/json"].get("examples", {"": {"value": {}}})
    yield {"params": query, "json": next(iter(shown.values()))["value"]}
    yield {"params": unknown, "json": next(iter(shown.values()))["value"]}
    yield {"params": query, "content": b"3", "headers": {"content-type": "application/json"}}
    yield {"params": query, "content": b"{", "headers": {"content-type": "application/json"}}
    yield {"params": query, "content": b"x", "headers": {"content-type": "text/plain"}}
    for one in body.get("application/x-ndjson", {}).get("examples", {}).values():
        yield {"params": query, "content": one["value"], "headers": {"content-type": "application/x-ndjson"}}


@pytest.mark.parametrize(
    ("path", "method", "operation"),
    [pytest.param(*one, id=one[2]["operationId"]) for one in operations()],
)
def test_whatever_an_answer_has_is_described(
    client: httpx.Client, decision_id: str, path: str, method: str, operation: dict[str, Any]
) -> None:
    for one in operation.get("parameters", ()):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one.get("example", decision_id)))
    release = client.get("/v1/releases").headers["preclear-release"]
    found = undescribed(operation, client.request("PATCH", path))
    for asked in requests_of(method, operation):
        reply = client.request(method, path, **asked)
        found += undescribed(operation, reply)
        if "etag" in reply.headers and reply.status_code == 200:
            again = client.get(path, params=asked["params"], headers={"if-none-match": reply.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
    if any(one["name"] == "release" for one in operation.get("parameters", ())):
        asked = next(iter(requests_of(method, operation)))
        found += undescribed(operation, client.get(path, params=[*asked["params"], ("release", release)]))
    assert sorted(set(found)) == []


def test_what_an_answer_allows_is_what_options_tell(client: httpx.Client) -> None:
    for path in ("/v1/decisions", "/v1/fees", "/v1/policies/standard", "/v1/comparisons"):
        refused = client.request("PATCH", path)
        assert refused.status_code == 405
        assert refused.headers["allow"] == client.options(path).headers["allow"]


def test_lines_of_a_batch_are_described_both_ways() -> None:
    batch = DOCUMENT["paths"]["/v1/decisions/batch"]["post"]
    sent = batch["requestBody"]["content"]["application/x-ndjson"]
    lines = {"type": "array", "items": {"$ref": "#/components/schemas/DecisionRequest"}}
    assert sent["schema"] == {"type": "string", "contentMediaType": "application/x-ndjson", "contentSchema": lines}
    assert [len(one["value"].splitlines()) for one in sent["examples"].values()] == [2]
    answered = batch["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    kinds = [one["$ref"].rpartition("/")[2] for one in answered["contentSchema"]["items"]["anyOf"]]
    assert (answered["type"], kinds) == ("string", ["Decision", "LineProblem"])
