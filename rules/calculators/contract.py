"""What the cost calculators need of a contract: its kind, its size in the formulas' unit, its venue's model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from data.facts.margin_models import MarginModel
from data.facts.venues import Instrument
from data.facts.vocabulary import ContractType, Product
from rules.calculators.agreement import NAME_ALONE
from rules.calculators.checks import positive, terms_problems
from rules.calculators.inputs import TermsInput
from rules.calculators.refusal import Problem
from rules.calculators.resolve import (
    NO_CONTRACT_SIZE,
    NOTHING_ON_FILE,
    contract_type_of,
    default_unit,
    find_instrument,
    is_on_file,
)
from rules.knowledge import Knowledge
from rules.margin.position import SizeUnit, size_in

NO_TERMS = TermsInput()
NOT_THE_PRODUCT = "{venue} lists {symbol} as {product}; give that, or leave product out"
NOT_A_PAIR = (
    "{venue} lists {symbol} as {product} ({kind}), and no pair has its name; give that, or leave product or "
    "instrument out"
)


class Contract(Struct, frozen=True, kw_only=True):
    """A contract as a request names it, explicit terms before the release's; `notes` is what to say of it."""

    instrument: Instrument | None
    product: Product
    contract_type: ContractType
    contract_size: Decimal | None
    terms: TermsInput
    notes: tuple[str, ...] = ()

    def size(self, amount: Decimal, unit: SizeUnit | None, price: Decimal, problems: list[Problem]) -> Decimal | None:
        """Return an amount as the formulas count sizes; null (and a problem) when the contract size is not known."""
        unit = unit or default_unit(self.contract_type, self.contract_size)
        size = size_in(amount, unit, self.contract_type, self.contract_size, price)
        if size is None:
            problems.append(("/size_unit", NO_CONTRACT_SIZE))
        return size

    def model(self, venue: str | None, knowledge: Knowledge) -> MarginModel | None:
        """Return the venue's margin model for the contract, which also says how the venue rounds."""
        return None if venue is None else knowledge.margin_model(venue, self.product, self.contract_type, None)


def contract_of(
    venue: str | None,
    symbol: str | None,
    product: Product | None,
    terms: TermsInput | None,
    knowledge: Knowledge,
    problems: list[Problem],
    unit: SizeUnit | None = None,
    *,
    takes_terms: bool = True,
) -> Contract:
    """Return the contract a request names; note what is wrong with its venue, symbol or contract type.

    `unit` is what its sizes are given in; `takes_terms` whether it can have terms of its own.
    """
    before, notes = len(problems), list[str]()
    instrument = find_instrument(venue, symbol, terms, knowledge, problems, takes_terms=takes_terms)
    given = terms if terms is not None else NO_TERMS
    if instrument is not None and product not in (None, Product.SPOT, instrument.product):
        problems.append(("/product", NOT_THE_PRODUCT.format(venue=venue, symbol=symbol, product=instrument.product)))
        product = instrument.product
    elif instrument is not None and product is Product.SPOT and instrument.contract_type is not ContractType.SPOT:
        instrument = _pair_named_as(instrument, problems)
    product = product or (instrument.product if instrument is not None else Product.PERPETUAL)
    kind = ContractType.LINEAR
    if len(problems) == before:
        kind = contract_type_of(venue, symbol, instrument, terms, product, unit, knowledge, problems, notes)
    size = given.contract_size
    if size is None and instrument is not None:
        size = instrument.contract_size
    unknown_venue = () if venue is None or is_on_file(venue, knowledge) else (NOTHING_ON_FILE,)
    name_alone = () if venue is not None or symbol is None else (NAME_ALONE,)
    return Contract(
        instrument=instrument,
        product=product,
        contract_type=kind,
        contract_size=size,
        terms=given,
        notes=(*unknown_venue, *name_alone, *notes),
    )


def _pair_named_as(contract: Instrument, problems: list[Problem]) -> Instrument:
    """Return the pair that bears a contract's name, as a fill that says spot means it: sized and settled as a pair.

    A contract valued in other money than its pair is not traded under the pair's name: a problem is noted.
    """
    if contract.contract_type is not ContractType.LINEAR:
        words = NOT_A_PAIR.format(
            venue=contract.venue, symbol=contract.symbol, product=contract.product, kind=contract.contract_type
        )
        problems.append(("/product", words))
        return contract
    return replace(contract, product=Product.SPOT, contract_size=None, contract_size_unit=None, settle=None)


def amount_problems(terms: TermsInput | None, amounts: Sequence[tuple[str, Decimal | None]]) -> Iterator[Problem]:
    """Yield what is wrong with a request's amounts, which must be above zero, and with its explicit terms."""
    yield from positive([(f"/{name}", value) for name, value in amounts])
    if terms is not None:
        yield from terms_problems(terms, "/terms")
