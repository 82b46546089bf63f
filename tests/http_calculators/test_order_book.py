"""Order books over HTTP."""

from __future__ import annotations

import httpx

from api.openapi.examples_calculators import CALCULATOR_REQUESTS
from tests.http_calculators.asking import D, ask, refused


def test_a_book_that_is_too_shallow_says_so(client: httpx.Client) -> None:
    book = CALCULATOR_REQUESTS["order-book"]["buying through the asks"]
    assert ask(client, "order-book", book)["approximations"] == []
    deep = ask(client, "order-book", {**book, "quantity": "100"})
    assert D(deep["unfilled"]) > 0
    assert "whole quantity" in deep["approximations"][0]
    bare = ask(client, "order-book", {"bids": [["1", "1"]], "asks": []})
    assert (bare["average_price"], bare["imbalance"]) == (None, "1")


def test_a_book_out_of_order_is_refused(client: httpx.Client) -> None:
    errors = refused(
        client,
        "order-book",
        {"bids": [["1", "1"], ["2", "0"]], "asks": [["1", "1"], ["0.5", "1"]], "quantity": "-1", "price_band": "2"},
    )
    assert set(errors) == {"/bids/1/0", "/bids/1/1", "/asks/1/0", "/bids/0/0", "/quantity", "/price_band", "/side"}
    assert "/bids" in refused(client, "order-book", {"bids": [], "asks": []})
    assert "/asks" in refused(client, "order-book", {"bids": [], "asks": [["1", "1"]] * 5001})


def test_a_book_whose_best_prices_meet_is_refused(client: httpx.Client) -> None:
    for bid in ("100", "101"):
        book = {"bids": [[bid, "1"], ["98", "1"]], "asks": [["100", "1"], ["103", "1"]]}
        assert refused(client, "order-book", book) == {"/bids/0/0": "the best bid must be below the best ask"}
