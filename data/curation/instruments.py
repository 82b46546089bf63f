"""Instruments that a venue's files imply: a ladder or a margin class for a symbol that has no row of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from data.curation.facts import overlap
from data.curation.ladders import ANY_INSTRUMENT, CsvRow
from data.curation.symbols import SymbolParts, multiple_note, read_symbol, unify
from data.curation.venues import VenueFile
from data.facts.venues import Instrument, Ladder


def derive_instruments(
    file: VenueFile, ladders: Iterable[tuple[CsvRow, Ladder]], first_recording: date | None
) -> Iterator[Instrument]:
    """Yield an instrument for every symbol that has ladders but no `[[instrument]]` row.

    Where recordings list every symbol of a venue, one is listed from the first recording that shows it; one in the
    very first recording may have been listed before, so its start is unknown. It ends with its last ladder.
    """
    known = {fact.symbol for fact in file.facts["instruments"] if isinstance(fact, Instrument)}
    by_symbol: dict[str, list[tuple[CsvRow, Ladder]]] = {}
    for row, ladder in ladders:
        if ladder.instrument not in known and ladder.instrument != ANY_INSTRUMENT:
            by_symbol.setdefault(ladder.instrument, []).append((row, ladder))
    for symbol, group in by_symbol.items():
        row, ladder = group[-1]
        parts = read_symbol(file.id, symbol, ladder.settle)
        if parts is None:
            if not file.oddities.excuse("instrument", symbol):
                row.problem(f"{symbol}: has no [[instrument]] row, and its symbol does not tell the underlying")
            continue
        starts = [one.valid_from if one.observed else None for _, one in group]
        first = None if None in starts else min(day for day in starts if day)
        if first == first_recording:
            first = None
        ends = [one.valid_to for _, one in group]
        last = None if None in ends else max(day for day in ends if day)
        if parts.expiry is not None:
            expired = parts.expiry + timedelta(days=1)
            last = min(last, expired) if last else expired
            if first is not None and first >= last:
                first = None  # recorded only after its expiry
        yield implied_instrument(
            symbol,
            parts,
            ladder,
            source=ladder.source,
            valid_from=first,
            valid_to=last,
            certain_from=first or min(one.certain_from for _, one in group),
            derived=True,
        )


def implied_instrument(
    symbol: str,
    parts: SymbolParts,
    ladder: Ladder,
    *,
    source: str,
    certain_from: date,
    valid_from: date | None = None,
    valid_to: date | None = None,
    max_size: Decimal | None = None,
    min_size: Decimal | None = None,
    tick_size: Decimal | None = None,
    derived: bool = False,
) -> Instrument:
    """Return the instrument that a ladder and the parts of its symbol describe; the contract size is not known."""
    return Instrument(
        key=f"{ladder.venue}|{symbol}",
        source=source,
        valid_from=valid_from,
        valid_to=valid_to,
        certain_from=certain_from,
        note=multiple_note(parts.base),
        venue=ladder.venue,
        symbol=symbol,
        unified=unify(parts.base, parts.quote, ladder.settle, ladder.product, parts.expiry),
        product=ladder.product,
        base=parts.base,
        quote=parts.quote,
        settle=ladder.settle,
        contract_type=ladder.contract_type,
        contract_size=None,
        contract_size_unit=None,
        max_size=max_size,
        min_size=min_size,
        tick_size=tick_size,
        expiry=parts.expiry,
        derived=derived,
    )


def check_unified(file: VenueFile, instruments: Iterable[Instrument]) -> None:
    """Report two instruments of a venue that share a native or unified symbol on the same day."""
    seen: dict[str, list[Instrument]] = {}
    for one in instruments:
        for name in {one.symbol, one.unified} - {None}:
            named = seen.setdefault(str(name), [])
            for other in (other for other in named if overlap(one, other)):
                words = f"the symbol {name} means both {other.symbol} and {one.symbol}"
                file.document.problems.add(file.document.label, words, table="instrument")
            named.append(one)
