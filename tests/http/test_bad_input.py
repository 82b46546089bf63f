"""Bad input gets a problem document that names every bad field; never a 500, never a silent default."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import pytest

from tests.openapi.test_document import DOCUMENT

GOOD: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "client": {"residence": "AE-AZ", "client_class": "professional"},
}


def post(client: httpx.Client, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(
        "/v1/decisions?record=false", content=content, headers={"content-type": "application/json", **headers}
    )


def problem(reply: httpx.Response, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = reply.json()
    assert document["status"] == status
    assert {"type", "title", "detail", "instance"} <= document.keys()
    return document


def pointers(reply: httpx.Response) -> set[str]:
    return {error["pointer"] for error in problem(reply, 422)["errors"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"max_leverage": "ten", "stop_required": 1, "max_levrage": "3"},
            {"max_leverage", "stop_required", "max_levrage"},
        ),
        ({"basis": {"max_leverage": 3}}, {"basis/max_leverage"}),
        ({"families": ["jurisdiction", "taste"]}, {"families/1"}),
        ({"name": 1.5}, {"name"}),
    ],
)
def test_each_bad_field_of_a_policy_given_whole_is_named(
    client: httpx.Client, change: dict[str, Any], expected: set[str]
) -> None:
    policy = {"name": "our_desk", **change}
    found = pointers(post(client, {**GOOD, "policy": policy, "side": "up"}))
    assert found == {f"/policy/{name}" for name in expected} | {"/side"}
    compared = {"base": "BTC", "product": "perpetual", "side": "long", "client": GOOD["client"], "policy": policy}
    assert pointers(client.post("/v1/comparisons", json=compared)) == {f"/policy/{name}" for name in expected}


def test_a_number_for_a_text_is_named_beside_other_bad_fields(client: httpx.Client) -> None:
    assert pointers(post(client, {**GOOD, "adding_reason": 1.5, "side": "up"})) == {"/adding_reason", "/side"}


def test_a_number_of_very_many_digits_is_a_bad_field_of_a_body_that_is_json(client: httpx.Client) -> None:
    body = json.dumps({**GOOD, "notional": 1}).replace(": 1,", f": {'1' * 5_000},").encode()
    assert pointers(post(client, body)) == {"/notional"}


def test_a_type_is_called_what_json_calls_it(client: httpx.Client) -> None:
    bad = {
        "instrument": 5,
        "reduce_only": "no",
        "as_of": 20261101,
        "policy": 1,
        "account": {"equity": "1", "currency": 1.5},
    }
    errors = problem(post(client, {**GOOD, **bad}), 422)["errors"]
    assert {one["pointer"]: one["detail"] for one in errors} == {
        "/instrument": "Expected `string`, got `integer`",
        "/reduce_only": "Expected `boolean`, got `string`",
        "/as_of": "Expected a day, written YYYY-MM-DD",
        "/policy": "Expected `string | object`, got `integer`",
        "/account/currency": "Expected `string`, got `number`",
    }


def test_an_answer_names_a_hundred_bad_fields_at_most(client: httpx.Client) -> None:
    book = {"bids": [], "asks": [["0", "0"]] * 5000}
    document = problem(post(client, {**GOOD, "market": {"order_book": book}}), 422)
    assert len(document["errors"]) == 100
    assert document["detail"].startswith("14999 fields are not valid: /market/order_book/asks/0/0, ")
    assert len(document["detail"]) < 5000


def test_the_good_request_is_decided(client: httpx.Client) -> None:
    assert post(client, GOOD).status_code == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"levrage": "5"}, "/levrage"),
        ({"notional": "NaN"}, "/notional"),
        ({"notional": "Infinity"}, "/notional"),
        ({"notional": "1e999999999"}, "/notional"),
        ({"notional": " 1 "}, "/notional"),
        ({"notional": "1_000"}, "/notional"),
        ({"notional": "-5"}, "/notional"),
        ({"notional": True}, "/notional"),
        ({"entry_price": "0"}, "/entry_price"),
        ({"leverage": "-3"}, "/leverage"),
        ({"side": "up"}, "/side"),
        ({"quantity": "1"}, "/quantity"),
        ({"venue": "no_such_venue"}, "/venue"),
        ({"client": {"residence": "XX"}}, "/client/residence"),
        ({"client": {"residence": "United States"}}, "/client/residence"),
        ({"client": {"residence": "US-NYC"}}, "/client/residence"),
        ({"client": {"residence": "US-NY", "colour": "red"}}, "/client/colour"),
        ({"client": {}}, "/client/residence"),
        ({"policy": "no_such_policy"}, "/policy"),
        ({"as_of": "2026-02-30"}, "/as_of"),
        ({"conditions_met": "all"}, "/conditions_met"),
        ({"market": {"order_book": {"bids": [["1", "1"], ["2", "1"]], "asks": []}}}, "/market/order_book/bids/1"),
    ],
)
def test_a_bad_field_is_named(client: httpx.Client, change: dict[str, Any], expected: str) -> None:
    named = pointers(post(client, {**GOOD, **change}))
    assert any(pointer == expected or pointer.startswith(expected) for pointer in named), named


@pytest.mark.parametrize("body", [7, [], "BTCUSDT", True])
def test_a_body_of_another_kind_is_named_by_the_pointer_to_the_whole(client: httpx.Client, body: Any) -> None:
    assert pointers(post(client, body)) == {""}
    line = client.post("/v1/decisions/batch?record=false", json=[body]).json()
    assert [one["pointer"] for one in line["errors"]] == [""]
    for path in ("/v1/comparisons", "/v1/calculators/fees", "/v1/impact"):
        assert pointers(client.post(path, json=body)) == {""}


def test_every_bad_field_is_named_at_once(client: httpx.Client) -> None:
    body = {**GOOD, "side": "up", "leverage": "NaN", "surprise": 1, "client": {"client_class": "rich"}}
    del body["instrument"]
    assert {
        "/side",
        "/leverage",
        "/surprise",
        "/instrument",
        "/client/residence",
        "/client/client_class",
    } <= pointers(post(client, body))


def test_meaning_is_checked_for_every_field_at_once(client: httpx.Client) -> None:
    body = {**GOOD, "quantity": "1", "leverage": "-1", "venue": "nowhere", "client": {"residence": "XX"}}
    assert {"/quantity", "/leverage", "/venue", "/client/residence"} <= pointers(post(client, body))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"side": "up", "leverage": "-1"}, {"/side", "/leverage"}),
        ({"surprise": 1, "venue": "nowhere"}, {"/surprise", "/venue"}),
        ({"notional": "NaN", "client": {"residence": "XX-1"}}, {"/notional", "/client/residence"}),
        ({"as_of": "2026-99-01", "quantity": "2"}, {"/as_of", "/quantity"}),
        (
            {"entry_price": "0", "client": {"residence": "US", "client_class": "rich"}},
            {"/entry_price", "/client/client_class"},
        ),
        ({"client": None, "notional": "-5"}, {"/client", "/notional"}),
        ({"client": {}, "venue": 7, "notional": "-5"}, {"/client/residence", "/venue", "/notional"}),
        ({"account": {"currency": "U$", "positions": [{"venue": "bybit"}]}, "leverage": "0"}, None),
        ({"market": {"mark_price": "0", "order_book": {"bids": [["1"]], "asks": []}}}, None),
    ],
)
def test_bad_shape_does_not_hide_bad_meaning(
    client: httpx.Client, change: dict[str, Any], named: set[str] | None
) -> None:
    found = pointers(post(client, {**GOOD, **change}))
    if named is not None:
        assert found == named
    elif "account" in change:
        assert {"/account/currency", "/account/positions/0/instrument", "/leverage"} <= found
    else:
        assert found == {"/market/order_book/bids/0", "/market/mark_price"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,",
        b"nonsense",
        b'{"a": NaN}',
        b'{"a": "\xff"}',
        b"[" * 100_000,
        b'{"side": "long", "side": "short"}',
    ],
)
def test_what_is_not_json_is_refused_as_such(client: httpx.Client, body: bytes) -> None:
    problem(post(client, body), 400)


@pytest.mark.parametrize("body", [b"null", b"1", b'"text"', b"[]", b"true"])
def test_json_of_another_shape_is_invalid(client: httpx.Client, body: bytes) -> None:
    problem(post(client, body), 422)


def test_a_body_beyond_the_limit_is_refused_unread(client: httpx.Client) -> None:
    problem(post(client, b" " * 10_000_000), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/msgpack", ""])
def test_another_content_type_is_refused(client: httpx.Client, kind: str) -> None:
    problem(post(client, GOOD, **{"content-type": kind}), 415)


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        (method.upper(), path.format(name="our_desk", decision_id="dec_none"), kind)
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        for kind in operation.get("requestBody", {}).get("content", ())
    ],
)
def test_a_compressed_body_is_refused_wherever_one_is_read(
    client: httpx.Client, method: str, path: str, kind: str
) -> None:
    headers = {"content-type": kind, "content-encoding": "gzip"}
    reply = client.request(method, path, content=gzip.compress(json.dumps(GOOD).encode()), headers=headers)
    assert "'gzip'" in problem(reply, 415)["detail"]
    assert reply.headers["accept-encoding"] == "identity"
    assert "accept-post" not in reply.headers


def test_a_body_that_says_that_it_is_sent_as_it_is_is_read(client: httpx.Client) -> None:
    assert post(client, GOOD, **{"content-encoding": "Identity"}).status_code == 200


def test_numbers_keep_every_digit(client: httpx.Client) -> None:
    body = json.dumps(GOOD).replace('"31000"', "31000.123456789012345678").encode()
    reply = post(client, body)
    assert reply.status_code == 200, reply.text
    assert reply.json()["trade"]["notional"] == "31000.123456789012345678"


def test_a_small_json_number_may_have_an_exponent(client: httpx.Client) -> None:
    reply = post(client, {**GOOD, "market": {"funding_rate": 1e-05}})
    assert reply.status_code == 200, reply.text
    assert reply.json()["trade"]["market"]["funding_rate"] == "0.00001"
    printed = post(client, {**GOOD, "market": {"funding_rate": "0.00001"}}).json()
    by_decimal = post(client, {**GOOD, "market": {"funding_rate": "1E-5"}}).json()
    assert by_decimal["digest"] == printed["digest"] == reply.json()["digest"]


def test_unknown_query_parameters_are_named(client: httpx.Client) -> None:
    reply = client.post("/v1/decisions?recrod=false", json=GOOD)
    assert pointers(reply) == {"query:recrod"}


@pytest.mark.parametrize("name", ["residence", "product", "base", "client_class", "venue", "leverage"])
def test_an_empty_parameter_is_no_absent_one(client: httpx.Client, name: str) -> None:
    query = {"residence": "AE", "product": "perpetual", "base": "BTC", name: ""}
    reply = client.get("/v1/eligibility", params=query)
    assert reply.status_code == 422, reply.text
    assert {error["pointer"] for error in reply.json()["errors"]} == {f"query:{name}"}


@pytest.mark.parametrize("name", ["from", "to"])
def test_an_empty_side_of_changes_is_no_release(client: httpx.Client, name: str) -> None:
    reply = client.get("/v1/changes", params={"from": "latest", "to": "latest", name: ""})
    assert reply.status_code == 422, reply.text
    assert {error["pointer"] for error in reply.json()["errors"]} == {f"query:{name}"}


def test_an_unknown_path_is_a_problem_document(client: httpx.Client) -> None:
    assert "/v1/nothing" in problem(client.get("/v1/nothing"), 404)["detail"]


def test_a_wrong_method_is_a_problem_document(client: httpx.Client) -> None:
    reply = client.delete("/v1/decisions")
    assert problem(reply, 405)["detail"].startswith("DELETE is not answered here; what is: ")
    assert "POST" in reply.headers["allow"]


def test_an_unknown_release_names_the_newest(client: httpx.Client) -> None:
    newest = client.get("/health/ready").json()["release"]
    assert newest in problem(post(client, {**GOOD, "release": "rel_000000000000"}), 404)["detail"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"as_of": "bad", "policy": "nobodys"}, {"/as_of", "/policy"}),
        ({"side": "up", "policy": "nobodys"}, {"/side", "/policy"}),
        ({"side": "up", "release": "rel_none"}, {"/side", "/release"}),
        (
            {"release": "rel_none", "venue": "nowhere", "notional": "-5", "policy": "nobodys"},
            {"/release", "/venue", "/notional", "/policy"},
        ),
        ({"release": "rel_none", "policy": "nobodys"}, {"/release", "/policy"}),
        ({"policy": 7, "release": "rel_none"}, {"/policy", "/release"}),
        ({"side": "up", "policy": {"name": "x y", "title": "", "families": []}}, None),
    ],
)
def test_policy_and_release_are_named_beside_the_rest(
    client: httpx.Client, change: dict[str, Any], named: set[str] | None
) -> None:
    found = pointers(post(client, {**GOOD, **change}))
    lines = client.post("/v1/decisions/batch?record=false", json=[{**GOOD, **change}])
    assert {one["pointer"] for one in lines.json()["errors"]} == found
    if named is None:
        assert "/side" in found
        assert any(one.startswith("/policy") for one in found)
        return
    assert found == named
    asked = {name: value for name, value in {**GOOD, **change}.items() if name not in ("venue", "instrument")}
    reply = client.post("/v1/comparisons", json={**asked, "base": "BTC", "product": "perpetual"})
    assert pointers(reply) == named - {"/venue"}


def test_an_unknown_release_alone_is_not_found(client: httpx.Client) -> None:
    assert problem(post(client, {**GOOD, "release": "rel_none"}), 404)["detail"]
    leg = {"side": "long", "entry_price": "100", "size": "1", "leverage": "5", "release": "rel_none"}
    assert client.post("/v1/calculators/margin", json=leg).status_code == 404
    assert client.post("/v1/impact", json={"release": "rel_none"}).status_code == 404
    assert (
        client.post(
            "/v1/comparisons",
            json={
                "base": "BTC",
                "product": "perpetual",
                "side": "long",
                "client": {"residence": "AE"},
                "release": "rel_none",
            },
        ).status_code
        == 404
    )


@pytest.mark.parametrize("name", ["", "Latest", "rel 1", "../latest", "rel_\u00e9", "r" * 65])
def test_what_can_name_no_release_is_a_bad_field_beside_the_others(client: httpx.Client, name: str) -> None:
    assert pointers(post(client, {**GOOD, "release": name})) == {"/release"}
    assert pointers(post(client, {**GOOD, "release": name, "notional": "-1"})) == {"/release", "/notional"}
    lines = client.post("/v1/decisions/batch?record=false", json=[{**GOOD, "release": name}])
    assert [one["pointer"] for one in lines.json()["errors"]] == ["/release"]
    leg = {"side": "long", "entry_price": "100", "size": "-1", "leverage": "5", "release": name}
    assert {"/release", "/size"} <= pointers(client.post("/v1/calculators/margin", json=leg))
    client_facts = {"residence": "XX", "natural_person": "yes", "release": name}
    assert pointers(client.post("/v1/calculators/client-class", json=client_facts)) == {"/natural_person", "/residence"}
    client_facts.pop("natural_person")
    assert pointers(client.post("/v1/calculators/client-class", json=client_facts)) == {"/release", "/residence"}
    reply = client.get("/v1/venues", params={"release": name, "limit": "0"})
    assert pointers(reply) == {"query:release", "query:limit"}


def test_a_venue_that_is_no_id_is_named_once(client: httpx.Client) -> None:
    held = {"venue": "Bybit", "instrument": "BTCUSDT", "side": "long", "quantity": "1", "entry_price": "1"}
    reply = post(client, {**GOOD, "venue": "Binance", "account": {"positions": [held]}})
    assert [one["pointer"] for one in problem(reply, 422)["errors"]] == ["/venue", "/account/positions/0/venue"]


def test_two_mark_prices_of_one_instrument_are_refused_and_both_are_named(client: httpx.Client) -> None:
    held = {"venue": "okx", "instrument": "BTC-USDT-SWAP", "side": "long", "quantity": "0.1", "entry_price": "60500"}
    rows = [{**held, "mark_price": "61000"}, held, {**held, "side": "short", "mark_price": "62000"}]
    body = {**GOOD, "account": {"positions": rows}}
    (error,) = problem(post(client, body), 422)["errors"]
    assert error["pointer"] == "/account/positions/2/mark_price"
    assert "/account/positions/0/mark_price it is 61000" in error["detail"]
    batch = client.post("/v1/decisions/batch?record=false", json=[body])
    assert batch.json()["errors"] == [error]
    asked = {name: value for name, value in body.items() if name not in ("venue", "instrument")}
    reply = client.post("/v1/comparisons", json={**asked, "base": "BTC", "product": "perpetual"})
    assert problem(reply, 422)["errors"] == [error]


def test_everything_bad_in_a_question_of_impact_is_named(client: httpx.Client) -> None:
    body = {"since": "yesterday", "until": "tomorrow", "policy": "nobodys", "release": "rel_none"}
    assert pointers(client.post("/v1/impact", json=body)) == {"/since", "/until", "/policy", "/release"}
    body["filter"] = {"verdict": ["maybe"]}  # type: ignore[assignment]
    named = {"/since", "/until", "/policy", "/release", "/filter/verdict/0"}
    assert pointers(client.post("/v1/impact", json=body)) == named


def test_a_calculator_names_a_venue_and_a_release_beside_the_rest(client: httpx.Client) -> None:
    leg = {"entry_price": "100", "size": "1", "mark_price": "90", "venue": "nowhere"}
    assert pointers(client.post("/v1/calculators/adl-score", json={**leg, "side": "up"})) == {"/side", "/venue"}
    reply = client.post("/v1/calculators/adl-score", json={**leg, "side": "long", "release": "rel_none"})
    assert {"/venue", "/release"} <= pointers(reply)


def test_more_behind_a_trade_than_the_account_can_have_is_refused_by_name(client: httpx.Client) -> None:
    held = {"venue": "bybit", "instrument": "ETHUSDT", "side": "long", "quantity": "1", "entry_price": "3000"}
    account = {"equity": "9000", "wallet_balance": "12000.01", "positions": [{**held, "collateral": "99999"}]}
    body = {**GOOD, "added_margin": "9001", "account": account}
    errors = problem(post(client, body), 422)["errors"]
    assert [one["pointer"] for one in errors] == [
        "/added_margin",
        "/account/wallet_balance",
        "/account/positions/0/collateral",
    ]
    batch = client.post("/v1/decisions/batch?record=false", json=[body])
    assert batch.json()["errors"] == errors
    asked = {name: value for name, value in body.items() if name not in ("venue", "instrument")}
    reply = client.post("/v1/comparisons", json={**asked, "base": "BTC", "product": "perpetual", "settle": "USDT"})
    assert problem(reply, 422)["errors"] == errors


def test_a_trade_with_all_that_may_be_given_is_decided(client: httpx.Client) -> None:
    """As many positions, levels and clusters as validation allows, with numbers as venues print them."""
    held = {
        "venue": "bybit",
        "instrument": "BTCUSDT",
        "side": "long",
        "quantity": "0.12345678",
        "entry_price": "61000.1",
    }
    bids = [[f"{62000 - index * 0.1:.2f}", "12.12345678"] for index in range(5000)]
    asks = [[f"{62000.1 + index * 0.1:.2f}", "12.12345678"] for index in range(5000)]
    book = {"bids": bids, "asks": asks}
    clusters = [{"price": f"{60000 + index}", "notional": "1000000"} for index in range(1000)]
    market = {"order_book": book, "previous_order_book": book, "liquidation_clusters": clusters}
    body = {**GOOD, "account": {"equity": "1000000000", "positions": [held] * 1000}, "market": market}
    assert post(client, body).status_code == 200


def test_an_instrument_in_other_capitals_is_told_with_every_other_bad_field(client: httpx.Client) -> None:
    held = {"venue": "binance", "instrument": "ethusdt", "side": "long", "quantity": "1", "entry_price": "3000"}
    body = {**GOOD, "instrument": "btcusdt", "leverage": "-1", "account": {"positions": [held]}}
    errors = {one["pointer"]: one["detail"] for one in problem(post(client, body), 422)["errors"]}
    assert errors.keys() == {"/instrument", "/leverage", "/account/positions/0/instrument"}
    assert errors["/instrument"].endswith("names are case-sensitive, and BTCUSDT is on file")
    assert errors["/account/positions/0/instrument"].endswith("names are case-sensitive, and ETHUSDT is on file")
    line = client.post("/v1/decisions/batch?record=false", json=[{**GOOD, "instrument": "btcusdt"}]).json()
    assert [one["pointer"] for one in line["errors"]] == ["/instrument"]
    calculated = client.post(
        "/v1/calculators/fees", json={"venue": "binance", "instrument": "btcusdt", "price": "1", "size": "1"}
    )
    assert "BTCUSDT is on file" in calculated.text


def test_an_instrument_that_is_not_on_file_in_any_spelling_is_decided_and_named(client: httpx.Client) -> None:
    decision = post(client, {**GOOD, "instrument": "NOSUCH"}).json()
    assert decision["verdict"] == "review"
    assert any(note.startswith("No instrument 'NOSUCH' of binance is on file") for note in decision["notes"])
    assert post(client, GOOD).json()["notes"] == []


def test_a_base_in_other_capitals_is_told(client: httpx.Client) -> None:
    compared = {"base": "btc", "product": "perpetual", "side": "up", "client": {"residence": "AE-AZ"}}
    assert pointers(client.post("/v1/comparisons", json=compared)) == {"/base", "/side"}
    asked = {"residence": "AE-AZ", "product": "perpetual", "base": "btc", "settle": "usdt", "intent": "fun"}
    refused = problem(client.get("/v1/eligibility", params=asked), 422)["errors"]
    assert {one["pointer"] for one in refused} == {"query:base", "query:settle", "query:intent"}
    for base in ("kPEPE", "NOSUCH"):
        params = {"residence": "AE-AZ", "product": "perpetual", "base": base, "venue": "hyperliquid"}
        assert client.get("/v1/eligibility", params=params).status_code == 200


def test_a_comparison_without_rows_says_why(client: httpx.Client) -> None:
    asked = {"base": "NOSUCH", "product": "perpetual", "side": "long", "client": {"residence": "AE-AZ"}}
    answer = client.post("/v1/comparisons", json=asked).json()
    assert answer["data"] == []
    (note,) = answer["meta"]["notes"]
    assert note.startswith("No perpetual on NOSUCH that fits is on file")


def test_a_policy_given_whole_bears_no_built_in_name(client: httpx.Client) -> None:
    policy = {"name": "standard", "families": ["jurisdiction", "access", "limits"]}
    assert pointers(post(client, {**GOOD, "policy": policy})) == {"/policy/name"}
    lines = client.post("/v1/decisions/batch?record=false", json=[{**GOOD, "policy": policy}])
    assert {one["pointer"] for one in lines.json()["errors"]} == {"/policy/name"}
    compared = {"base": "BTC", "product": "perpetual", "side": "long", "client": GOOD["client"], "policy": policy}
    assert pointers(client.post("/v1/comparisons", json=compared)) == {"/policy/name"}
    own = post(client, {**GOOD, "policy": {**policy, "name": "desk"}})
    assert any("given whole" in note for note in own.json()["notes"])
