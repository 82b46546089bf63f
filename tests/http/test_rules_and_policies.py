"""The catalogue lists every rule; policies are stored in versions that never change."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from rules.check import CATALOGUE
from rules.policies.thresholds import SWITCHES, THRESHOLDS
from tests.conftest import ServerFactory

DESK: dict[str, Any] = {
    "name": "our_desk",
    "title": "Half the loss",
    "families": ["jurisdiction", "access", "limits", "risk"],
    "max_loss_per_trade": "0.01",
    "max_leverage": "5",
    "stop_required": True,
    "basis": {"max_loss_per_trade": "decided by the risk committee"},
}
TRADE: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "41600",
    "entry_price": "62000",
    "stop_price": "60500",
    "leverage": "5",
    "margin_mode": "isolated",
    "client": {"residence": "AE-AZ", "client_class": "professional"},
    "account": {"equity": "50000", "positions": []},
}


def every_rule(client: httpx.Client) -> list[dict[str, Any]]:
    reply = client.get("/v1/rules?limit=1000")
    assert reply.status_code == 200, reply.text
    rows: list[dict[str, Any]] = reply.json()["data"]
    return rows


def test_every_declared_rule_and_the_law_of_the_day_is_listed(client: httpx.Client):
    rows = every_rule(client)
    listed = {row["id"]: row for row in rows}
    assert len(listed) == len(rows)
    assert set(CATALOGUE) <= set(listed)
    assert {row["family"] for row in rows} == {
        "jurisdiction",
        "access",
        "limits",
        "liquidation",
        "risk",
        "cost",
        "depth",
        "adl",
    }
    assert all(row["title"] and (row["sources"] or row["basis"]) for row in rows)
    loss = listed["risk.loss_at_stop"]
    assert loss["needs"] == ["account.equity", "stop_price"]
    assert loss["parameters"] == ["max_loss_per_trade"]
    assert loss["sources"] == ["us.seed_000"]
    assert sum(row["jurisdiction"] is not None for row in rows) > 200


def test_rules_can_be_filtered(client: httpx.Client):
    rows = client.get("/v1/rules?family=adl&effect=warn").json()["data"]
    assert {row["id"] for row in rows} == {"adl.accepted", "adl.score_at_target", "adl.insurance_fund"}
    assert client.get("/v1/rules?family=weather").status_code == 422


def test_every_finding_of_a_decision_is_in_the_catalogue(client: httpx.Client):
    listed = {row["id"] for row in every_rule(client)}
    decision = client.post("/v1/decisions?record=false", json={**TRADE, "policy": "standard"}).json()
    named = {finding["rule"] for finding in decision["findings"]}
    assert named <= listed


def test_every_finding_and_every_source_it_names_can_be_looked_up(client: httpx.Client):
    decision = client.post("/v1/decisions?record=false", json={**TRADE, "policy": "standard"}).json()
    listed = {row["id"]: row for row in every_rule(client)}
    for name in {finding["rule"] for finding in decision["findings"]}:
        rule = client.get(f"/v1/rules/{name}").json()
        assert {field: rule[field] for field in listed[name]} == listed[name]
        assert client.get("/v1/rules", params={"id": name}).json()["data"] == [listed[name]]
        if rule["jurisdiction"] is None:
            assert rule["law"] is None
        else:
            assert client.get("/v1/law", params={"rule": name}).json()["data"] == [rule["law"]]
    sources = {one for finding in decision["findings"] for one in finding["sources"]}
    assert len(sources) > 3
    for name in sources:
        source = client.get(f"/v1/sources/{name}").json()
        (row,) = client.get("/v1/sources", params={"id": name}).json()["data"]
        assert source == {**row, "release": decision["release"], "as_of": decision["as_of"]}


def test_a_rule_is_that_of_the_day(client: httpx.Client):
    announced = client.get("/v1/rules/au.daf_platforms?as_of=2026-11-21").json()
    assert announced["law"]["valid_from"] > announced["as_of"]
    assert client.get("/v1/rules/ae.vara_qi_leverage?as_of=2026-03-30").status_code == 404
    assert client.get("/v1/rules/ae.vara_qi_leverage?as_of=2026-03-31").json()["law"]["valid_from"] == "2026-03-31"
    assert client.get("/v1/rules/risk.loss_at_stop?as_of=2020-01-01").json()["id"] == "risk.loss_at_stop"


@pytest.mark.parametrize("path", ["/v1/rules/us.fcm_registration", "/v1/sources/us.cea_2"])
def test_one_rule_or_source_is_answered_like_other_facts(client: httpx.Client, path: str):
    first = client.get(path)
    assert first.headers["preclear-release"] == first.json()["release"]
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    pinned = client.get(path, params={"release": first.json()["release"], "as_of": "2026-01-01"})
    assert "immutable" in pinned.headers["cache-control"]
    missing = client.get(f"{path}_no_such")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert client.get(f"{path}?no=1").status_code == 422
    assert client.get(path, headers={"Accept": "text/csv"}).status_code == 406


def test_policies_are_listed_page_by_page(client: httpx.Client):
    whole = client.get("/v1/policies").json()
    assert whole["meta"]["count"] == len(whole["data"]) >= 4
    assert whole["meta"]["next_cursor"] is None
    assert {"release", "as_of"} <= whole["meta"].keys()
    names, cursor = [], None
    while True:
        page = client.get("/v1/policies", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        names += [one["name"] for one in page["data"]]
        assert page["meta"]["count"] == len(page["data"]) == 1
        cursor = page["meta"]["next_cursor"]
        if cursor is None:
            break
    assert names == [one["name"] for one in whole["data"]]


def test_an_unchanged_list_of_policies_is_not_sent_again(client: httpx.Client):
    first = client.get("/v1/policies")
    assert client.get("/v1/policies", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert client.get("/v1/policies?limit=1", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_page_of_policies_that_cannot_be_is_refused(client: httpx.Client):
    for query in ("limit=0", "limit=1001", "cursor=bm90aGluZw", "cursor=%00", "page=2"):
        assert client.get(f"/v1/policies?{query}").status_code == 422


def test_the_built_in_policies_document_every_threshold(client: httpx.Client):
    answer = client.get("/v1/policies").json()
    built_in = [one for one in answer["data"] if one["built_in"]]
    assert [one["name"] for one in built_in] == ["law_only", "conservative", "standard", "professional"]
    for policy in built_in:
        assert {row["name"] for row in policy["thresholds"]} == set(THRESHOLDS)
        assert {row["name"] for row in policy["switches"]} == set(SWITCHES)
        for row in policy["thresholds"]:
            assert row["unit"]
            assert row["meaning"]
            assert row["value"] is None or row["basis"], row["name"]


def test_a_stored_policy_has_versions_and_can_be_decided_under(serve: ServerFactory):
    with httpx.Client(base_url=serve().url, timeout=60) as client:
        first = client.put("/v1/policies/our_desk", json=DESK)
        assert first.status_code == 200, first.text
        assert first.json()["version"] == 1
        again = client.put("/v1/policies/our_desk", json=DESK).json()
        assert (again["version"], again["digest"]) == (1, first.json()["digest"])
        second = client.put("/v1/policies/our_desk", json={**DESK, "max_loss_per_trade": "0.03"}).json()
        assert second["version"] == 2
        assert second["digest"] != first.json()["digest"]

        decision = client.post("/v1/decisions", json={**TRADE, "policy": "our_desk"}).json()
        assert decision["policy"] == {"name": "our_desk", "digest": second["digest"]}
        by_rule = {finding["rule"]: finding for finding in decision["findings"]}
        assert by_rule["risk.loss_at_stop"]["outcome"] == "pass"
        assert "cost.fees_on_margin" not in by_rule

        newest = client.get("/v1/policies/our_desk").json()
        oldest = client.get("/v1/policies/our_desk?version=1").json()
        assert (newest["version"], oldest["version"]) == (2, 1)
        assert oldest["policy"]["max_loss_per_trade"] == "0.01"
        assert client.put("/v1/policies/our_desk", json=newest["policy"]).json()["version"] == 2
        assert client.get("/v1/policies/our_desk?version=3").status_code == 404
        names = [one["name"] for one in client.get("/v1/policies").json()["data"]]
        assert names[-1] == "our_desk"


def test_every_bad_threshold_is_named_at_once(client: httpx.Client):
    bad = {
        **DESK,
        "name": "Our Desk",
        "families": [],
        "requires": ["account.equity", "no.such.input"],
        "max_loss_per_trade": "2",
        "depth_band": "0",
        "stale_after_days": 30,
        "refuse_after_days": 10,
        "shock_move": "0.1",
        "basis": {"no_such_threshold": "?"},
    }
    reply = client.put("/v1/policies/our_desk", json=bad)
    assert reply.status_code == 422
    assert {error["pointer"] for error in reply.json()["errors"]} == {
        "/name",
        "/families",
        "/requires/1",
        "/max_loss_per_trade",
        "/depth_band",
        "/refuse_after_days",
        "/max_shock_loss",
        "/basis/no_such_threshold",
    }


def test_bad_form_does_not_hide_bad_values(client: httpx.Client):
    bad = {**DESK, "max_leverage": "x", "stop_required": "yes", "max_loss_per_trade": "2", "families": ["risk"]}
    reply = client.put("/v1/policies/other", json=bad)
    assert reply.status_code == 422
    named = [error["pointer"] for error in reply.json()["errors"]]
    assert sorted(named) == ["/families", "/max_leverage", "/max_loss_per_trade", "/name", "/stop_required"]


@pytest.mark.parametrize(
    ("name", "body", "status", "pointer"),
    [
        ("other", DESK, 422, "/name"),
        ("our_desk", {**DESK, "max_los_per_trade": "0.01"}, 422, "/max_los_per_trade"),
        ("our_desk", {**DESK, "max_loss_per_trade": "NaN"}, 422, "/max_loss_per_trade"),
        ("our_desk", {**DESK, "families": ["risk", "risk"]}, 422, "/families"),
        ("our_desk", {**DESK, "families": ["risk"]}, 422, "/families"),
        ("standard", {**DESK, "name": "standard"}, 409, None),
    ],
)
def test_what_cannot_be_stored(client: httpx.Client, name: str, body: dict[str, Any], status: int, pointer: str | None):
    reply = client.put(f"/v1/policies/{name}", json=body)
    assert reply.status_code == status, reply.text
    if pointer is not None:
        assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("given", "said"), [("1.5", "number"), ("1e1", "number"), ('"7"', "string"), ("true", "boolean")]
)
def test_a_count_that_is_no_whole_number_is_called_what_it_is(client: httpx.Client, given: str, said: str):
    body = f'{{"name": "our_desk", "max_open_positions": {given}}}'
    reply = client.put("/v1/policies/our_desk", content=body, headers={"Content-Type": "application/json"})
    (error,) = reply.json()["errors"]
    assert error == {"pointer": "/max_open_positions", "detail": f"Expected `integer`, got `{said}`"}


def test_the_basis_of_a_built_in_number_is_one_that_a_customer_can_follow(client: httpx.Client):
    sources = {row["id"] for row in client.get("/v1/sources?limit=1000&evidence=seed").json()["data"]}
    for policy in client.get("/v1/policies").json()["data"]:
        for row in (*policy["thresholds"], *policy["switches"]):
            told = row["basis"]
            assert told is None or not ("brief" in told or "the firm" in told), row
            assert told is None or set(re.findall(r"us\.seed_\d+", told)) <= sources


def test_policies_that_are_not_there(client: httpx.Client):
    assert client.get("/v1/policies/nobody").status_code == 404
    assert client.get("/v1/policies/standard?version=1").status_code == 404
    assert client.get("/v1/policies/standard?version=x").status_code == 422


def test_head_is_answered_where_get_is(client: httpx.Client):
    for path in ("/v1/rules", "/v1/policies", "/v1/policies/standard"):
        assert client.head(path).status_code == 200


def test_a_policy_given_whole_needs_no_storing(client: httpx.Client):
    decision = client.post("/v1/decisions?record=false", json={**TRADE, "policy": DESK}).json()
    failed = [finding["rule"] for finding in decision["findings"] if finding["outcome"] == "fail"]
    assert "risk.loss_at_stop" in failed


def test_a_policy_may_be_kept_and_asked_about_again(client: httpx.Client) -> None:
    reply = client.get("/v1/policies/standard")
    assert reply.headers["cache-control"] == "private, no-cache"
    again = client.get("/v1/policies/standard", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/v1/policies/law_only").headers["etag"] != reply.headers["etag"]


SCREENED = ["client.on_sanctions_list", "client.nationality", "us.ofac_blocked_persons"]
US_TRADE: dict[str, Any] = {
    "venue": "bitnomial",
    "instrument": "PBUC",
    "side": "long",
    "client": {"residence": "US-TX", "client_class": "retail"},
}


def test_a_policy_that_requires_the_screening_is_stored_and_holds_up_who_is_not_screened(client: httpx.Client):
    bare = {"name": "screened", "families": ["jurisdiction", "access", "limits"]}
    refused = client.put("/v1/policies/screened", json={**bare, "requires": [*SCREENED, "us.no_such_rule"]})
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/requires/3"]
    assert client.put("/v1/policies/screened", json={**bare, "requires": SCREENED}).status_code == 200
    for policy in ("screened", {**bare, "requires": SCREENED}):
        reply = client.post("/v1/decisions?record=false", json={**US_TRADE, "policy": policy})
        assert reply.status_code == 200, reply.text
        found = {finding["rule"]: finding for finding in reply.json()["findings"]}
        assert found["us.ofac_blocked_persons"]["outcome"] == "unknown"
        assert found["us.ofac_blocked_persons"]["reason"] == "unknown"
        assert found["us.ofac_cuba_nationals"]["outcome"] == "unknown"


def test_the_catalogue_says_what_law_needs_to_be_told(client: httpx.Client):
    listed = {row["id"]: row["needs"] for row in every_rule(client)}
    assert listed["us.ofac_blocked_persons"] == ["client.residence", "client.on_sanctions_list"]
    assert listed["us.ofac_cuba_nationals"] == ["client.residence", "client.nationality"]
