"""From a calculator's inputs to a model and terms: explicit terms first, then the release's."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec
from msgspec import Struct

from data.facts.margin_models import MarginModel, RequirementModel, ValueBasis
from data.facts.venues import Fee, FeeExtra, Instrument, Ladder, LiquidationPolicy, MarginTier
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, NotionalBasis, Product, Side
from rules.calculators.contract_kind import kind_of
from rules.calculators.inputs import LegInput, TermsInput, TierInput
from rules.calculators.refusal import Problem
from rules.costs.fees import fee_at, liquidation_charge
from rules.knowledge import Knowledge
from rules.margin.position import LadderUnit, PositionTerms, SizeUnit, ladder_unit_of
from rules.spoken import spoken
from rules.terms.margin_modes import what_names
from rules.terms.near_facts import tiers_of_others, tightest_class
from rules.validation import unlisted

GENERIC = "generic"

GENERIC_USED = "no margin model is on file for this venue, product and kind of contract; the generic one is used"
NO_CONTRACT_SIZE = (
    "counts contracts, but the contract size is not known: give terms.contract_size, or (unless quanto) size in base"
)
OPTION_MARGIN = "what a venue asks for a written one is not on file, and a bought one costs its premium"
NOTHING_ON_FILE = "nothing about this venue is on file: only the terms given are used"
UNLISTED = "the release does not list this instrument; only the terms given are used"
EXTRAPOLATED = "the {what} is known from {day} on and is extrapolated to the day asked about"
LOW_CONFIDENCE = "the margin model rests on sources of low confidence"
SESSION = "the {session} margin is used, the tightest of the sessions"
TIERS_OF_OTHERS = "the margin tiers on file for this instrument are not those of clients in {residence}"
MODE_NOT_NAMED = "that the venue offers {mode} margin for this contract is not on file"
LADDER_ENDS = "the recorded ladder stops below the venue's last rung; the rate above it is not known"

_ZERO = Decimal(0)
_ONE = Decimal(1)


class Client(Struct, frozen=True, kw_only=True):
    """Who asks, as far as ladders and fees depend on it."""

    client_class: ClientClass | None = None
    residence: str | None = None
    volume_30d_usd: Decimal | None = None
    open_interest: Decimal | None = None


class Resolved(Struct, frozen=True, kw_only=True):
    """What a position is reckoned with, and where it comes from."""

    model: MarginModel
    terms: PositionTerms
    product: Product
    instrument: Instrument | None
    ladder: Ladder | None
    size_unit: SizeUnit
    stated_margin: bool
    """The request states the margin itself; the release's ladder, fees and tick are left aside."""
    notes: tuple[str, ...]
    sources: tuple[str, ...]


MARGIN_TERMS = (
    "maintenance_margin_rate",
    "maintenance_amount",
    "initial_margin_rate",
    "max_leverage",
    "base_rate",
    "adjustment_factor",
    "ladder",
)
"""Explicit terms that state the margin, be it in part: with one of them they describe the contract whole."""


def states_margin(terms: TermsInput | None) -> bool:
    """Say whether explicit terms state the margin, so that they describe the contract whole."""
    return terms is not None and any(getattr(terms, name) is not None for name in MARGIN_TERMS)


class _OnFile(Struct, frozen=True, kw_only=True):
    """What the release tells of a contract beside its listing and its model."""

    ladder: Ladder | None = None
    fee: Fee | None = None
    policy: LiquidationPolicy | None = None
    charge: FeeExtra | None = None
    """What is charged for a liquidation of the instrument, where the policy names no rate."""


def resolve(
    venue: str | None,
    leg: LegInput,
    knowledge: Knowledge,
    client: Client,
    problems: list[Problem],
    at: str = "",
) -> Resolved | None:
    """Return the model and terms of one position; null (and problems noted) when the request cannot be understood."""
    given = leg.terms
    before = len(problems)
    instrument = find_instrument(venue, leg.instrument, given, knowledge, problems, at)
    if instrument is not None and leg.product is not None and leg.product is not instrument.product:
        detail = f"{venue} lists {instrument.symbol} as {instrument.product}; give that, or leave product out"
        problems.append((f"{at}/product", detail))
    if len(problems) > before:
        return None
    product = instrument.product if instrument is not None else leg.product or Product.PERPETUAL
    notes = _of_the_listing(venue, leg, instrument, knowledge)
    contract_type = contract_type_of(
        venue, leg.instrument, instrument, given, product, leg.size_unit, knowledge, problems, notes, at
    )
    if len(problems) > before:
        return None
    model = model_for(venue, product, contract_type, leg.margin_mode, knowledge, notes)
    if model is None:
        problems.append((f"{at}/product", no_model_for(product, contract_type)))
        return None
    model = _on_stated_basis(model, given)
    if _leaves_mode_open(venue, leg, instrument, product, contract_type, client, knowledge):
        notes.append(MODE_NOT_NAMED.format(mode=leg.margin_mode))
    stated = states_margin(given)
    on_file = _OnFile()
    if venue is not None and not stated:
        on_file = _on_file(venue, leg, instrument, product, contract_type, knowledge, client, notes)
    notes.extend(_standing(model, on_file.ladder, knowledge))
    of_class = tightest_class(on_file.ladder, client.client_class)
    if of_class is not None:
        notes.append(of_class)
    terms = _terms(leg, given, instrument, on_file, contract_type, client)
    if instrument is None and leg.instrument is not None:
        terms = msgspec.structs.replace(terms, settle=settle_of_symbol(model, leg.instrument))
    if leg.settlement_price is not None and leg.settlement_price > 0:
        # The venue's own prices are restated as those of the request are: what it rounds to, and the most it prints.
        terms = msgspec.structs.replace(terms, tick_size=leg.settled(terms.tick_size))
        model = msgspec.structs.replace(model, highest_price=leg.settled(model.highest_price))
    return Resolved(
        model=model,
        terms=terms,
        product=product,
        instrument=instrument,
        ladder=on_file.ladder,
        size_unit=leg.size_unit or default_unit(contract_type, terms.contract_size),
        stated_margin=stated,
        notes=tuple(notes),
        sources=_sources(model, instrument, on_file, given),
    )


def _of_the_listing(venue: str | None, leg: LegInput, instrument: Instrument | None, knowledge: Knowledge) -> list[str]:
    """Return what is to be said where the release knows nothing of a venue, or does not list the instrument."""
    if venue is None:
        return []
    if not is_on_file(venue, knowledge):
        return [NOTHING_ON_FILE]
    return [UNLISTED] if instrument is None and leg.instrument is not None else []


def _leaves_mode_open(
    venue: str | None,
    leg: LegInput,
    instrument: Instrument | None,
    product: Product,
    kind: ContractType,
    client: Client,
    knowledge: Knowledge,
) -> bool:
    """Say whether no fact names the margin mode that a request states for a venue on file."""
    mode = leg.margin_mode
    if mode is None or venue is None or knowledge.venue(venue) is None:
        return False
    return what_names(mode, venue, product, kind, _symbol(leg, instrument), client.residence, knowledge) is None


def _on_stated_basis(model: MarginModel, given: TermsInput | None) -> MarginModel:
    """Return the model with margins on the price that the request states, where it states one."""
    if given is None or given.notional_basis is None or not isinstance(model, RequirementModel):
        return model
    basis = ValueBasis.ENTRY if given.notional_basis is NotionalBasis.ENTRY else ValueBasis.MARK
    return msgspec.structs.replace(model, initial_basis=basis, maintenance_basis=basis)


def _on_file(
    venue: str,
    leg: LegInput,
    instrument: Instrument | None,
    product: Product,
    contract_type: ContractType,
    knowledge: Knowledge,
    client: Client,
    notes: list[str],
) -> _OnFile:
    """Return the margin tiers, fees and liquidation policy on file; note where the tiers are those of other clients."""
    ladder = _ladder(venue, leg, instrument, knowledge, client)
    if ladder is None and _tiers_of_others(venue, leg, instrument, knowledge, client):
        notes.append(TIERS_OF_OTHERS.format(residence=client.residence))
    schedule = knowledge.fees(venue, product, contract_type, client.residence or "")
    policy = knowledge.liquidation(venue, product, leg.margin_mode, contract_type)
    named = policy.liquidation_fee if policy is not None else None
    extras = knowledge.fee_extras(venue, product)
    return _OnFile(
        ladder=ladder,
        fee=fee_at(schedule, client.volume_30d_usd),
        policy=policy,
        charge=liquidation_charge(extras, _symbol(leg, instrument)) if named is None else None,
    )


def _sources(
    model: MarginModel, instrument: Instrument | None, on_file: _OnFile, given: TermsInput | None
) -> tuple[str, ...]:
    """Return the sources of the facts read, each once; of the liquidation policy where something of it is read."""
    sources = [model.source, *model.also_sources]
    sources.extend(fact.source for fact in (on_file.ladder, instrument, on_file.fee) if fact is not None)
    policy, fee_stated = on_file.policy, given is not None and given.liquidation_fee_rate is not None
    if policy is not None and (policy.takes_over or (policy.liquidation_fee is not None and not fee_stated)):
        sources.append(policy.source)
    if on_file.charge is not None and not fee_stated:
        sources.append(on_file.charge.source)
    return tuple(dict.fromkeys(sources))


def _standing(model: MarginModel, ladder: Ladder | None, knowledge: Knowledge) -> Iterator[str]:
    """Yield what is to be said of the facts themselves: extrapolated, of low confidence, of one session, cut short."""
    facts = (("margin model", model), ("ladder", ladder))
    for what, fact in facts:
        if fact is not None and fact.extrapolated_on(knowledge.as_of):
            yield EXTRAPOLATED.format(what=what, day=fact.certain_from)
    if model.low_confidence:
        yield LOW_CONFIDENCE
    if ladder is not None and ladder.session is not None:
        yield SESSION.format(session=ladder.session)
    if ladder is not None and not ladder.complete:
        yield LADDER_ENDS


def find_instrument(
    venue: str | None,
    symbol: str | None,
    given: TermsInput | None,
    knowledge: Knowledge,
    problems: list[Problem],
    at: str = "",
    *,
    takes_terms: bool = True,
) -> Instrument | None:
    """Return the instrument a request names; note what is wrong with its venue, symbol or contract type."""
    if venue is None:
        return None
    if not is_on_file(venue, knowledge):
        if given is None:
            problems.append(("/venue", no_such_venue(venue, takes_terms=takes_terms)))
        return None
    if symbol is None or knowledge.venue(venue) is None:
        return None
    instrument = knowledge.instrument(venue, symbol)
    if instrument is None:
        if given is None:
            detail = f"{unlisted(venue, symbol, knowledge)}; name an instrument of /v1/instruments"
            problems.append((f"{at}/instrument", detail + _OR_TERMS * takes_terms))
        return None
    if given is not None and given.contract_type is not None and given.contract_type is not instrument.contract_type:
        detail = f"{venue} lists {symbol} as {instrument.contract_type}; give that, or leave contract_type out"
        problems.append((f"{at}/terms/contract_type", detail))
    return instrument


_OR_TERMS = ", or give terms"


def no_such_venue(venue: str, *, takes_terms: bool) -> str:
    """Return what is said of a venue of which nothing is on file, by whether the request has terms of its own."""
    return f"no venue with the id {venue[:64]!r} is known; name one of /v1/venues{_OR_TERMS * takes_terms}"


def is_on_file(venue: str, knowledge: Knowledge) -> bool:
    """Say whether anything about a venue is on file, be it no more than a margin model. The generic model is."""
    if venue == GENERIC or knowledge.venue(venue) is not None:
        return True
    return knowledge.margin_model(venue, Product.PERPETUAL, ContractType.LINEAR, None) is not None


def model_for(
    venue: str | None,
    product: Product,
    contract_type: ContractType,
    margin_mode: MarginMode | None,
    knowledge: Knowledge,
    notes: list[str],
) -> MarginModel | None:
    """Return the venue's margin model, else the generic one (and say so)."""
    model = None if venue is None else knowledge.margin_model(venue, product, contract_type, margin_mode)
    if model is None:
        model = knowledge.margin_model(GENERIC, product, contract_type, margin_mode)
        if venue is not None and venue != GENERIC:
            notes.append(GENERIC_USED)
    return model


def no_model_for(product: Product, contract_type: ContractType) -> str:
    """Return why no position in a product can be reckoned, where neither the venue nor the generic model covers it."""
    words = f"no margin model covers {spoken(product)} with {contract_type} contracts"
    return f"{words}: {OPTION_MARGIN}" if product is Product.OPTION else words


def settle_of_symbol(model: MarginModel, symbol: str) -> str | None:
    """Return what a contract that the facts do not list settles in, where the venue's spelling says so."""
    return next((one.settle for one in model.symbol_settles if symbol.endswith(one.ending)), None)


def contract_type_of(
    venue: str | None,
    symbol: str | None,
    instrument: Instrument | None,
    given: TermsInput | None,
    product: Product,
    unit: SizeUnit | None,
    knowledge: Knowledge,
    problems: list[Problem],
    notes: list[str],
    at: str = "",
) -> ContractType:
    """Return the kind of a contract: as stated, as listed, else as far as it may be assumed (and say so)."""
    if given is not None and given.contract_type is not None:
        return given.contract_type
    if instrument is not None:
        return instrument.contract_type
    return kind_of(venue, symbol, product, unit, knowledge, problems, notes, at)


def _symbol(leg: LegInput, instrument: Instrument | None) -> str | None:
    """Return the symbol of a contract: as listed, else as the request names it."""
    return leg.instrument if instrument is None else instrument.symbol


def _ladder(
    venue: str, leg: LegInput, instrument: Instrument | None, knowledge: Knowledge, client: Client
) -> Ladder | None:
    symbol = _symbol(leg, instrument)
    if symbol is None:
        return None
    return knowledge.ladder(
        venue,
        symbol,
        client_class=client.client_class,
        residence=client.residence or "",
        side=leg.side or Side.LONG,
    )


def _tiers_of_others(
    venue: str, leg: LegInput, instrument: Instrument | None, knowledge: Knowledge, client: Client
) -> bool:
    return instrument is not None and tiers_of_others(
        knowledge,
        venue,
        instrument.symbol,
        client_class=client.client_class,
        residence=client.residence or "",
        side=leg.side or Side.LONG,
    )


def default_unit(contract_type: ContractType, contract_size: Decimal | None) -> SizeUnit:
    """Return what a size counts when nothing says so."""
    if contract_size is not None or contract_type is ContractType.QUANTO:
        return SizeUnit.CONTRACTS
    return SizeUnit.QUOTE if contract_type is ContractType.INVERSE else SizeUnit.BASE


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)


def _terms(
    leg: LegInput,
    given: TermsInput | None,
    instrument: Instrument | None,
    on_file: _OnFile,
    contract_type: ContractType,
    client: Client,
) -> PositionTerms:
    stated = states_margin(given)
    ladder, fee, policy, charge = on_file.ladder, on_file.fee, on_file.policy, on_file.charge
    asked = given if given is not None else TermsInput()
    tiers: tuple[MarginTier, ...] = ladder.tiers if ladder is not None else ()
    unit = ladder_unit_of(ladder, instrument) if ladder is not None else LadderUnit.VALUE
    if asked.ladder is not None:
        tiers, unit = tuple(_tier(rung, number) for number, rung in enumerate(asked.ladder, 1)), asked.ladder_unit
    return PositionTerms(
        contract_type=contract_type,
        symbol=_symbol(leg, instrument),
        base=instrument.base if instrument is not None else None,
        settle=instrument.settles_in if instrument is not None else None,
        contract_size=_first(asked.contract_size, instrument.contract_size if instrument is not None else None),
        tiers=tiers,
        ladder_unit=unit,
        maintenance_margin_rate=asked.maintenance_margin_rate,
        maintenance_amount=asked.maintenance_amount,
        initial_margin_rate=asked.initial_margin_rate,
        max_leverage=asked.max_leverage,
        taker_fee_rate=_first(asked.taker_fee_rate, asked.fee_rate, fee.taker if fee is not None else None),
        maker_fee_rate=_first(asked.maker_fee_rate, fee.maker if fee is not None else None),
        funding_rate=_ZERO if _pays_no_funding(leg, instrument) else asked.funding_rate,
        liquidation_fee_rate=_first(
            asked.liquidation_fee_rate,
            policy.liquidation_fee if policy is not None else None,
            charge.rate if charge is not None else None,
        ),
        tick_size=_first(asked.tick_size, instrument.tick_size if instrument is not None and not stated else None),
        base_rate=asked.base_rate,
        maintenance_base_rate=asked.maintenance_base_rate,
        rate_per_coin=asked.rate_per_coin,
        adjustment_factor=asked.adjustment_factor,
        open_interest=client.open_interest,
        takeover_at_bankruptcy=policy is not None and policy.takes_over,
    )


def _pays_no_funding(leg: LegInput, instrument: Instrument | None) -> bool:
    product = leg.product if instrument is None else instrument.product
    return product is not None and product is not Product.PERPETUAL


def _tier(rung: TierInput, number: int) -> MarginTier:
    highest = rung.max_leverage
    if highest is None:
        highest = _ONE / (rung.initial_margin_rate or rung.maintenance_margin_rate or _ONE)
    return MarginTier(
        tier=rung.tier if rung.tier is not None else number,
        floor=rung.floor,
        cap=rung.cap,
        initial_margin_rate=rung.initial_margin_rate,
        maintenance_margin_rate=rung.maintenance_margin_rate,
        maintenance_amount=rung.maintenance_amount,
        max_leverage=highest,
    )
