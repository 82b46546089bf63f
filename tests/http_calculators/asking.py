"""Ask a calculator and read its answer or its refusal; two positions that many tests start from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx

from api.openapi.examples_calculators import CALCULATOR_REQUESTS

D = Decimal
LONG: dict[str, Any] = CALCULATOR_REQUESTS["position"]["an isolated long under the release's ladder"]
EXPLICIT: dict[str, Any] = {
    "side": "long",
    "entry_price": "100",
    "size": "10",
    "leverage": "10",
    "terms": {"contract_type": "linear", "maintenance_margin_rate": "0.005"},
}


def ask(client: httpx.Client, calculator: str, body: Any) -> dict[str, Any]:
    reply = client.post(f"/v1/calculators/{calculator}", json=body)
    assert reply.status_code == 200, reply.text
    assert reply.headers["preclear-release"] == reply.json()["release"]
    answer: dict[str, Any] = reply.json()
    return answer


def refused(client: httpx.Client, calculator: str, body: Any) -> dict[str, str]:
    reply = client.post(f"/v1/calculators/{calculator}", json=body)
    assert reply.status_code == 422, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    return {error["pointer"]: error["detail"] for error in reply.json()["errors"]}
