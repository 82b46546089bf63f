"""The venues that can be read, one module each: which endpoints it reads and how an answer becomes candidate facts."""

from __future__ import annotations

from data.refresh.reading import Reader
from data.refresh.venues import (
    binance,
    bitget,
    bybit,
    coinbase,
    cryptocom,
    deribit,
    dydx,
    gate,
    hyperliquid,
    kraken,
    kraken_futures,
    kucoin,
    mexc,
    okx,
    phemex,
)

READERS: dict[str, Reader] = {
    reader.venue: reader
    for reader in (
        binance.READER,
        bitget.READER,
        bybit.READER,
        coinbase.ADVANCED,
        coinbase.DERIVATIVES,
        cryptocom.READER,
        deribit.READER,
        dydx.READER,
        gate.READER,
        hyperliquid.READER,
        kraken.READER,
        kraken_futures.READER,
        kucoin.READER,
        mexc.READER,
        okx.READER,
        phemex.READER,
    )
}
"""Readers by venue id."""
