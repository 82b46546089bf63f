"""What a predicate sees: one client and product before one venue, on one day."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct, structs

from data.facts.law import AssetClass, UnderlyingKind
from rules.condition_ids import kind_id
from rules.law.inputs import LawInput
from rules.law.places import Place
from rules.law.standing import Standing


class Assets(Struct, frozen=True, kw_only=True, eq=False):
    """What underlyings are on one day. One that is not here is of unknown kind or class."""

    kinds: Mapping[str, UnderlyingKind]
    classes: Mapping[str, AssetClass]
    """Classes under United States law, from the rules that classify."""
    told: str | None = None
    """The underlying whose kind the caller says, for no facts do."""

    def kind_of(self, base: str | None) -> UnderlyingKind | None:
        """Return what an underlying is in the market; null when not known."""
        return self.kinds.get(base) if base is not None else None

    def class_of(self, base: str | None) -> AssetClass | None:
        """Return the class of an underlying; null when no rule in force classifies it. A share is a security."""
        if base is None:
            return None
        if self.kinds.get(base) is UnderlyingKind.EQUITY:
            return AssetClass.SECURITY
        return self.classes.get(base)

    def is_coin(self, base: str | None) -> bool:
        """Say whether an underlying is known to be a coin, a stablecoin or an index of coins."""
        return self.kind_of(base) in _COINS

    def apart_from_coins(self, base: str | None) -> str | None:
        """Return what a permission of law must name because it is no coin: its kind, else the underlying itself."""
        kind = self.kind_of(base)
        if kind is None:
            return base
        return None if kind in _COINS else kind.value

    def as_told(self, base: str, said: Collection[str]) -> Assets:
        """Return these with an underlying of unknown kind as the caller names it; of two kinds named neither counts."""
        named = [kind for kind in UnderlyingKind if kind_id(base, kind) in said]
        if base in self.kinds or len(named) != 1:
            return self
        return structs.replace(self, kinds={**self.kinds, base: named[0]}, told=base)


_COINS = frozenset({UnderlyingKind.CRYPTO, UnderlyingKind.CRYPTO_INDEX, UnderlyingKind.STABLECOIN})


class View(Struct, frozen=True, kw_only=True, eq=False):
    """One client and product before one venue, on one day."""

    asked: LawInput
    residence: Place
    location: Place
    nationality: Place | None
    standing: Standing
    affiliates: tuple[Standing, ...]
    """Other venues on file of the same parent."""
    firms: Mapping[str, Mapping[str, bool]]
    """Categories that firms which are no venues hold, by firm, and whether that is certain."""
    firm_names: Mapping[str, str]
    standings: Mapping[str, Standing]
    """Every venue's standing: an intermediary may be a venue too."""
    assets: Assets

    def firm_name(self, firm: str) -> str:
        """Return the name of a firm or venue that carries orders; its id where neither is on file."""
        standing = self.standings.get(firm)
        return self.firm_names.get(firm, firm) if standing is None else standing.name
