"""What sentences call products, and how they list what is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from data.facts.law_vocabulary import LawProduct, UnderlyingKind
from data.facts.vocabulary import Product

_SPOKEN: dict[str, str] = {
    Product.SPOT: "spot",
    Product.SPOT_MARGIN: "spot margin",
    Product.PERPETUAL: "perpetuals",
    Product.FUTURE: "futures",
    Product.OPTION: "options",
    Product.CFD: "CFDs",
    Product.LEVERAGED_TOKEN: "leveraged tokens",
    Product.PREDICTION: "prediction contracts",
    LawProduct.ETN: "exchange-traded notes",
}


def spoken(product: str) -> str:
    """Return a product, as venues or as laws name it, as a sentence does: in the plural where it has one."""
    return _SPOKEN[product]


_KINDS: dict[str, str] = {
    UnderlyingKind.CRYPTO: "coins",
    UnderlyingKind.CRYPTO_INDEX: "indices of coins",
    UnderlyingKind.STABLECOIN: "stablecoins",
    UnderlyingKind.FIAT: "currencies",
    UnderlyingKind.METAL: "metals",
    UnderlyingKind.ENERGY: "energy",
    UnderlyingKind.EQUITY: "shares",
    UnderlyingKind.INDEX: "indices",
}


def spoken_kind(kind: UnderlyingKind) -> str:
    """Return a kind of underlying, as a sentence names what is of it."""
    return _KINDS[kind]


def any_of(names: Iterable[str]) -> str:
    """Return names of which one suffices, as a sentence asks for them."""
    listed = tuple(names)
    return listed[0] if len(listed) == 1 else f"any of {', '.join(listed)}"
