"""Predicates about what is traded and how the order is placed."""

from __future__ import annotations

from data.facts.law import AccessMode, AssetClass, LawProduct, UnderlyingKind
from data.facts.vocabulary import VenueKind
from rules.condition_ids import IS_COMMODITY, kind_id
from rules.law.observation import Observation
from rules.law.truth import Truth, agrees, negated, truth_of
from rules.law.view import View
from rules.trade import denial_of

PAYMENT_STABLECOIN = "PAYMENT_STABLECOIN"
_WHICH_UNDERLYING = "Which underlying does the instrument have?"
_WHICH_QUOTE = "Which currency is the pair quoted in?"
_COMMODITY = "Is {} a commodity, and no security or narrow-based security index?"


def on_underlying(bases: tuple[str, ...], view: View) -> Truth:
    """Say whether the underlying is one of these."""
    base = view.asked.base
    return Truth.UNKNOWN if base is None else truth_of(base in bases)


def not_on_underlying(bases: tuple[str, ...], view: View) -> Truth:
    """Say whether the underlying is none of these."""
    return negated(on_underlying(bases, view))


def see_underlying(bases: tuple[str, ...], view: View) -> Observation:
    """Describe the underlying."""
    base = view.asked.base
    says = f"the underlying is {base}" if base else "the underlying is not known"
    return Observation(says, observed=base, limit=", ".join(bases), field="instrument", ask=_WHICH_UNDERLYING)


def deals_in(coins: tuple[str, ...], view: View) -> Truth:
    """Say whether the trade deals in one of these coins, as its underlying or as the quote currency that is stated.

    A quote currency that is not stated is taken for none of them: this is for coins in which hardly anything is quoted.
    """
    return Truth.YES if view.asked.quote in coins else on_underlying(coins, view)


def see_dealt_in(coins: tuple[str, ...], view: View) -> Observation:
    """Describe the side of the pair that is one of these coins, else the underlying."""
    return see_quote(coins, view) if view.asked.quote in coins else see_underlying(coins, view)


def _kind_in_words(kind: UnderlyingKind) -> str:
    return "an index of coins" if kind is UnderlyingKind.CRYPTO_INDEX else kind.value


def of_kind(kinds: tuple[UnderlyingKind, ...], view: View) -> Truth:
    """Say whether the underlying is of one of these kinds; an index of coins is crypto."""
    kind = view.assets.kind_of(view.asked.base)
    if kind is UnderlyingKind.CRYPTO_INDEX and UnderlyingKind.CRYPTO in kinds:
        return Truth.YES
    return Truth.UNKNOWN if kind is None else truth_of(kind in kinds)


def see_kind(kinds: tuple[UnderlyingKind, ...], view: View) -> Observation:
    """Describe the underlying's kind."""
    kind = view.assets.kind_of(view.asked.base)
    limit = ", ".join(one.value for one in kinds)
    if kind is None:
        if view.asked.base is None:
            return Observation("the underlying is not known", limit=limit, field="instrument", ask=_WHICH_UNDERLYING)
        says = f"what {view.asked.base} is, is not known"
        left = _kinds_left(view.asked.base, view)
        if not left:
            return Observation(says, limit=limit, ask=f"What is {view.asked.base}?")
        named = " or ".join(map(_kind_in_words, left))
        ask = f"What is {view.asked.base}: {named}? One of these says it: {', '.join(left.values())}."
        first = next(one for one in (*kinds, *left) if one in left)
        return Observation(says, limit=limit, ask=ask, condition=left[first])
    says = f"{view.asked.base} is {_kind_in_words(kind)}"
    told = f"the caller says that {says}" if view.assets.told == view.asked.base else says
    return Observation(told, observed=kind.value, limit=limit)


def _kinds_left(base: str, view: View) -> dict[UnderlyingKind, str]:
    """Return the kinds that the caller does not deny of an underlying, and the ids that say so."""
    ids = {one: kind_id(base, one) for one in UnderlyingKind}
    return {one: said for one, said in ids.items() if denial_of(said) not in view.asked.conditions_met}


def is_asset_class(wanted: AssetClass, view: View) -> Truth:
    """Say whether the underlying is classified so: by a rule in force, else by what the caller says of it."""
    found = view.assets.class_of(view.asked.base)
    if found is not None:
        return truth_of(found is wanted)
    said = commodity_by_caller(view)
    return said if wanted is AssetClass.COMMODITY else negated(said)


def commodity_by_caller(view: View) -> Truth:
    """Say whether the caller says that the underlying is a commodity and no security."""
    if IS_COMMODITY in view.asked.conditions_met:
        return Truth.YES
    return Truth.NO if denial_of(IS_COMMODITY) in view.asked.conditions_met else Truth.UNKNOWN


def is_not_asset_class(unwanted: AssetClass, view: View) -> Truth:
    """Say whether nothing classifies the underlying so.

    The unclassified passes, whatever the caller says of it, for this guards prohibitions: what is no commodity is a
    security, and refused elsewhere.
    """
    return truth_of(view.assets.class_of(view.asked.base) is not unwanted)


def see_asset_class(wanted: AssetClass, view: View) -> Observation:
    """Describe the underlying's class."""
    found = view.assets.class_of(view.asked.base)
    name = view.asked.base or "the underlying"
    if found is None and (said := commodity_by_caller(view)) is not Truth.UNKNOWN:
        is_one = "a commodity" if said is Truth.YES else "no commodity"
        return Observation(f"the caller says that {name} is {is_one}", limit=wanted.value)
    if found is None:
        says = f"no rule in force classifies {name} as commodity or security"
        return Observation(says, limit=wanted.value, ask=_COMMODITY.format(name), condition=IS_COMMODITY)
    return Observation(f"{name} is treated as a {found.value}", observed=found.value, limit=wanted.value)


def quoted_in(currencies: tuple[str, ...], view: View) -> Truth:
    """Say whether the price is in one of these currencies."""
    quote = view.asked.quote
    return Truth.UNKNOWN if quote is None else truth_of(quote in currencies)


def not_quoted_in(currencies: tuple[str, ...], view: View) -> Truth:
    """Say whether the price is in none of these currencies."""
    return negated(quoted_in(currencies, view))


def see_quote(currencies: tuple[str, ...], view: View) -> Observation:
    """Describe the quote currency."""
    quote = view.asked.quote
    says = f"the quote currency is {quote}" if quote else "the quote currency is not known"
    return Observation(says, observed=quote, limit=", ".join(currencies), field="instrument", ask=_WHICH_QUOTE)


def with_collateral(assets: tuple[str, ...], view: View) -> Truth:
    """Say whether the collateral, taken to be what the contract settles in, is one of these."""
    settle = view.asked.settle
    if settle is None:
        return Truth.UNKNOWN
    stable = view.assets.kind_of(settle) is UnderlyingKind.STABLECOIN
    return truth_of(settle in assets or (stable and PAYMENT_STABLECOIN in assets))


def see_collateral(assets: tuple[str, ...], view: View) -> Observation:
    """Describe the collateral."""
    settle = view.asked.settle
    says = f"the contract settles in {settle}" if settle else "what backs the order is not known"
    return Observation(says, observed=settle, limit=", ".join(assets))


_DATED = (LawProduct.FUTURE, LawProduct.OPTION)


def expiry_is(wanted: bool, view: View) -> Truth:
    """Compare whether the contract has an expiry; a perpetual has one only when its instrument says so."""
    asked = view.asked
    return agrees(truth_of(asked.product in _DATED or asked.expiry is not None), wanted)


def see_expiry(view: View) -> Observation:
    """Describe the contract's expiry."""
    has = expiry_is(True, view) is Truth.YES
    return Observation(f"the contract has {'an' if has else 'no'} expiry")


_FINANCED = (LawProduct.SPOT_MARGIN, LawProduct.LEVERAGED_TOKEN)


def financed_is(wanted: bool, view: View) -> Truth:
    """Compare whether the purchase is margined, leveraged or financed: what the product is by its nature."""
    return agrees(truth_of(view.asked.product in _FINANCED), wanted)


def see_financed(view: View) -> Observation:
    """Describe whether the purchase is financed."""
    return Observation(f"the product is {view.asked.product.value}", observed=view.asked.product.value)


def reached_by(mode: AccessMode, view: View) -> Truth:
    """Say whether the order reaches the venue in this way.

    Without an intermediary an order goes straight to the venue, unless the venue is itself a broker. Whether it
    passes through a web interface is not known, nor what a name is that is neither a firm nor a venue on file.
    """
    if _is_nobody_on_file(view):
        return Truth.UNKNOWN
    through_firm = view.asked.intermediary is not None or view.standing.kind is VenueKind.BROKER
    if mode is AccessMode.INTERFACE:
        return Truth.NO if through_firm else Truth.UNKNOWN
    return truth_of(through_firm is (mode is AccessMode.INTERMEDIATED))


def _is_nobody_on_file(view: View) -> bool:
    firm = view.asked.intermediary
    return firm is not None and firm not in view.firms and firm not in view.standings


def see_access(mode: AccessMode, view: View) -> Observation:
    """Describe how the order reaches the venue."""
    if _is_nobody_on_file(view):
        firm = view.asked.intermediary
        says = f"{firm} is neither a firm nor a venue on file, so how the order reaches {view.standing.name} is open"
        return Observation(says, observed=firm, limit=mode.value, field="intermediary")
    if mode is AccessMode.INTERFACE and reached_by(mode, view) is Truth.UNKNOWN:
        return Observation("whether the order goes through the web interface is not known", limit=mode.value)
    firm = view.asked.intermediary
    if firm is not None:
        return Observation(f"the order is carried by {firm}", observed=firm, limit=mode.value, field="intermediary")
    if view.standing.kind is VenueKind.BROKER:
        return Observation(f"{view.standing.name} is a broker and carries the order", observed=view.standing.id)
    return Observation(f"the order goes straight to {view.standing.name}", observed="direct", field="intermediary")


def carried_by(firms: tuple[str, ...], view: View) -> Truth:
    """Say whether one of these firms carries the order.

    Without a named firm the order goes straight to the venue; only a firm of the venue's own group may carry it unseen.
    """
    firm = view.asked.intermediary
    if firm is not None:
        return truth_of(firm in firms)
    if view.standing.id in firms:
        return Truth.YES
    return Truth.UNKNOWN if any(one.id in firms for one in view.affiliates) else Truth.NO


def see_carrier(firms: tuple[str, ...], view: View) -> Observation:
    """Describe the firm that carries the order."""
    firm = view.asked.intermediary
    says = f"the order is carried by {firm}" if firm else "the firm that carries the order is not given"
    return Observation(says, observed=firm, limit=", ".join(firms), field="intermediary")


def hedging_is(wanted: bool, view: View) -> Truth:
    """Compare whether the trade is meant as a hedge."""
    return truth_of(view.asked.hedging is wanted)


def see_hedging(view: View) -> Observation:
    """Describe the intent."""
    return Observation(f"the trade is {'a hedge' if view.asked.hedging else 'speculative'}", field="intent")


def reduce_only_is(wanted: bool, view: View) -> Truth:
    """Compare whether the order may only reduce a position."""
    return truth_of(view.asked.reduce_only is wanted)


def see_reduce_only(view: View) -> Observation:
    """Describe whether the order only reduces."""
    says = "the order only reduces a position" if view.asked.reduce_only else "the order may open a position"
    return Observation(says, field="reduce_only")
