from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pyarrow.parquet as pq
import pytest

from api.representations.negotiation import FORMATS
from api.routes.facts_all import LISTINGS
from api.routes.facts_listing import Listing
from data.facts.amounts import plain
from data.releases import ReleaseStore

TWO_DAYS = {"from": "2024-01-01", "to": "2026-11-01"}
BY_PATH = {listing.path: listing for listing in LISTINGS}
PATHS = sorted(BY_PATH)


def ask(path: str, **more: str) -> dict[str, str]:
    return (TWO_DAYS if path == "/v1/changes" else {}) | more


@pytest.fixture(params=PATHS)
def listing(request: pytest.FixtureRequest) -> Listing:
    return BY_PATH[request.param]


def test_every_list_of_the_contract_is_there() -> None:
    contract = (
        "venues instruments margin-tiers leverage-caps fees funding-terms liquidation-policies adl-policies "
        "registrations access law jurisdictions enforcement-actions sources conflicts releases changes coverage"
    )
    assert {f"/v1/{name}" for name in contract.split()} <= set(PATHS)


def test_rows_have_the_promised_shape(listing: Listing, facts: httpx.Client, sample: ReleaseStore) -> None:
    answer = facts.get(listing.path, params=ask(listing.path, limit="1000"))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    for row in body["data"]:
        assert set(row) == set(listing.row.__struct_fields__)
    msgspec.json.decode(answer.content, type=listing.page)
    assert body["meta"]["release"] == answer.headers["preclear-release"] == sample.current().id
    assert body["meta"]["as_of"] == answer.headers["preclear-as-of"]
    assert (body["meta"]["count"], body["meta"]["next_cursor"]) == (len(body["data"]), None)


def test_every_row_of_the_sample_is_listed(facts: httpx.Client, sample: ReleaseStore) -> None:
    counts = sample.current().manifest.counts
    for path, family in (("/v1/fees", "fees"), ("/v1/access", "access"), ("/v1/sources", "sources")):
        assert facts.get(path).json()["meta"]["count"] == counts[family] > 0


def as_text(value: object) -> str:
    """Return a JSON value as a CSV cell has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def from_parquet(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


@pytest.mark.parametrize("expand", [False, True])
def test_every_format_has_equal_content(listing: Listing, expand: bool, facts: httpx.Client) -> None:
    more = {"expand": "source"} if expand and listing.expandable else {}
    rows: list[dict[str, Any]] = facts.get(listing.path, params=ask(listing.path, **more)).json()["data"]

    def get(name: str) -> bytes:
        by_accept = facts.get(
            listing.path, params=ask(listing.path, **more), headers={"Accept": FORMATS[name].media_type}
        )
        by_name = facts.get(listing.path, params=ask(listing.path, format=name, **more))
        assert by_accept.status_code == 200
        assert by_accept.headers["content-type"].startswith(FORMATS[name].media_type)
        assert by_accept.content == by_name.content
        return by_name.content

    assert [json.loads(line) for line in get("ndjson").splitlines()] == rows
    lines = list(csv.DictReader(io.StringIO(get("csv").decode(), newline="")))
    assert lines == [{name: as_text(value) for name, value in row.items()} for row in rows]
    table = pq.read_table(io.BytesIO(get("parquet"))).to_pylist()
    nested = [name for name in (rows[0] if rows else {}) if any(isinstance(row[name], dict) for row in rows)]
    lists_of_objects = [name for name in (rows[0] if rows else {}) if any(isinstance(row[name], list) for row in rows)]
    assert len(table) == len(rows)
    for row, stored in zip(rows, table, strict=True):
        for name, value in row.items():
            have = from_parquet(stored[name])
            if isinstance(have, str) and (name in nested or name in lists_of_objects):
                have = json.loads(have)
            assert have == value, (name, have, value)


def test_a_whole_list_is_streamed_in_formats_other_than_json(facts: httpx.Client) -> None:
    rows = facts.get("/v1/margin-tiers", params={"limit": "1000"}).json()["data"]
    for name in ("ndjson", "csv", "parquet"):
        answer = facts.get("/v1/margin-tiers", params={"limit": "all", "format": name})
        assert answer.status_code == 200
        assert answer.headers["etag"].startswith('"rel_')
        unchanged = facts.get(
            "/v1/margin-tiers",
            params={"limit": "all", "format": name},
            headers={"If-None-Match": answer.headers["etag"]},
        )
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        if name == "ndjson":
            assert [json.loads(line) for line in answer.content.splitlines()] == rows
        elif name == "csv":
            assert len(answer.text.splitlines()) == len(rows) + 1
        else:
            assert pq.read_table(io.BytesIO(answer.content)).num_rows == len(rows)
    assert facts.get("/v1/margin-tiers", params={"limit": "all"}).status_code == 422


@pytest.mark.parametrize("path", ["/v1/margin-tiers", "/v1/access", "/v1/coverage", "/v1/changes", "/v1/sources"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_add_up_to_the_list_without_gaps_or_repeats(path: str, size: int, facts: httpx.Client) -> None:
    whole = facts.get(path, params=ask(path, limit="1000")).json()["data"]
    collected: list[object] = []
    parameters = ask(path, limit=str(size))
    for _ in range(len(whole) + 1):
        answer = facts.get(path, params=parameters)
        page = answer.json()
        assert page["meta"]["count"] == len(page["data"]) <= size
        collected.extend(page["data"])
        assert answer.headers.get("preclear-next-cursor") == page["meta"]["next_cursor"]
        if page["meta"]["next_cursor"] is None:
            break
        parameters = ask(path, limit=str(size), cursor=page["meta"]["next_cursor"])
    assert collected == whole


def test_expanding_puts_the_source_in_place_of_its_id(facts: httpx.Client) -> None:
    (row,) = facts.get("/v1/enforcement-actions", params={"expand": "source"}).json()["data"]
    assert row["source"]["id"] == "north.news"
    assert row["source"]["published"] == "2025-03-01"
    assert row["source"]["published_precision"] == "month"
    (listed,) = facts.get("/v1/sources", params={"id": "north.news"}).json()["data"]
    assert row["source"] == {name: listed[name] for name in row["source"]}


def test_rates_are_plain_decimal_strings(facts: httpx.Client) -> None:
    rows = facts.get("/v1/fees", params={"schedule": "general"}).json()["data"]
    assert [(row["maker"], row["taker"]) for row in rows] == [("-0.00005", "0.0004"), ("-0.00005", "0.0005")]


def test_one_venue_is_its_row_with_what_is_on_file(facts: httpx.Client) -> None:
    venue = facts.get("/v1/venues/south", params={"as_of": "2026-06-01"}).json()
    assert (venue["status"], venue["successor"], venue["as_of"]) == ("migrated", "north", "2026-06-01")
    assert [period["state"] for period in venue["periods"]] == ["operating", "migrated"]
    assert venue["rows"] == {"instruments": 1, "margin_tiers": 2, "registrations": 1}
    missing = facts.get("/v1/venues/nowhere")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


def test_a_venue_carries_the_dates_of_its_state(facts: httpx.Client) -> None:
    def dates(day: str) -> tuple[str | None, str | None, bool]:
        (row,) = facts.get("/v1/venues", params={"venue": "south", "as_of": day}).json()["data"]
        return row["valid_from"], row["valid_to"], row["source"] is not None

    assert dates("2026-05-31") == (None, "2026-06-01", True)
    assert dates("2026-06-01") == ("2026-06-01", None, True)


def test_instruments_answer_to_the_name_that_other_lists_use(facts: httpx.Client) -> None:
    rows = facts.get("/v1/instruments").json()["data"]
    assert rows
    assert all(row["instrument"] == row["symbol"] for row in rows)


@pytest.mark.parametrize("path", ["/v1/sources", "/v1/jurisdictions", "/v1/conflicts", "/v1/registration-categories"])
def test_a_list_without_dates_says_so_when_asked_for_a_day(path: str, facts: httpx.Client) -> None:
    plain, dated = (facts.get(path, params=asked).json() for asked in ({}, {"as_of": "2020-01-01"}))
    assert plain["data"] == dated["data"]
    assert not any("no dates" in note for note in plain["meta"]["notes"])
    assert any("no dates" in note for note in dated["meta"]["notes"])


def test_terms_for_a_residence_cover_country_groups_and_everywhere(facts: httpx.Client) -> None:
    def places(**asked: str) -> set[str]:
        return {row["jurisdiction"] for row in facts.get("/v1/access", params=asked).json()["data"]}

    assert places(residence="US-NY") == {"US-NY", "US", "*"}
    assert places(residence="GU") == places(residence="US-GU") == {"US", "*"}
    assert places(residence="GB", as_of="2019-01-01") == {"EEA", "*"}
    assert places(residence="GB") == {"*"}
    assert places(jurisdiction="US") == {"US"}


def test_coverage_tells_gaps_and_age(facts: httpx.Client) -> None:
    asked = {"venue": "north", "family": "funding_terms", "as_of": "2026-11-21"}
    (row,) = facts.get("/v1/coverage", params=asked).json()["data"]
    assert row["gaps"] == ["No cap is published for new listings."]
    assert (row["rows"], row["primary_share"]) == (2, "1")


def test_conflicts_name_their_family_and_coverage_counts_what_a_family_answers(facts: httpx.Client) -> None:
    def subjects(**asked: str) -> list[tuple[str, str | None]]:
        answer = facts.get("/v1/conflicts", params=asked)
        assert answer.status_code == 200, answer.text
        return [(row["key"], row["family"]) for row in answer.json()["data"]]

    assert subjects() == [("north|taker", "fees"), ("north|owner", None)]
    assert subjects(family="access") == [("north|owner", None)]
    assert subjects(family="fees", venue="south") == []
    for family in ("fees", "access", "margin_tiers"):
        (row,) = facts.get("/v1/coverage", params={"venue": "north", "family": family}).json()["data"]
        assert row["conflicts"] == len(subjects(venue="north", family=family))
    refused = facts.get("/v1/conflicts", params={"family": "weather"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "query:family"


def test_law_is_listed_with_condition_effect_and_questions(facts: httpx.Client) -> None:
    (rule,) = facts.get("/v1/law", params={"residence": "US-NY", "client_class": "retail"}).json()["data"]
    assert (rule["rule"], rule["effect"]) == ("us.futures_on_dcm", "prohibit")
    assert rule["effect_terms"] == {"kind": "prohibit", "gate": ["DCM"], "needs_permission": []}
    assert rule["condition"] == {"residence": ["US"], "client_class_not": ["ecp"]}
    assert rule["questions"][0]["id"] == "us_ecp"

    def rules(**asked: str) -> list[str]:
        return [row["id"] for row in facts.get("/v1/law", params=asked).json()["data"]]

    assert rules(residence="US-NY", client_class="ecp") == []
    assert rules(residence="GB") == ["gb_retail_ban"]
    assert rules(product="future") == ["us_futures_on_dcm"]
    assert rules(in_force="announced") == ["gb_retail_ban"]
    assert rules(effect="leverage_cap", jurisdiction="GB") == ["gb_retail_ban"]
    assert rules(as_of="1974-10-22") == []
    assert rules(as_of="1974-10-23") == ["us_futures_on_dcm"]


def test_one_jurisdiction_is_its_row_with_what_is_on_file(facts: httpx.Client) -> None:
    place = facts.get("/v1/jurisdictions/US").json()
    assert (place["name"], place["law_rules"]) == ("United States", 1)
    assert place["rows"] == {"client_classes": 1, "law": 1}
    assert facts.get("/v1/jurisdictions/ZZ").status_code == 404


def test_a_cap_of_one_instrument_is_found_under_its_own_coin_alone(facts: httpx.Client) -> None:
    rows = facts.get("/v1/leverage-caps", params={"base": "XRP", "limit": 1000}).json()["data"]
    general = [row for row in rows if row["instrument"] == "*"]
    named = [row["instrument"] for row in rows if row["instrument"] != "*"]
    assert general
    assert all("XRP" in name for name in named), named
