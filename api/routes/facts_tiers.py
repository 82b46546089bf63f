"""What is special about the list of margin tiers: the rung that holds a notional, and the view that bots read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext

import msgspec

from api.caching import Answer, answer_headers, etag_of
from api.openapi.promises import Parameter
from api.problems import NOT_ACCEPTABLE, ProblemError
from api.queries import Query
from api.reading import Reading
from api.representations.negotiation import JSON
from api.routes.facts_listing import Asked, Narrowed, chosen_in
from data.facts.amounts import ARITHMETIC, parse_amount
from data.facts.venues import Instrument, Ladder, MarginTier
from data.facts.vocabulary import ClientClass, ContractType
from data.ladders import tightest
from data.releases import ReleaseStore
from rules.figures.sizes import in_ladder_unit, size_in_units
from rules.margin.ladder import rung_at

MAX_NOTES = 20

_AMOUNT = {"type": "string", "format": "decimal", "pattern": r"^[0-9]{1,20}(\.[0-9]{1,18})?$"}

PARAMETERS = (
    Parameter(
        name="notional",
        description="Only the tier that holds this size, in quote currency. It is converted into the ladder's own unit "
        "(contracts, base coins) with the contract's size and `price`; where that is not possible, a note says so.",
        schema=_AMOUNT,
        example="1000000",
    ),
    Parameter(
        name="price",
        description="Price in quote currency per coin, to convert `notional` with. It is used for every instrument of "
        "the answer: name one with `instrument`.",
        schema=_AMOUNT,
    ),
    Parameter(
        name="view",
        description="`ccxt` gives unified leverage tiers in the shape of ccxt's `fetchLeverageTiers`, in JSON numbers, "
        "for one `venue`, every instrument at once. Sizes that the venue counts in contracts, which ccxt hands through "
        "(of OKX), are turned into what a contract counts where its size is on file: `currency` says which.",
        schema={"type": "string", "enum": ["tiers", "ccxt"], "default": "tiers"},
    ),
)


async def narrow_tiers(
    query: Query, reading: Reading, parameters: Mapping[str, object], releases: ReleaseStore
) -> Narrowed:
    """Return the rungs that hold `notional`, and what to say about ladders where that cannot be told."""
    del releases
    view = query.choice("view", {"tiers": "tiers", "ccxt": "ccxt"}, "tiers")
    notional = query.parsed("notional", _positive)
    price = query.parsed("price", _positive)
    if price is not None and notional is None:
        query.refuse("price", "Converts `notional`, which is missing")
    if view == "ccxt":
        if len(chosen_in(parameters, "venue") or ()) != 1:
            query.refuse("venue", "The ccxt view is of exactly one venue")
        if notional is not None:
            query.refuse("notional", "The ccxt view has whole ladders")
        if query.one("cursor") is not None or query.one("limit") is not None:
            query.refuse("limit", "The ccxt view has no pages")
        return Narrowed(carried=view)
    if notional is None:
        return Narrowed()
    return await asyncio.to_thread(_rungs_that_hold, reading, parameters, notional, price)


def _rungs_that_hold(
    reading: Reading, parameters: Mapping[str, object], notional: Decimal, price: Decimal | None
) -> Narrowed:
    positions: list[int] = []
    notes: list[str] = []
    with localcontext(ARITHMETIC):
        for start, ladder in _ladders(reading, parameters):
            rung, note = _rung(reading, ladder, notional, price)
            if rung is not None:
                positions.append(start + ladder.tiers.index(rung))
            else:
                notes.append(note)
    return Narrowed(parameters={"positions": positions}, notes=_at_most(notes))


async def ccxt_view(asked: Asked) -> Answer | None:
    """Return ccxt's leverage tiers of one venue, by unified symbol; null when the list of tiers is asked for.

    Ladders that differ by client class, session or side are narrowed with those filters; of several that remain, the
    tightest is given. Sizes in contracts are given in the coin or currency that a contract counts.
    """
    if asked.carried != "ccxt":
        return None
    if asked.chosen is not JSON:
        raise ProblemError(NOT_ACCEPTABLE, "The ccxt view comes as application/json.")
    return await asyncio.to_thread(_as_ccxt, asked)


def _as_ccxt(asked: Asked) -> Answer:
    reading = asked.reading
    by_instrument: dict[str, list[Ladder]] = {}
    for _, ladder in _ladders(reading, asked.parameters):
        if ladder.usable and ladder.instrument != "*":
            by_instrument.setdefault(ladder.instrument, []).append(ladder)
    knowledge = reading.release.facts.on(reading.as_of)
    view: dict[str, object] = {}
    with localcontext(ARITHMETIC):
        for symbol, ladders in by_instrument.items():
            general = [one for one in ladders if one.schedule is None] or ladders
            ladder = tightest(general)
            instrument = knowledge.instrument(ladder.venue, symbol)
            name = instrument.unified if instrument is not None and instrument.unified else symbol
            view[name] = [_ccxt_tier(name, ladder, tier, instrument) for tier in ladder.tiers]
    body = msgspec.json.Encoder(decimal_format="number", enc_hook=_as_number).encode(view)
    headers = answer_headers(reading.release.id, reading.as_of, pinned=reading.pinned, dated=reading.dated)
    return Answer(body, JSON.content_type, etag_of(reading.release.id, body), headers)


def _ccxt_tier(name: str, ladder: Ladder, tier: MarginTier, instrument: Instrument | None) -> dict[str, object]:
    size, currency = Decimal(1), ladder.unit
    if ladder.unit == "contracts" and instrument is not None and instrument.contract_size is not None:
        size, currency = instrument.contract_size, instrument.contract_size_unit or ladder.unit
    return {
        "tier": tier.tier,
        "symbol": name,
        "currency": currency,
        "minNotional": _number(tier.floor * size),
        "maxNotional": None if tier.cap is None else _number(tier.cap * size),
        "maintenanceMarginRate": tier.maintenance_margin_rate,
        "maxLeverage": tier.max_leverage,
        "info": {
            "venue": ladder.venue,
            "instrument": ladder.instrument,
            "unit": ladder.unit,
            "maintenance_amount": tier.maintenance_amount,
            "initial_margin_rate": tier.initial_margin_rate,
            "valid_from": ladder.valid_from,
            "valid_to": ladder.valid_to,
            "certain_from": ladder.certain_from,
            "source": ladder.source,
        },
    }


def _ladders(reading: Reading, parameters: Mapping[str, object]) -> Iterator[tuple[int, Ladder]]:
    """Yield the ladders that hold on the day and pass the filters, each with the position of its first rung."""
    knowledge = reading.release.facts.on(reading.as_of)
    for start, ladder in reading.release.facts.placed_ladders(chosen_in(parameters, "venue")):
        if not knowledge.holds(ladder):
            continue
        if not _among(parameters["product"], ladder.product) or not _among(parameters["settle"], ladder.settle):
            continue
        if not _among(parameters["contract_type"], ladder.contract_type):
            continue
        instrument = knowledge.instrument(ladder.venue, ladder.instrument)
        unified = instrument.unified if instrument is not None else None
        if not _among(parameters["instrument"], ladder.instrument, unified):
            continue
        if not _among(parameters["base"], instrument.base if instrument is not None else None):
            continue
        if not (_among(parameters["client_class"], ladder.client_class) or ladder.client_class is ClientClass.ANY):
            continue
        if all(
            getattr(ladder, name) is None or _among(parameters[name], getattr(ladder, name))
            for name in ("schedule", "session", "side")
        ):
            yield start, ladder


def _rung(reading: Reading, ladder: Ladder, notional: Decimal, price: Decimal | None) -> tuple[MarginTier | None, str]:
    instrument = reading.release.facts.on(reading.as_of).instrument(ladder.venue, ladder.instrument)
    counted = in_ladder_unit(size_in_units(notional, None, price, instrument), ladder, instrument)
    name = f"{ladder.venue} {ladder.instrument}"
    if counted is None:
        missing = []
        if ladder.unit == "contracts" and (instrument is None or instrument.contract_size is None):
            missing.append("the size of a contract is not on file")
        counts_quote = ladder.unit == "contracts" and ladder.contract_type is ContractType.INVERSE
        if price is None and not counts_quote:
            missing.append("no price was given")
        return None, f"{name}: tiers count {ladder.unit}, and the notional cannot be converted: {', '.join(missing)}."
    rung = rung_at(ladder.tiers, counted)
    if rung is None:
        beyond = "beyond the last tier on file" if not ladder.complete else "beyond the last tier"
        return None, f"{name}: the size is {beyond}."
    return rung, ""


def _among(wanted: object, *values: str | None) -> bool:
    return wanted is None or (isinstance(wanted, list) and any(value in wanted for value in values))


def _at_most(notes: list[str]) -> tuple[str, ...]:
    if len(notes) <= MAX_NOTES:
        return tuple(notes)
    return (*notes[:MAX_NOTES], f"… and {len(notes) - MAX_NOTES} more ladders without an answer.")


def _positive(text: str) -> Decimal:
    value = parse_amount(text)
    if value <= 0:
        raise ValueError("must be greater than zero")
    return value


def _number(value: Decimal) -> Decimal:
    """Return an equal number that is written without an exponent."""
    return Decimal(format(value.normalize(), "f"))


def _as_number(value: object) -> object:
    if isinstance(value, Decimal):
        return Decimal(value)
    raise NotImplementedError(type(value))
