"""What a predicate sees: one client and product before one venue, on one day."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from data.facts.law import AssetClass, UnderlyingKind
from rules.law.inputs import LawInput
from rules.law.places import Place
from rules.law.standing import Standing


class Assets(Struct, frozen=True, kw_only=True, eq=False):
    """What underlyings are on one day. One that is not here is of unknown kind or class."""

    kinds: Mapping[str, UnderlyingKind]
    classes: Mapping[str, AssetClass]
    """Classes under United States law, from the rules that classify."""

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
