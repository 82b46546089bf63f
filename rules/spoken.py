"""What sentences call products."""

from __future__ import annotations

from data.facts.law_vocabulary import LawProduct
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
