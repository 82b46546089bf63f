"""What a venue's native symbols say: underlying, quote currency and expiry, and the unified notation of both.

Only forms that a venue uses throughout are read here; an instrument whose symbol does not tell its underlying needs
its own `[[instrument]]` row.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from msgspec import Struct

from data.facts.vocabulary import Product


class SymbolParts(Struct, frozen=True, kw_only=True):
    """What a symbol says about its instrument. `base` is the venue's unit: `1000PEPE` where it quotes a thousand."""

    base: str
    quote: str
    expiry: date | None = None


# A pair written without a separator: quoted in what it settles in, else (inverse contracts) in a dollar.
_JOINED = r"(?P<base>\S+?)(?P<quote>USDT|USDC|USD)(?:_(?P<expiry>\d{6}))?"
_SETTLED = r"(?P<pair>\S+?)(?:_(?P<expiry>\d{6}))?"
_FORMS: dict[str, tuple[str, ...]] = {
    "binance": (_SETTLED, _JOINED),
    "bitget": (_SETTLED, _JOINED),
    "bitmex": (_SETTLED, _JOINED),
    "bybit": (r"(?P<base>\S+)PERP", _SETTLED, _JOINED),
    "dydx": (r"(?P<base>\S+)-(?P<quote>USD)",),
    "gate": (r"(?P<base>\S+)_(?P<quote>USDT|USD)",),
    "hyperliquid": (r"(?P<base>\S+)",),
    "kraken_futures": (r"(?:PF|PI|FF|FI)_(?P<base>\S+?)(?P<quote>USD)(?:_(?P<expiry>\d{6}))?",),
    "kucoin": (r"(?P<base>\S+)(?P<quote>USDT|USDC|USD)M",),
    "mexc": (r"(?P<base>\S+)_(?P<quote>USDT|USD)",),
    "okx": (r"(?P<base>\S+?)-(?P<quote>USDT|USDC|USD)(?:_UM)?-(?:SWAP|(?P<expiry>\d{6}))",),
    "phemex": (_SETTLED, _JOINED),
}
_PATTERNS = {venue: [re.compile(form) for form in forms] for venue, forms in _FORMS.items()}

COMMON_NAMES = {"XBT": "BTC"}
"""Other codes of the same coin, by the code used here."""

MULTIPLES = re.compile(r"(?:1000000|100000|10000|1000|100|1M|k)(?=[A-Z])(?P<coin>[A-Z0-9]+)")
"""A base that counts a multiple of the coin, as in `1000PEPE` or `kBONK`."""


def read_symbol(venue: str, symbol: str, settle: str) -> SymbolParts | None:
    """Return what a venue's native symbol says; null where the venue's symbols have no known form.

    A pair written without a separator is split before the currency it settles in, which tells BTC/USD1 from BTCUSD/1
    and BNB/USD from BN/BUSD. A symbol that names no quote currency is quoted in the one it settles in.
    """
    for pattern in _PATTERNS.get(venue, []):
        match = pattern.fullmatch(symbol)
        parts = match.groupdict() if match else {}
        pair = parts.get("pair")
        if pair is not None:
            base, quote = pair.removesuffix(settle), settle
            if base in ("", pair):
                continue
        elif match is not None:
            base, quote = parts["base"], parts.get("quote") or settle
        else:
            continue
        return SymbolParts(base=COMMON_NAMES.get(base, base), quote=quote, expiry=_expiry(parts.get("expiry")))
    return None


def unify(base: str, quote: str, settle: str | None, product: Product, expiry: date | None) -> str | None:
    """Return the symbol in the notation many bots share: `BTC/USDT`, `BTC/USDT:USDT`, `BTC/USDT:USDT-261225`.

    Null for products and undated futures that the notation does not cover.
    """
    match product:
        case Product.SPOT | Product.SPOT_MARGIN:
            return f"{base}/{quote}"
        case Product.PERPETUAL if settle:
            return f"{base}/{quote}:{settle}"
        case Product.FUTURE if settle and expiry:
            return f"{base}/{quote}:{settle}-{expiry:%y%m%d}"
        case _:
            return None


def multiple_note(base: str) -> str | None:
    """Return a sentence about a base that counts a multiple of a coin."""
    match = MULTIPLES.fullmatch(base)
    return f"The base counts a multiple of {match['coin']}, as the venue quotes it." if match else None


def _expiry(text: str | None) -> date | None:
    return datetime.strptime(text, "%y%m%d").date() if text else None  # noqa: DTZ007 - a date, no instant
