"""What every route of the API is held to, read from the description: no route can forget it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT

_DESCRIPTION: dict[str, Any] = json.loads(Path(ROOT / "openapi" / "openapi.json").read_text())
OPERATIONS = sorted(
    (method, path)
    for path, operations in _DESCRIPTION["paths"].items()
    for method in operations
    if path.startswith("/v1/")
)


def formats(path: str) -> list[str]:
    return list(_DESCRIPTION["paths"][path]["get"]["responses"]["200"]["content"])


JSON_ALONE = [path for method, path in OPERATIONS if method == "get" and formats(path) == ["application/json"]]


def filled(path: str) -> str:
    return path.replace("{", "").replace("}", "")


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_unknown_query_parameter_is_refused_by_name(client: httpx.Client, method: str, path: str) -> None:
    reply = client.request(method, f"{filled(path)}?bogus=1")
    assert reply.status_code == 422, reply.text
    (error,) = (one for one in reply.json()["errors"] if one["pointer"] == "query:bogus")
    known = [one["name"] for one in _DESCRIPTION["paths"][path][method].get("parameters", ()) if one["in"] == "query"]
    told = f"known are {', '.join(sorted(known))}" if known else "none is known here"
    assert error["detail"] == f"Unknown parameter; {told}"


@pytest.mark.parametrize("path", JSON_ALONE)
def test_what_comes_as_json_alone_is_not_given_as_something_else(client: httpx.Client, path: str) -> None:
    reply = client.get(filled(path), headers={"Accept": "text/csv"})
    assert reply.status_code == 406, reply.text
    assert "406" in _DESCRIPTION["paths"][path]["get"]["responses"]
    assert client.get(filled(path), headers={"Accept": "text/html, */*;q=0.8"}).status_code != 406


def test_a_replay_is_not_told_of_something_else(client: httpx.Client) -> None:
    trade = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "client": {"residence": "US-NY"}}
    made = client.post("/v1/decisions", json=trade).json()["decision_id"]
    assert client.post(f"/v1/decisions/{made}/replay?release=latest").status_code == 422
