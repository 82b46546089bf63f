"""Margin tiers: `margin_tiers/<venue>.csv`, its dated past in `<venue>.history.csv`, both with the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from msgspec import Struct

from data.curation.documents import read_text
from data.curation.ladder_checks import check_ladder
from data.curation.problems import Problems
from data.curation.venues import MARGIN_TIERS, VenueFile
from data.facts.amounts import AmountError, parse_amount
from data.facts.dates import Precision, last_day, parse_partial_date
from data.facts.fact import Source
from data.facts.venues import Ladder, MarginTier
from data.facts.vocabulary import ClientClass, ContractType, Product

LADDER_COLUMNS = (
    "symbol",
    "product",
    "contract_type",
    "settle",
    "unit",
    "client_class",
    "schedule",
    "session",
    "side",
    "valid_from",
    "valid_to",
    "as_of",
    "observed",
    "usable",
    "complete",
    "source",
)
"""Columns that say which ladder a row belongs to."""

TIER_COLUMNS = (
    "tier",
    "floor",
    "cap",
    "initial_margin_rate",
    "maintenance_margin_rate",
    "maintenance_amount",
    "max_leverage",
)

COLUMNS = (*LADDER_COLUMNS[:9], *TIER_COLUMNS, *LADDER_COLUMNS[9:])
"""The header of a tier file, in order."""

_HEAD = [COLUMNS.index(name) for name in LADDER_COLUMNS]
_BODY = [COLUMNS.index(name) for name in TIER_COLUMNS]

ANY_INSTRUMENT = "*"
"""Symbol of a ladder that defines a schedule (a margin class, a liquidity tier), not an instrument."""


class CsvRow(Struct, frozen=True):
    """A place in a CSV file where something is reported."""

    label: str
    number: int
    problems: Problems

    def problem(self, message: str) -> None:
        """Report something wrong with this row."""
        self.problems.add(self.label, message, table="tiers", row=self.number, line=self.number + 1)


class Numbers:
    """Parses decimals, remembering those seen: tier files say the same rates thousands of times."""

    def __init__(self) -> None:
        self._seen: dict[str, Decimal] = {}

    def read(self, text: str, name: str, row: CsvRow) -> Decimal | None:
        """Return the number; null and a report when `text` is none."""
        number = self._seen.get(text)
        if number is None:
            try:
                number = self._seen[text] = Decimal(parse_amount(text))
            except AmountError as error:
                row.problem(f"{name}: {error}")
                return None
        if number < 0:
            row.problem(f"{name}: must not be negative")
            return None
        return number


class _Group(Struct):
    """The rows of one ladder while its file is read."""

    row: CsvRow
    rungs: list[MarginTier]
    sound: bool = True


def read_ladders(folder: Path, path: Path, file: VenueFile, problems: Problems) -> Iterator[tuple[CsvRow, Ladder]]:
    """Yield the ladders of one tier file, each with its first row; report what is wrong with the file."""
    label = path.relative_to(folder).as_posix()
    numbers = Numbers()
    groups: dict[tuple[str, ...], _Group] = {}
    for row, cells in read_csv(label, path, COLUMNS, problems):
        head = tuple([cells[index] for index in _HEAD])
        group = groups.get(head)
        if group is None:
            group = groups[head] = _Group(row=row, rungs=[])
        rung = _read_rung([cells[index] for index in _BODY], row, numbers)
        if rung is None:
            group.sound = False
        else:
            group.rungs.append(rung)
    for head, group in groups.items():
        ladder = _read_ladder(dict(zip(LADDER_COLUMNS, head, strict=True)), group, file)
        if ladder is not None and group.sound:
            check_ladder(group.row.problem, ladder, file.oddities)
            yield group.row, ladder


def read_csv(
    label: str, path: Path, columns: tuple[str, ...], problems: Problems
) -> Iterator[tuple[CsvRow, list[str]]]:
    """Yield the rows of a CSV file whose header must be exactly `columns`."""
    text = read_text(label, path, problems)
    if text is None:
        return
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        if tuple(next(lines, [])) != columns:
            problems.add(label, f"the header must be {','.join(columns)}", line=1)
            return
        width = len(columns)
        for number, cells in enumerate(lines, 1):
            row = CsvRow(label, number, problems)
            if len(cells) != width:
                row.problem(f"has {len(cells)} cells, the header {width}")
            else:
                yield row, cells
    except csv.Error as error:  # a quotation mark that nobody closed, for one
        problems.add(label, f"not valid CSV: {error}", line=lines.line_num)


def read_source(name: str, file: VenueFile, row: CsvRow) -> Source | None:
    """Return the source that a CSV row names in its venue's file."""
    source = file.sources.find(name)
    if source is None:
        row.problem(f"source {name!r} is not defined in {file.document.label}")
    return source


def _read_rung(cells: list[str], row: CsvRow, numbers: Numbers) -> MarginTier | None:
    tier, floor, cap, initial, maintenance, amount, leverage = cells
    if not tier.isdecimal():
        row.problem("tier: must be a whole number")
        return None
    low = numbers.read(floor, "floor", row)
    highest = numbers.read(leverage, "max_leverage", row)
    optional = {
        name: numbers.read(text, name, row) if text else None
        for name, text in (
            ("cap", cap),
            ("initial_margin_rate", initial),
            ("maintenance_margin_rate", maintenance),
            ("maintenance_amount", amount),
        )
    }
    if (
        low is None
        or highest is None
        or any(
            text and optional[name] is None
            for name, text in zip(optional, (cap, initial, maintenance, amount), strict=True)
        )
    ):
        return None
    return MarginTier(tier=int(tier), floor=low, max_leverage=highest, **optional)


def _read_ladder(head: dict[str, str], group: _Group, file: VenueFile) -> Ladder | None:
    row = group.row
    source = read_source(head["source"], file, row)
    try:
        product = Product(head["product"])
        contract_type = ContractType(head["contract_type"])
        client_class = ClientClass(head["client_class"] or "any")
    except ValueError as error:
        row.problem(str(error))
        return None
    flags = {
        name: _read_flag(head[name], name, default=default, row=row)
        for name, default in (("observed", False), ("usable", True), ("complete", True))
    }
    _check_words(head, row)
    begins, begins_precision = _read_date(head["valid_from"], "valid_from", row)
    ends, ends_precision = _read_date(head["valid_to"], "valid_to", row)
    as_of, _ = _read_date(head["as_of"], "as_of", row)
    if begins and ends and begins >= ends:
        row.problem(f"valid_from {begins} is not before valid_to {ends} (valid_to is exclusive)")
    if flags["observed"] and not (begins or ends):
        row.problem("observed: says that the dates are those of recordings, but there are none")
    if source is None:
        return None
    return Ladder(
        key=ladder_key(file.id, head["symbol"], product, head, usable=flags["usable"]),
        source=source.id,
        valid_from=begins,
        valid_from_precision=begins_precision,
        valid_to=ends,
        valid_to_precision=ends_precision,
        certain_from=(begins and last_day(begins, begins_precision)) or as_of or source.certain_from,
        venue=file.id,
        instrument=head["symbol"],
        product=product,
        contract_type=contract_type,
        settle=head["settle"],
        unit=head["unit"],
        client_class=client_class,
        schedule=head["schedule"] or None,
        session=head["session"] or None,
        side=head["side"] or None,
        observed=flags["observed"],
        usable=flags["usable"],
        complete=flags["complete"],
        last_seen=_last_seen(as_of, source, file, open_recording=flags["observed"] and ends is None),
        tiers=tuple(group.rungs),
    )


def _last_seen(as_of: date | None, source: Source, file: VenueFile, *, open_recording: bool) -> date | None:
    """Return the day a ladder's age counts from; null where all of the venue's were compared on a later day."""
    seen = as_of or (source.published or source.seen if open_recording else None)
    verified = file.verified.get(MARGIN_TIERS)
    return None if seen is None or (verified is not None and verified.last_verified >= seen) else seen


def ladder_key(venue: str, symbol: str, product: Product, head: dict[str, str], *, usable: bool) -> str:
    """Return what identifies a ladder's subject: venue, symbol, product, class, schedule, session and side."""
    parts = [venue, symbol, str(product), *(head[name] for name in ("client_class", "schedule", "session", "side"))]
    return "|".join([*parts, "" if usable else "unusable"]).rstrip("|")


def _check_words(head: dict[str, str], row: CsvRow) -> None:
    for name in ("symbol", "settle", "unit"):
        if not head[name] or head[name] != head[name].strip():
            row.problem(f"{name}: must be neither empty nor padded with blanks")
    if head["client_class"] == "any":
        row.problem("client_class: leave it empty for every class")
    for name, words in (("session", ("", "intraday", "overnight")), ("side", ("", "long", "short"))):
        if head[name] not in words:
            row.problem(f"{name}: {head[name]!r} is none of {', '.join(words[1:])}")


def _read_flag(text: str, name: str, *, default: bool, row: CsvRow) -> bool:
    if text not in ("", "true", "false"):
        row.problem(f"{name}: must be true, false or empty")
    return default if text not in ("true", "false") else text == "true"


def _read_date(text: str, name: str, row: CsvRow) -> tuple[date | None, Precision]:
    if not text:
        return None, Precision.DAY
    try:
        return parse_partial_date(text)
    except ValueError as error:
        row.problem(f"{name}: {error}")
        return None, Precision.DAY
