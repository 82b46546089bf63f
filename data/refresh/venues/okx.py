"""OKX: `/api/v5/public/instruments` (swaps, futures) and `/api/v5/public/position-tiers` of swaps, isolated mode.

Sizes are in contracts; one contract is `ctVal` x `ctMult` of `ctValCcy`. The lower bound of a tier is the first size
after the cap below it, so the cap is what is kept.
Shapes: https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments and …-get-position-tiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, check_brackets, instrument, ladder
from data.refresh.candidates import Candidate, Family, day_of
from data.refresh.decoding import Blank, Quoted
from data.refresh.envelope import listed_in
from data.refresh.errors import ShapeError
from data.refresh.reading import Reader, Reading

INSTRUMENTS = "/api/v5/public/instruments"
TIERS = "/api/v5/public/position-tiers"
FAMILIES_PER_REQUEST = 5
_SUCCESS = "0"

_TYPES = {"SWAP": Product.PERPETUAL, "FUTURES": Product.FUTURE}
_CONTRACT_TYPES = {"linear": ContractType.LINEAR, "inverse": ContractType.INVERSE}


class _Contract(Struct, frozen=True, rename="camel"):
    inst_id: str
    inst_family: str
    settle_ccy: str
    ct_type: str
    ct_val: Quoted
    ct_mult: Quoted
    ct_val_ccy: str
    tick_sz: Quoted
    min_sz: Quoted
    exp_time: Blank
    state: str


class _Tier(Struct, frozen=True, rename="camel"):
    inst_family: str
    tier: str
    min_sz: Quoted
    max_sz: Quoted
    mmr: Quoted
    imr: Quoted
    max_lever: Quoted


def _instrument(reading: Reading, one: _Contract, product: Product) -> Instrument:
    contract_type = _CONTRACT_TYPES.get(one.ct_type)
    base, dash, quote = one.inst_family.partition("-")
    if contract_type is None or not dash:
        raise ShapeError(
            f"{one.inst_id}: contract type {one.ct_type!r} of family {one.inst_family!r} is new",
            reading.url(INSTRUMENTS),
        )
    return instrument(
        reading.venue,
        one.inst_id,
        product,
        base=base,
        quote=quote.partition("_")[0],
        settle=one.settle_ccy,
        contract_type=contract_type,
        contract_size=one.ct_val * one.ct_mult,
        contract_size_unit=one.ct_val_ccy,
        tick_size=one.tick_sz,
        min_size=one.min_sz,
        expiry=day_of(int(one.exp_time.value)) if one.exp_time.value and product is Product.FUTURE else None,
    )


def _ladder(reading: Reading, one: Instrument, tiers: list[_Tier]) -> Ladder:
    url = reading.url(TIERS)
    ordered = sorted(tiers, key=lambda tier: tier.max_sz)
    check_brackets(one.symbol, ((tier.min_sz, tier.max_sz) for tier in ordered), url, step=Decimal(1))
    return ladder(
        one,
        [
            Rung(
                cap=tier.max_sz,
                initial_margin_rate=tier.imr,
                maintenance_margin_rate=tier.mmr,
                max_leverage=tier.max_lever,
            )
            for tier in ordered
        ],
        unit="contracts",
        url=url,
    )


def _batches(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), FAMILIES_PER_REQUEST):
        yield names[start : start + FAMILIES_PER_REQUEST]


async def read(reading: Reading) -> None:
    """Read instruments and the position tiers of every swap."""
    instruments: list[Instrument] = []
    swaps: dict[str, Instrument] = {}
    for number, (inst_type, product) in enumerate(_TYPES.items(), 1):
        response = await reading.fetch(INSTRUMENTS, {"instType": inst_type})
        for contract in listed_in(response, _Contract, success=_SUCCESS):
            if contract.state != "live":
                continue
            known = _instrument(reading, contract, product)
            instruments.append(known)
            if product is Product.PERPETUAL:
                swaps[contract.inst_family] = known
        reading.tell(INSTRUMENTS, number, len(_TYPES))
    tiers: dict[str, list[_Tier]] = {}
    done = 0
    for families in _batches(sorted(swaps)):
        query = {"instType": "SWAP", "tdMode": "isolated", "instFamily": ",".join(families)}
        for tier in listed_in(await reading.fetch(TIERS, query), _Tier, success=_SUCCESS):
            tiers.setdefault(tier.inst_family, []).append(tier)
        done += len(families)
        reading.tell(TIERS, done, len(swaps))
    if not instruments:
        raise ShapeError("no instrument is listed", reading.url(INSTRUMENTS))
    reading.offer(Family.INSTRUMENTS, instruments, INSTRUMENTS)
    if swaps:
        ladders = [_ladder(reading, swaps[name], rows) for name, rows in tiers.items() if name in swaps]
        reading.offer(Family.LADDERS, ladders, TIERS, covers=_is_swap)


def _is_swap(fact: Candidate) -> bool:
    return isinstance(fact, Ladder) and fact.instrument.endswith("-SWAP")


READER = Reader(
    venue="okx",
    base_url="https://www.okx.com",
    hosts=frozenset({"www.okx.com"}),
    symbols=r"[A-Z0-9]+-[A-Z0-9_]+-(SWAP|[0-9]{6})",
    read=read,
)
