"""The ids that `conditions_met` names: what a caller can vouch for or, with `denial_of` before them, deny.

An id that a row of facts states (a question of law, a condition of terms or of a leverage cap) stands in the row.
"""

from __future__ import annotations

import re

from data.facts.law import LawProduct, LawRule, RegistrationCategory, UnderlyingKind
from data.facts.venues import SERVICE_IN_DOUBT as SERVICE_IN_DOUBT
from data.facts.vocabulary import ClientClass, Product

# What a contract's dates leave open.


def still_trades_id(venue: str, symbol: str) -> str:
    """Return what says that a contract has not settled yet on the day on which it expires."""
    return f"{venue}_{_NOT_OF_AN_ID.sub('_', symbol)}_still_trades"


_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9_.-]")

# What a venue's terms leave open.


def listing_id(venue: str, product: Product) -> str:
    """Return what vouches that a venue offers a product that no facts show."""
    return f"{venue}_offers_{product}"


def offer_id(venue: str, product: Product, client_class: ClientClass | None, place: str) -> str:
    """Return what vouches that a venue takes such clients, where no terms on file say so."""
    who = f"{client_class}_clients" if client_class is not None else "clients"
    return f"{venue}_offers_{product}_to_{who}_in_{place}"


def route_id(venue: str, firm: str) -> str:
    """Return what vouches that a firm carries the client's orders to a venue."""
    return f"{venue}_through_{firm}"


def takes_id(venue: str, client_class: ClientClass | None, place: str) -> str:
    """Return what vouches that the terms of a wider place hold for a class of `place` too."""
    return f"{venue}_takes_{client_class}_clients_in_{place}"


def nationals_id(venue: str, nationality: str) -> str:
    """Return what vouches that a venue takes nationals of a refused country who live abroad."""
    return f"{venue}_takes_nationals_of_{nationality}"


def stays_id(venue: str, place: str) -> str:
    """Return what vouches that a venue takes clients who stay in a place it does not name."""
    return f"{venue}_takes_clients_who_stay_in_{place}"


# What a rule of law leaves open.


def met_id(law: LawRule) -> str:
    """Return what vouches for what a rule requires."""
    return f"{law.id}_met"


def safeguards_id(law: LawRule) -> str:
    """Return what vouches for what a cap on leverage asks for beside its number."""
    return f"{law.id}_safeguards"


def in_force_id(law: LawRule) -> str:
    """Return what says that a rule whose first day is not on file had begun on the day."""
    return f"{law.id}_in_force"


def permission_id(residence: str, product: LawProduct, venue: str, on: str | None) -> str:
    """Return what vouches that the law of a place permits a product at a venue, `on` an underlying that is no coin:
    what is said of coins says nothing of shares.
    """
    what = product if on is None else f"{product}_on_{on}"
    return f"law_of_{residence}_permits_{what}_at_{venue}"


def kind_id(base: str, kind: UnderlyingKind) -> str:
    """Return what says of which kind an underlying is that no facts name."""
    return f"{_NOT_OF_AN_ID.sub('_', base)}_is_{kind}"


def other_company_id(venue: str, residence: str) -> str:
    """Return what says that clients of a place are not served from the venue's seat."""
    return f"{venue}_serves_{residence}_by_another_company"


def listed_id(category: RegistrationCategory) -> str:
    """Return what says that a market of a category lists the contract."""
    return f"{category.jurisdiction.lower()}_contract_listed_by_{category.id.lower()}"


def holding_id(venue: str, category: str) -> str:
    """Return what says which category a venue holds of those the caller vouches for."""
    return f"{venue}_holds_{category.lower()}"


def turning_id(venue: str, residence: str) -> str:
    """Return what `conditions_met` names to say that a venue turns to the residents of a place."""
    return f"{venue}_turns_to_{residence}"


IS_COMMODITY = "us_underlying_is_a_commodity"
"""What says that an underlying which no rule classifies is a commodity and no security under United States law."""
