"""Trades asked at the same moment are decided in one go, and each gets its own answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from api.contracts import DecisionRequest
from api.deciding import Decider, Pinned
from api.decoding import decode_body
from api.encoding import encode
from api.gathering import MOST, Gathering
from api.policies import built_in
from data.releases import ReleaseStore

TRADE: dict[str, Any] = {
    "venue": "bybit",
    "instrument": "BTCUSDT",
    "side": "long",
    "entry_price": "62000",
    "leverage": "5",
    "client": {"residence": "AE", "client_class": "professional"},
}


async def test_each_of_many_at_once_gets_its_own_answer(client: httpx.Client) -> None:
    trades = [{**TRADE, "notional": str(1000 + 10 * number)} for number in range(3 * MOST)]
    async with httpx.AsyncClient(base_url=client.base_url, timeout=60) as session:
        replies = await asyncio.gather(*(session.post("/v1/decisions?record=false", json=trade) for trade in trades))
        alone = await session.post("/v1/decisions?record=false", json=trades[7])
    answers = [reply.json() for reply in replies]
    assert [answer["figures"]["notional"] for answer in answers] == [trade["notional"] for trade in trades]
    assert len({answer["decision_id"] for answer in answers}) == len(trades)
    assert answers[7]["digest"] == alone.json()["digest"]


async def test_a_trade_that_cannot_be_decided_does_not_fail_its_neighbours(releases_folder: Path) -> None:
    decider = Decider(ReleaseStore(releases_folder))
    standard = built_in()["standard"]

    def pinned(notional: str) -> Pinned:
        request = decode_body(encode({**TRADE, "notional": notional}), DecisionRequest)
        return decider.pin(request, standard)

    broken = msgspec.structs.replace(pinned("2000"), knowledge=None)
    gathering = Gathering(decider.decide_all)
    asked = [pinned("1000"), broken, pinned("3000")]
    first, failed, last = await asyncio.gather(*map(gathering.decide, asked), return_exceptions=True)
    assert isinstance(failed, AttributeError)
    for one, alike in ((first, asked[0]), (last, asked[2])):
        assert not isinstance(one, BaseException)
        assert one.body == decider.decide(alike).body


async def test_who_goes_away_is_not_decided_for(releases_folder: Path) -> None:
    decider = Decider(ReleaseStore(releases_folder))
    request = decode_body(encode({**TRADE, "notional": "1000"}), DecisionRequest)
    gathering = Gathering(decider.decide_all)
    leaving, staying = (
        asyncio.ensure_future(gathering.decide(decider.pin(request, built_in()["standard"]))) for _ in range(2)
    )
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).verdict
    with pytest.raises(asyncio.CancelledError):
        await leaving
