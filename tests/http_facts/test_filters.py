"""Every filter of every list, asked over the committed facts and compared with a look at each row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from api.routes.facts_all import LISTINGS
from api.routes.facts_filters import Filter
from api.routes.facts_listing import Listing

ASKED_ALWAYS = {
    "/v1/changes": [("from", "2026-05-01"), ("to", "2026-11-21")],
    "/v1/margin-tiers": [("venue", "kraken_futures"), ("venue", "dydx"), ("venue", "kucoin")],
}
COLUMNS = {
    ("/v1/venues", "venue"): ("id",),
    ("/v1/venues", "jurisdiction"): ("home_jurisdiction",),
    ("/v1/jurisdictions", "jurisdiction"): ("id",),
    ("/v1/client-classes", "client_class"): ("maps_to",),
    ("/v1/registration-categories", "product"): ("permits",),
    **{(path, "venue"): ("subject",) for path in ("/v1/conflicts", "/v1/coverage", "/v1/changes")},
    **{(path, "jurisdiction"): ("subject",) for path in ("/v1/conflicts", "/v1/coverage", "/v1/changes")},
}
GENERAL = {None, "*", "any"}
DERIVED = {
    ("/v1/access", "residence"),
    ("/v1/fees", "residence"),
    ("/v1/law", "client_class"),
    ("/v1/law", "residence"),
    ("/v1/leverage-caps", "jurisdiction"),
    ("/v1/leverage-caps", "residence"),
}
"""Filters that no one column answers; they have tests of their own."""
SEVERAL = ("US-NY", "US-CA", "GB", "DE", "CA-ON", "retail", "ecp")
FILTERS = [
    pytest.param(listing, one, id=f"{listing.path[4:]}-{one.name}") for listing in LISTINGS for one in listing.filters
]


def rows(client: httpx.Client, listing: Listing, asked: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    always = [pair for pair in ASKED_ALWAYS.get(listing.path, ()) if pair[0] not in dict(asked)]
    answer = client.get(listing.path, params=[*always, *asked, ("limit", "all"), ("format", "ndjson")])
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def held(row: dict[str, Any], columns: Sequence[str]) -> set[object]:
    """Return what a row has in columns, null for an empty list."""
    values: set[object] = set()
    for name in columns:
        value = row[name]
        values.update((value or [None]) if isinstance(value, list) else [value])
    return {str(value).lower() if isinstance(value, bool) else value for value in values}


def columns_of(listing: Listing, one: Filter) -> tuple[str, ...]:
    fields = listing.row.__struct_fields__
    if one.name == "instrument":
        return tuple(name for name in ("symbol", "instrument", "unified") if name in fields)
    if (listing.path, one.name) in COLUMNS:
        return COLUMNS[listing.path, one.name]
    return next((name,) for name in (one.name, f"{one.name}s", f"{one.name}es") if name in fields)


@pytest.mark.parametrize(("listing", "one"), FILTERS)
def test_a_filter_answers_the_rows_that_have_the_value(listing: Listing, one: Filter, client: httpx.Client) -> None:
    if (listing.path, one.name) in DERIVED:
        return
    columns = columns_of(listing, one)
    every = rows(client, listing, ())
    occurring = sorted({str(value) for row in every for value in held(row, columns)} - {"None", "*"})
    accepted = [value for value in occurring if "enum" not in one.schema or value in one.schema["enum"]]
    if "enum" in one.schema and listing.path != "/v1/changes":
        assert accepted == occurring
    if "subject" in columns:
        asked = client.get("/v1/venues", params={"limit": "1000"}).json()["data"]
        places = {row["id"] for row in client.get("/v1/jurisdictions", params={"limit": "1000"}).json()["data"]}
        known = {row["id"] for row in asked} if one.name == "venue" else places
        accepted = [value for value in accepted if value in known]
    spread = accepted[:: max(1, len(accepted) // 4)][:5]
    for value in spread:
        answered = rows(client, listing, [(one.name, value)])
        missing = [row for row in every if value in held(row, columns) and row not in answered]
        assert missing == [], (value, missing[:3])
        others = [row for row in answered if value not in held(row, columns)]
        if "answered too" in one.description:
            others = [row for row in others if not held(row, columns) <= GENERAL]
        elif (listing.path, one.name) == ("/v1/law", "jurisdiction"):
            others = [row for row in others if not row["jurisdiction"].startswith(value)]
        elif one.name == "schedule":
            others = [row for row in others if value != "general"]
        assert others == [], (value, others[:3])
    if len(spread) > 1:
        both = rows(client, listing, [(one.name, value) for value in spread[:2]])
        each = [rows(client, listing, [(one.name, value)]) for value in spread[:2]]
        assert {json.dumps(row) for row in both} == {json.dumps(row) for part in each for row in part}


@pytest.mark.parametrize(("path", "name"), sorted(DERIVED))
def test_several_values_of_a_filter_answer_what_each_answers(path: str, name: str, client: httpx.Client) -> None:
    (listing,) = [one for one in LISTINGS if one.path == path]
    asked = [value for value in SEVERAL if value.isupper() == (name != "client_class")]
    each = {value: {json.dumps(row) for row in rows(client, listing, [(name, value)])} for value in asked}
    for value in asked:
        for other in asked:
            both = rows(client, listing, [(name, value), (name, other)])
            assert {json.dumps(row) for row in both} == each[value] | each[other], (value, other)


def test_caps_of_a_place_are_told_with_the_narrower_ones_that_bind_there(client: httpx.Client) -> None:
    """A reader who sees the world-wide cap alone would take it for what a resident gets."""

    def places(venue: str, **asked: str) -> set[str]:
        found = client.get("/v1/leverage-caps", params={"venue": venue, "limit": "1000", **asked}).json()["data"]
        return {row["jurisdiction"] for row in found}

    for name in ("residence", "jurisdiction"):
        assert places("okx", **{name: "DE"}) == {"*", "EEA"}
        assert places("okx", **{name: "AE-DU"}) == {"*", "AE"}
        assert places("kraken", **{name: "US-NY"}) == {"*", "US"}
        assert places("coinbase_derivatives", **{name: "US-CA"}) == {"US"}
    assert places("okx", jurisdiction="EEA") == {"*", "EEA"}
    assert places("okx", residence="CH") == {"*"}


def test_fees_of_a_residence_are_those_of_the_schedule_that_it_is_on(client: httpx.Client) -> None:
    def schedules(venue: str, product: str, residence: str) -> set[str | None]:
        asked = {"venue": venue, "product": product, "residence": residence, "limit": "1000"}
        return {row["schedule"] for row in client.get("/v1/fees", params=asked).json()["data"]}

    assert schedules("okx", "perpetual", "DE") == schedules("bybit", "spot", "DE") == {"EEA"}
    assert schedules("okx", "perpetual", "AE-DU") == {"AE"}
    assert schedules("okx", "perpetual", "CH") == {None}
    assert schedules("gate", "spot", "AE-DU") == {"AE-DU"}
    assert schedules("gate", "spot", "AE-AZ") == {None}
    (unknown,) = client.get("/v1/fees", params={"venue": "okx", "product": "option", "residence": "BR"}).json()["data"]
    assert (unknown["maker"], unknown["taker"]) == (None, None)
    assert "no rates" in unknown["note"]


def test_terms_of_other_coins_are_not_answered_for_a_coin(client: httpx.Client) -> None:
    """A row of an instrument whose coin is not on file is about no coin that can be asked for."""
    funding = client.get("/v1/funding-terms", params={"base": "BTC", "limit": "1000"}).json()["data"]
    assert {row["base"] for row in funding if row["instrument"] != "*"} == {"BTC"}
    caps = client.get("/v1/leverage-caps", params={"instrument": "PF_ETHUSD", "limit": "1000"}).json()["data"]
    assert {row["base"] for row in caps} == {None, "ETH"}
    unlisted = client.get("/v1/leverage-caps", params={"instrument": "NOSUCH", "limit": "1000"}).json()["data"]
    assert {"BTC", "ETH", "SOL"} <= {row["base"] for row in unlisted}


def test_conflicts_of_a_venue_and_of_a_jurisdiction_are_asked_for_at_once(client: httpx.Client) -> None:
    def subjects(**asked: str) -> list[str]:
        return [row["subject"] for row in client.get("/v1/conflicts", params=asked).json()["data"]]

    assert sorted(subjects(venue="cme", jurisdiction="US")) == sorted(
        subjects(venue="cme") + subjects(jurisdiction="US")
    )


def test_no_test_of_the_law_leads_to_any_class(client: httpx.Client) -> None:
    assert client.get("/v1/client-classes", params={"client_class": "any"}).status_code == 422
