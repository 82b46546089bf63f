"""A second source compared with ours: what it disagrees on goes into the conflict register and changes no fact."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from data.curation.load import load_corpus
from data.facts.corpus import Corpus
from data.refresh.crosscheck import disagreements, read_tier_file, reading_of_release, register
from data.refresh.differences import compare
from data.refresh.errors import NotJSONError, ShapeError
from data.refresh.staging import write_accepted

from .conftest import DAY

OURS = [(0, 2000000, 0.005, 100.0, 0), (2000000, 2600000, 0.0056, 90.0, 1200), (2600000, 3000000, 0.0063, 80.0, 3020)]


def ccxt(tiers: list[tuple[float, ...]]) -> list[dict[str, Any]]:
    return [
        {
            "tier": number,
            "symbol": "BTC/USDT:USDT",
            "currency": "USDT",
            "minNotional": floor,
            "maxNotional": cap,
            "maintenanceMarginRate": rate,
            "maxLeverage": leverage,
            "info": {"bracket": str(number)},
        }
        for number, (floor, cap, rate, leverage, _) in enumerate(tiers, 1)
    ]


def freqtrade(tiers: list[tuple[float, ...]]) -> dict[str, Any]:
    rows = [
        {
            "minNotional": floor,
            "maxNotional": cap,
            "maintenanceMarginRate": rate,
            "maxLeverage": leverage,
            "maintAmt": amount,
        }
        for floor, cap, rate, leverage, amount in tiers
    ]
    return {"updated": "2026-11-20T12:05:00+00:00", "data": {"BTC/USDT:USDT": rows, "DOGE/USDT:USDT": rows}}


def written(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def corpus(curated: Path) -> Corpus:
    return load_corpus(curated)


def test_a_second_source_that_agrees_finds_nothing(corpus: Corpus, tmp_path: Path) -> None:
    for name, content in (("ccxt.json", {"BTC/USDT:USDT": ccxt(OURS)}), ("freqtrade.json", freqtrade(OURS))):
        reading = read_tier_file(written(tmp_path / name, content), "bybit", corpus, DAY)
        assert len(reading.families[0].facts) == 1
        assert disagreements(compare(reading, corpus)) == []


def test_what_only_one_side_has_is_said_and_is_no_disagreement(corpus: Corpus, tmp_path: Path) -> None:
    reading = read_tier_file(written(tmp_path / "tiers.json", freqtrade(OURS)), "bybit", corpus, DAY)
    assert reading.remarks == (
        "1 of its symbols have no ladder here: DOGE/USDT:USDT",
        "1 of our ladders are not in it: RVNUSDT",
    )


@pytest.mark.parametrize(
    ("currency", "info", "caps"),
    [
        ("USDT", {"maxSz": "1000"}, (1000, 5000)),  # ccxt's own dump of OKX
        ("BTC", {"unit": "contracts"}, (10, 50)),  # `view=ccxt`, contracts of a hundredth of a bitcoin
        ("contracts", {"unit": "contracts"}, (1000, 5000)),  # the same where a contract's size is not on file
    ],
)
def test_sizes_in_contracts_are_compared_in_contracts(
    currency: str, info: dict[str, str], caps: tuple[int, int], corpus: Corpus, tmp_path: Path
) -> None:
    ours = next(one for one in corpus.ladders if one.instrument == "BTCUSDT")
    tiers = tuple(
        replace(tier, floor=Decimal(floor), cap=Decimal(cap))
        for tier, floor, cap in zip(ours.tiers, (0, 1000), (1000, 5000), strict=False)
    )
    ladders = (replace(ours, unit="contracts", tiers=tiers),)
    instruments = tuple(
        replace(one, contract_size=Decimal("0.01")) for one in corpus.instruments if one.symbol == "BTCUSDT"
    )
    held = replace(corpus, ladders=ladders, instruments=instruments)
    rows = [
        {
            "currency": currency,
            "minNotional": floor,
            "maxNotional": cap,
            "maintenanceMarginRate": float(tier.maintenance_margin_rate or 0),
            "maxLeverage": float(tier.max_leverage),
            "info": info,
        }
        for tier, floor, cap in zip(tiers, (0, caps[0]), caps, strict=True)
    ]
    reading = read_tier_file(written(tmp_path / "tiers.json", {"BTC/USDT:USDT": rows}), "bybit", held, DAY)
    assert [tier.cap for tier in reading.families[0].facts[0].tiers] == [1000, 5000]  # type: ignore[union-attr]


def test_a_disagreement_names_the_tiers(corpus: Corpus, tmp_path: Path) -> None:
    other = [*OURS[:2], (2600000, 3200000, 0.0065, 75.0, 3540)]
    reading = read_tier_file(written(tmp_path / "tiers.json", freqtrade(other)), "bybit", corpus, DAY)
    [found] = disagreements(compare(reading, corpus))
    assert found.fact == "ladders of BTCUSDT"
    assert found.kept == (
        "tier 3 cap 3000000; tier 3 maintenance_margin_rate 0.0063; tier 3 maintenance_amount 3020; and 1 more"
    )
    assert found.other.startswith("tier 3 cap 3200000; tier 3 maintenance_margin_rate 0.0065")
    assert found.kept_source == "docs"


def test_disagreements_are_registered_once_and_renewed(curated: Path, corpus: Corpus, tmp_path: Path) -> None:
    for cap in (3200000, 3300000):
        other = [*OURS[:2], (2600000, cap, 0.0063, 80.0, 3020)]
        reading = read_tier_file(written(tmp_path / "tiers.json", freqtrade(other)), "bybit", corpus, DAY)
        differences = compare(reading, corpus)
        result = write_accepted(curated, corpus, [register(curated, differences, disagreements(differences))])
        assert result.rejected == ()
        [conflict] = result.corpus.conflicts
        assert conflict.other == f"tier 3 cap {cap}"
        corpus = result.corpus
    assert conflict.fact == "ladders of BTCUSDT"
    assert conflict.kept_source == "bybit.docs"
    source = next(one for one in corpus.sources if one.id == conflict.other_source)
    assert (source.evidence, source.url) == ("secondary", "file:tiers.json")
    assert corpus.ladders == load_corpus(curated).ladders


def test_another_release_is_a_second_source_too(corpus: Corpus) -> None:
    terms = tuple(
        replace(one, cap=one.cap * 2) if one.instrument == "BTCUSDT" and one.cap else one
        for one in corpus.funding_terms
    )
    reading = reading_of_release(replace(corpus, funding_terms=terms), "rel_0123456789ab", "0" * 64, "bybit", DAY)
    assert [(one.fact, one.kept, one.other) for one in disagreements(compare(reading, corpus))] == [
        ("funding_terms of BTCUSDT", "cap 0.005", "cap 0.010")
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"<html>", NotJSONError),
        (b"[]", ShapeError),
        (b'{"BTC/USDT:USDT": [{"minNotional": 0}]}', ShapeError),
        (b'{"updated": "x", "data": []}', ShapeError),
    ],
)
def test_a_file_of_another_shape_is_refused(
    corpus: Corpus, tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    path = tmp_path / "tiers.json"
    path.write_bytes(content)
    with pytest.raises(error):
        read_tier_file(path, "bybit", corpus, DAY)


def test_tiers_that_do_not_meet_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    apart = [OURS[0], (2100000, 2600000, 0.0056, 90.0, 1200)]
    path = written(tmp_path / "tiers.json", freqtrade(apart))
    with pytest.raises(ShapeError, match="the tiers do not meet"):
        read_tier_file(path, "bybit", corpus, DAY)
