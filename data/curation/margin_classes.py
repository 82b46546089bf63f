"""Margin classes: `margin_tiers/<venue>.classes.csv` says which schedule's ladder an instrument is on.

The ladder of a class stands in the venue's tier file under the symbol "*" with the class as its schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec import structs

from data.curation.instruments import implied_instrument
from data.curation.ladders import ANY_INSTRUMENT, CsvRow, Numbers, read_csv, read_source
from data.curation.problems import Problems
from data.curation.symbols import read_symbol
from data.curation.venues import VenueFile
from data.facts.fact import Source
from data.facts.impossible import impossible_values
from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import Product

COLUMNS = ("symbol", "product", "schedule", "class", "max_leverage", "max_size", "min_size", "tick_size", "source")


class ClassedInstrument(msgspec.Struct, frozen=True, kw_only=True):
    """The ladder its margin class gives an instrument on one schedule, and the instrument if it has no row yet."""

    row: CsvRow
    ladder: Ladder
    instrument: Instrument | None


def read_classes(
    folder: Path, path: Path, file: VenueFile, ladders: Iterable[Ladder], listed: Set[str], problems: Problems
) -> Iterator[ClassedInstrument]:
    """Yield the rows of a class file with their ladders; report classes that have none or grant other leverage.

    `listed` are the symbols that have an `[[instrument]]` row.
    """
    by_class = {one.schedule: one for one in ladders if one.instrument == ANY_INSTRUMENT and one.schedule}
    numbers = Numbers()
    seen: set[tuple[str, str]] = set()
    for row, cells in read_csv(path.relative_to(folder).as_posix(), path, COLUMNS, problems):
        symbol, product, schedule, name, leverage, max_size, min_size, tick_size, source_name = cells
        if (symbol, schedule) in seen:
            row.problem(f"{symbol} stands twice on schedule {schedule or 'general'}")
        seen.add((symbol, schedule))
        source = read_source(source_name, file, row)
        definition = by_class.get(name)
        if definition is None:
            row.problem(f"class {name!r} has no ladder: the tier file needs one for symbol * and that schedule")
        sizes = [
            numbers.read(text, column, row) if text else None
            for column, text in (("max_size", max_size), ("min_size", min_size), ("tick_size", tick_size))
        ]
        granted = numbers.read(leverage, "max_leverage", row)
        if product not in set(Product):
            row.problem(f"product: {product!r} is none of {', '.join(Product)}")
            continue
        if definition is None or source is None or granted is None:
            continue
        if granted != definition.tiers[0].max_leverage:
            row.problem(f"max_leverage {granted} is not the {definition.tiers[0].max_leverage} of class {name}")
        ladder = _ladder(definition, symbol, Product(product), schedule, source)
        instrument = None
        if symbol not in listed:
            instrument = _instrument(symbol, ladder, source, sizes)
            if instrument is None:
                row.problem(f"the symbol {symbol!r} does not tell the underlying, and has no [[instrument]] row")
                continue
            for message in impossible_values(instrument):
                row.problem(message)
        yield ClassedInstrument(row=row, ladder=ladder, instrument=instrument)


def _ladder(definition: Ladder, symbol: str, product: Product, schedule: str, source: Source) -> Ladder:
    """Return the ladder of a class as that of an instrument on a schedule."""
    return structs.replace(
        definition,
        key="|".join([definition.venue, symbol, product, "", schedule]).rstrip("|"),
        source=source.id,
        also_sources=(definition.source,),
        instrument=symbol,
        product=product,
        schedule=schedule or None,
        note=f"Margin class {definition.schedule}.",
    )


def _instrument(symbol: str, ladder: Ladder, source: Source, sizes: list[Decimal | None]) -> Instrument | None:
    """Return the instrument that a class file describes; null when its symbol cannot be read."""
    parts = read_symbol(ladder.venue, symbol, ladder.settle)
    if parts is None:
        return None
    max_size, min_size, tick_size = sizes
    return implied_instrument(
        symbol,
        parts,
        ladder,
        source=source.id,
        certain_from=source.certain_from,
        max_size=max_size,
        min_size=min_size,
        tick_size=tick_size,
    )
