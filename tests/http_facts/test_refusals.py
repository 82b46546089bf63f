from __future__ import annotations

import base64
import re

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.routes.facts_all import LISTINGS
from data.releases import ReleaseStore


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["pointer"] for error in answer.json()["errors"]]


def test_every_bad_parameter_is_named_at_once(facts: httpx.Client) -> None:
    answer = facts.get("/v1/fees?bogus=1&venue=nope&product=shoes&limit=0&as_of=yesterday&expand=all&format=xml")
    assert sorted(pointers(answer)) == [
        "query:as_of",
        "query:bogus",
        "query:expand",
        "query:format",
        "query:limit",
        "query:product",
        "query:venue",
    ]


def test_every_read_names_all_its_bad_parameters_at_once(facts: httpx.Client) -> None:
    paths = {path: of["get"] for path, of in facts.get("/openapi.json").json()["paths"].items() if "get" in of}
    asked = 0
    for path, operation in paths.items():
        names = {one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query"} - {"key"}
        if not path.startswith("/v1/"):
            continue
        values = {name: "rel_0123456789ab" if name == "release" else "\0" for name in (*names, "bogus")}
        where = re.sub(r"{\w+}", "none", path)
        assert {*pointers(facts.get(where, params=values))} == {f"query:{name}" for name in values}, path
        tagged = facts.head(where, params=values, headers={"If-None-Match": "*"})
        assert (tagged.status_code, tagged.content) == (422, b""), path
        asked += len(names)
    assert asked > 200


@pytest.mark.parametrize("name", ["as_of", "limit", "release", "cursor", "format", "expand"])
def test_a_parameter_with_one_value_may_not_be_repeated(name: str, facts: httpx.Client) -> None:
    value = {"as_of": "2026-01-01", "limit": "5", "release": "latest", "format": "json", "expand": "source"}
    pair = f"{name}={value.get(name, 'x')}"
    answer = facts.get(f"/v1/fees?{pair}&{pair}")
    assert f"query:{name}" in pointers(answer)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/fees", "as_of=2026-02-30"),
        ("/v1/fees", "as_of=2026-2-3"),
        ("/v1/fees", "as_of=2026-W48-1"),
        ("/v1/fees", "as_of=٢026-01-01"),
        ("/v1/changes", "from=2026-W01-1&to=2026-01-01"),
        ("/v1/changes", "from=2026-01-01&to=2026-W48-1"),
        ("/v1/fees", "as_of="),
        ("/v1/fees", "limit=1001"),
        ("/v1/fees", "limit=-1"),
        ("/v1/fees", "limit=1e3"),
        ("/v1/fees", "limit=٣"),
        ("/v1/fees", "product=Perpetual"),
        ("/v1/fees", "venue="),
        ("/v1/access", "jurisdiction=XX"),
        ("/v1/access", "residence=United States"),
        ("/v1/access", "residence=EEA"),
        ("/v1/margin-tiers", "notional=1e9"),
        ("/v1/margin-tiers", "notional=-5"),
        ("/v1/margin-tiers", "notional=0"),
        ("/v1/margin-tiers", "notional=NaN"),
        ("/v1/margin-tiers", "price=5"),
        ("/v1/margin-tiers", "view=ccxt"),
        ("/v1/margin-tiers", "view=ccxt&venue=north&venue=south"),
        ("/v1/margin-tiers", "instrument=%00"),
        ("/v1/law", "effect=forbid"),
        ("/v1/changes", "from=2026-01-01"),
        ("/v1/changes", "from=rel_1&to=2026-01-01"),
        ("/v1/changes", "from=2026-01-01&to=tomorrow"),
        ("/v1/changes", "from=2026-01-02&to=2026-01-01"),
        ("/v1/coverage", "family=shoes"),
        ("/v1/sources", "expand=source"),
        ("/v1/venues", "venue=north&" * 60),
    ],
)
def test_bad_values_are_refused_by_name(path: str, query: str, facts: httpx.Client) -> None:
    assert pointers(facts.get(f"{path}?{query}"))


def test_an_unknown_release_names_the_newest(facts: httpx.Client, sample: ReleaseStore) -> None:
    for path in ("/v1/fees", "/v1/venues/north", "/v1/coverage"):
        answer = facts.get(path, params={"release": "rel_0123456789ab"})
        assert answer.status_code == 404
        assert sample.current().id in answer.json()["detail"]
    assert facts.get("/v1/releases/rel_0123456789ab").status_code == 404
    assert facts.get("/v1/changes?from=rel_0123456789ab&to=latest").status_code == 404
    assert facts.get("/v1/fees", params={"release": "../../secret"}).status_code == 422
    sides = {"from": "rel_0123456789ab", "to": "rel_0123456789ac"}
    assert pointers(facts.get("/v1/changes", params=sides)) == ["query:from", "query:to"]


@pytest.mark.parametrize("accept", ["application/xml", "image/png, text/html", "application/json;q=0", "nonsense"])
def test_what_cannot_be_represented_is_not_acceptable(accept: str, facts: httpx.Client) -> None:
    for path in ("/v1/fees", "/v1/venues/north", "/v1/releases/latest"):
        answer = facts.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (406, "application/problem+json")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("text/*", "text/csv; charset=utf-8; header=present"),
        ("text/html, application/json;q=0.9, */*;q=0.8", "application/json"),
        ("application/json;q=0.1, text/csv", "text/csv; charset=utf-8; header=present"),
        ("application/*;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/json;q=0, */*", "application/x-ndjson"),
    ],
)
def test_the_best_accepted_format_is_given(accept: str, content_type: str, facts: httpx.Client) -> None:
    answer = facts.get("/v1/fees", headers={"Accept": accept})
    assert (answer.headers["content-type"], answer.headers["vary"]) == (content_type, "Accept")


def test_one_resource_comes_as_json_only(facts: httpx.Client) -> None:
    assert facts.get("/v1/venues/north", headers={"Accept": "text/csv"}).status_code == 406


@pytest.mark.parametrize(
    "path",
    ["/v1/fees", "/v1/margin-tiers", "/v1/adl-policies", "/v1/instruments", "/v1/venues", "/v1/groups", "/v1/firms"],
)
def test_a_day_before_any_fact_is_an_empty_list_with_a_note(path: str, facts: httpx.Client) -> None:
    body = facts.get(path, params={"as_of": "1990-01-01"}).json()
    assert body["data"] == []
    assert len(body["meta"]["notes"]) == 1
    assert "1990-01-01" in body["meta"]["notes"][0]


def test_nothing_on_file_is_an_empty_list_with_a_note(facts: httpx.Client) -> None:
    body = facts.get("/v1/fees", params={"venue": "south", "as_of": "2026-11-21"}).json()
    assert (body["data"], body["meta"]["notes"]) == ([], ["Nothing on file matches on 2026-11-21."])


def test_a_cursor_goes_on_with_its_own_question_only(facts: httpx.Client) -> None:
    cursor = facts.get("/v1/fees", params={"limit": 1}).json()["meta"]["next_cursor"]
    assert facts.get("/v1/fees", params={"cursor": cursor}).status_code == 200
    assert pointers(facts.get("/v1/fees", params={"cursor": cursor, "venue": "north"})) == ["query:cursor"]
    assert pointers(facts.get("/v1/access", params={"cursor": cursor})) == ["query:cursor"]
    assert pointers(facts.get("/v1/fees", params={"cursor": cursor, "as_of": "2020-01-01"})) == ["query:as_of"]


def test_a_cursor_of_a_release_that_is_gone_names_the_newest(facts: httpx.Client, sample: ReleaseStore) -> None:
    forged = base64.urlsafe_b64encode(b'["rel_0123456789ab","2026-01-01","abc",1]').decode().rstrip("=")
    gone = facts.get("/v1/fees", params={"cursor": forged})
    assert (gone.status_code, sample.current().id in gone.json()["detail"]) == (404, True)
    assert pointers(facts.get("/v1/fees", params={"cursor": forged, "limit": 0})) == ["query:limit", "query:cursor"]


@settings(deadline=None, max_examples=60)
@given(text=st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_text_is_a_cursor_by_accident(facts: httpx.Client, text: str) -> None:
    assert "query:cursor" in pointers(facts.get("/v1/fees", params={"cursor": text}))


@settings(deadline=None, max_examples=120)
@given(
    path=st.sampled_from([listing.path for listing in LISTINGS]),
    name=st.sampled_from(["venue", "instrument", "as_of", "release", "limit", "notional", "cursor", "from", "to", "x"]),
    value=st.text(max_size=30),
)
def test_no_query_makes_the_service_fail(facts: httpx.Client, path: str, name: str, value: str) -> None:
    assert facts.get(path, params={name: value}).status_code in (200, 404, 422)
