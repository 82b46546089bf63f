"""What venues do wrong, each with a clear report and no candidate."""

from __future__ import annotations

import gzip
import re
import time
from pathlib import Path

import pytest
from msgspec import structs

from data.refresh.cache import ResponseCache
from data.refresh.client import Client, Limits, Request
from data.refresh.errors import (
    EndlessPagesError,
    ForbiddenHostError,
    NotJSONError,
    RefreshError,
    ShapeError,
    StatusError,
    TooLargeError,
    UnreachableError,
    VenueSaysError,
)

from .conftest import LOOPBACK, NOW, QUICK, Read
from .venue_server import Reply, VenueServer, gzip_bomb

PAIRS = "/0/public/AssetPairs"
RISK = "/v5/market/risk-limit"
INFO = "/v5/market/instruments-info"


def asked(server: VenueServer, path: str) -> int:
    return sum(path in request for request in server.requests)


def damage(folder: Path) -> int:
    """Cut the end off every kept copy; return how many there were."""
    copies = list(folder.iterdir())
    for path in copies:
        path.write_bytes(path.read_bytes()[:-20])
    return len(copies)


async def test_retry_after_is_honoured_and_the_answer_comes_at_last(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(status=429, headers={"Retry-After": "0"}))
    notes: list[str] = []
    assert (await read("kraken", None, notes)).families
    assert asked(server, PAIRS) == 2
    assert "answered 429 and asks to wait 0 s" in notes[0]


async def test_retry_after_as_a_date_counts_from_now(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(status=503, headers={"Retry-After": "Sat, 21 Nov 2026 10:15:04 GMT"}))
    notes: list[str] = []
    await read("kraken", None, notes)
    assert "asks to wait 1 s" in notes[0]


async def test_a_pause_longer_than_we_wait_is_not_waited_for(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(StatusError, match="answered 429 and asks to wait 3600 s") as caught:
        await read("kraken")
    assert caught.value.retry_after == 3600
    assert asked(server, PAIRS) == 1


async def test_server_errors_are_tried_again_and_then_given_up(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(status=500), Reply(status=502))
    assert (await read("kraken")).families
    server.fault("kraken", PAIRS, *[Reply(status=500)] * 3)
    with pytest.raises(StatusError, match="answered 500"):
        await read("kraken")


async def test_a_client_error_is_not_tried_again(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply({"message": "blocked in your region"}, status=403))
    with pytest.raises(StatusError, match="answered 403"):
        await read("kraken")
    assert asked(server, PAIRS) == 1


async def test_a_silent_server_times_out(server: VenueServer) -> None:
    server.fault("kraken", PAIRS, *[Reply(hang=5.0)] * 3)
    async with Client(LOOPBACK, limits=structs.replace(QUICK, read_seconds=0.2)) as client:
        with pytest.raises(UnreachableError, match="no whole answer"):
            await client.fetch(Request(url=server.url("kraken") + PAIRS))
    assert asked(server, PAIRS) == 3


async def test_a_body_cut_short_is_tried_again(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply({"error": [], "result": {}}, cut=10))
    assert (await read("kraken")).families
    assert asked(server, PAIRS) == 2


async def test_truncated_json_is_named_as_such(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(b'{"error": [], "result": {"XBTUSDT": {"altname": "XBT'))
    with pytest.raises(NotJSONError, match="not whole JSON"):
        await read("kraken")


async def test_a_page_of_html_is_named_as_such(server: VenueServer, read: Read) -> None:
    page = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"
    server.fault("kraken", PAIRS, Reply(page, headers={"Content-Type": "text/html"}))
    with pytest.raises(NotJSONError, match="HTML, not JSON"):
        await read("kraken")


async def test_text_that_is_not_utf_8_is_refused(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(b'{"error": ["\xff\xfe"], "result": {}}'))
    with pytest.raises(NotJSONError):
        await read("kraken")


async def test_a_gzip_bomb_is_stopped_at_the_cap(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, gzip_bomb(200_000_000))
    with pytest.raises(TooLargeError, match="larger than 1000000 bytes"):
        await read("kraken")


async def test_a_plain_answer_over_the_cap_is_stopped_too(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(b" " * 1_000_001))
    with pytest.raises(TooLargeError):
        await read("kraken")


async def test_gzip_is_unpacked_and_broken_gzip_refused(server: VenueServer, read: Read) -> None:
    body = gzip.compress(Reply(server.answer("kraken", PAIRS)).body)
    server.fault("kraken", PAIRS, Reply(body, headers={"Content-Encoding": "gzip"}))
    assert (await read("kraken")).families
    server.fault("kraken", PAIRS, Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(NotJSONError, match="not the gzip it claims to be"):
        await read("kraken")
    server.fault("kraken", PAIRS, *[Reply(body[:-30], headers={"Content-Encoding": "gzip"})] * 3)
    with pytest.raises(UnreachableError, match="stops short"):
        await read("kraken")


async def test_an_encoding_nobody_asked_for_is_refused(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(b"?", headers={"Content-Encoding": "br"}))
    with pytest.raises(NotJSONError, match="encoded as 'br'"):
        await read("kraken")


async def test_a_renamed_field_is_named_by_its_path(server: VenueServer, read: Read) -> None:
    row = server.answer("bybit", RISK, category="inverse")["result"]["list"][1]
    row["maintainMargin"] = row.pop("maintenanceMargin")
    with pytest.raises(ShapeError, match=r"missing required field `maintenanceMargin` - at `\$\.result\.list\[1\]`"):
        await read("bybit")


async def test_a_field_of_another_type_is_named_by_its_path(server: VenueServer, read: Read) -> None:
    row = server.answer("bybit", INFO, category="inverse")["result"]["list"][0]
    row["priceFilter"]["tickSize"] = 0.5
    with pytest.raises(ShapeError, match=r"Expected a number in quotes, got a bare number - at .*priceFilter.tickSize"):
        await read("bybit")


async def test_a_number_with_more_digits_than_we_keep_is_refused(server: VenueServer, read: Read) -> None:
    row = server.answer("bybit", INFO, category="inverse")["result"]["list"][0]
    row["priceFilter"]["tickSize"] = "0.1234567890123456789"
    with pytest.raises(ShapeError, match="has more than 20 \\+ 18 digits"):
        await read("bybit")


async def test_new_fields_are_no_news(server: VenueServer, read: Read) -> None:
    server.answer("kraken", PAIRS)["result"]["XBTUSDT"]["something_new"] = {"nested": [1, 2]}
    assert (await read("kraken")).families


async def test_an_error_in_a_good_answer_is_the_venues_own(server: VenueServer, read: Read) -> None:
    server.fault("bybit", INFO, Reply({"retCode": 10006, "retMsg": "Too many visits!", "result": {}}))
    with pytest.raises(VenueSaysError, match="error 10006: Too many visits!"):
        await read("bybit")


async def test_an_empty_listing_is_no_listing(server: VenueServer, read: Read) -> None:
    server.answer("kraken", PAIRS)["result"] = {}
    with pytest.raises(ShapeError, match="no pair is listed"):
        await read("kraken")


async def test_a_cursor_that_repeats_ends_the_reading(server: VenueServer, read: Read) -> None:
    page = server.answer("bybit", RISK, category="linear", cursor="page2")
    page["result"]["nextPageCursor"] = "page2"
    with pytest.raises(EndlessPagesError, match="the same page came twice"):
        await read("bybit")


async def test_a_cursor_that_always_changes_ends_the_reading_too(server: VenueServer, read: Read) -> None:
    rows = server.answer("bybit", RISK, category="linear")["result"]["list"]
    pages = [
        Reply({"retCode": 0, "retMsg": "OK", "result": {"list": rows, "nextPageCursor": f"page-{number}"}})
        for number in range(500)
    ]
    server.fault("bybit", RISK, *pages)
    with pytest.raises(EndlessPagesError, match="more than 400 pages"):
        await read("bybit")


async def test_an_offset_that_is_ignored_ends_the_reading(server: VenueServer, read: Read) -> None:
    tiers = "/api/v4/futures/usdt/risk_limit_tiers"
    page = server.answer("gate", tiers, offset="0")
    server.fault("gate", tiers, *[Reply(page)] * 3)
    with pytest.raises(EndlessPagesError, match="the same page came twice"):
        await read("gate")


async def test_tiers_that_do_not_meet_are_refused(server: VenueServer, read: Read) -> None:
    tiers = server.answer(
        "okx", "/api/v5/public/position-tiers", instType="SWAP", tdMode="isolated", instFamily="BTC-USD,BTC-USDT"
    )
    tiers["data"][1]["minSz"] = "1500"
    with pytest.raises(ShapeError, match="BTC-USDT-SWAP: tier 2 starts at 1500, not after 1000"):
        await read("okx")


async def test_an_account_with_brackets_of_its_own_is_no_source(server: VenueServer, read: Read) -> None:
    server.answer("binance", "/fapi/v1/leverageBracket")[0]["notionalCoef"] = 1.5
    with pytest.raises(VenueSaysError, match=r"1\.5 times the default ones"):
        await read("binance", {"BINANCE_API_KEY": "k", "BINANCE_API_SECRET": "s"})


async def test_redirects_are_not_followed(server: VenueServer, read: Read) -> None:
    server.fault("kraken", PAIRS, Reply(status=302, headers={"Location": "https://elsewhere.example/"}))
    with pytest.raises(StatusError, match=r"redirects to elsewhere\.example, which is not followed"):
        await read("kraken")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("hosts", "url", "reason"),
    [
        ({"api.kraken.com"}, "http://127.0.0.1:9/x", "not on the allow-list"),
        ({"api.kraken.com"}, "https://api.kraken.com.evil.example/x", "not on the allow-list"),
        ({"api.kraken.com"}, "http://api.kraken.com/x", "only https"),
        ({"api.kraken.com"}, "https://user@evil.example/x", "not on the allow-list"),
    ],
)
async def test_only_allowed_hosts_are_asked(hosts: set[str], url: str, reason: str) -> None:
    async with Client(frozenset(hosts), limits=QUICK) as client:
        with pytest.raises(ForbiddenHostError, match=reason):
            await client.fetch(Request(url=url))


async def test_nobody_listening_is_reported(server: VenueServer) -> None:
    async with Client(LOOPBACK, limits=QUICK) as client:
        with pytest.raises(UnreachableError):
            await client.fetch(Request(url="http://127.0.0.1:1/x"))


async def test_an_unchanged_listing_costs_one_conditional_request(server: VenueServer, tmp_path: Path) -> None:
    server.use_etags()
    request = Request(url=server.url("kraken") + PAIRS)
    cache = ResponseCache(tmp_path)
    async with Client(LOOPBACK, limits=QUICK, cache=cache, now=lambda: NOW) as client:
        first = await client.fetch(request)
        second = await client.fetch(request)
    assert (first.retrieved.unchanged, second.retrieved.unchanged) == (False, True)
    assert first.body == second.body
    assert first.retrieved.sha256 == second.retrieved.sha256
    assert len(server.conditional) == 1


async def test_a_damaged_copy_counts_as_none(server: VenueServer, tmp_path: Path) -> None:
    server.use_etags()
    request = Request(url=server.url("kraken") + PAIRS)
    async with Client(LOOPBACK, limits=QUICK, cache=ResponseCache(tmp_path)) as client:
        first = await client.fetch(request)
        damage(tmp_path)
        second = await client.fetch(request)
    assert second.body == first.body
    assert not second.retrieved.unchanged


async def test_signed_requests_are_neither_cached_nor_shown(server: VenueServer, tmp_path: Path) -> None:
    server.use_etags()
    request = Request(url=server.url("kraken") + PAIRS, query={"signature": "secret"}, signed=True)
    async with Client(LOOPBACK, limits=QUICK, cache=ResponseCache(tmp_path)) as client:
        answer = await client.fetch(request)
    assert "secret" not in answer.retrieved.url
    assert damage(tmp_path) == 0
    server.fault("kraken", PAIRS, Reply(status=403))
    async with Client(LOOPBACK, limits=QUICK) as client:
        with pytest.raises(RefreshError) as caught:
            await client.fetch(request)
    assert "secret" not in str(caught.value)


async def test_one_host_is_asked_no_faster_than_allowed(server: VenueServer) -> None:
    slow = Limits(requests_per_second=20.0, attempts=1)
    async with Client(LOOPBACK, limits=slow) as client:
        begun = time.monotonic()
        for _ in range(3):
            await client.fetch(Request(url=server.url("kraken") + PAIRS))
    assert time.monotonic() - begun >= 0.099, "two pauses of a twentieth of a second"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"riskLimitCustom": None}, "BTC_USDT: riskLimitMode is CUSTOM, and riskLimitCustom lists no level"),
        ({"riskLimitMode": "STEPS"}, "BTC_USDT: riskLimitMode 'STEPS' is new"),
        ({"riskLimitMode": "INCREASE", "riskLevelLimit": 10**20}, "is no number of levels"),
    ],
)
async def test_mexc_levels_are_never_reckoned_from_fields_that_do_not_apply(
    server: VenueServer, read: Read, change: dict[str, object], words: str
) -> None:
    contract = server.answer("mexc", "/api/v1/contract/detail")["data"][1]
    contract.update(change)
    with pytest.raises(ShapeError, match=re.escape(words)):
        await read("mexc")


@pytest.mark.parametrize("name", ["leverageMargins", "riskLimitsV2"])
async def test_phemex_tiers_are_never_left_out_unseen(server: VenueServer, read: Read, name: str) -> None:
    del server.answer("phemex", "/public/products")["data"][name]
    with pytest.raises(ShapeError, match=name):
        await read("phemex")


async def test_phemex_never_falls_back_from_a_configuration_that_is_not_listed(server: VenueServer, read: Read) -> None:
    server.answer("phemex", "/public/products")["data"]["perpProductsV2"][0]["leverageMargin"] = 7
    with pytest.raises(ShapeError, match="ETHUSDT: leverageMargin 7 is not listed"):
        await read("phemex")


async def test_a_name_with_a_line_break_is_refused(server: VenueServer, read: Read) -> None:
    server.answer("mexc", "/api/v1/contract/detail")["data"][0]["symbol"] = "LTC\n_USDT"
    with pytest.raises(ShapeError, match=r"symbol 'LTC\\n_USDT' cannot be printed"):
        await read("mexc")
