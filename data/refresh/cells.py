"""Facts as curated text writes them, cell by cell."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from decimal import Decimal

from data.facts.amounts import plain
from data.facts.dates import render_partial_date
from data.facts.fact import Fact
from data.facts.venues import Ladder
from data.refresh.candidates import Citation


def free_id(stem: str, taken: Set[str]) -> str:
    """Return an id that no source of a file has yet: the stem, else the stem with a number behind it."""
    return next(one for one in (stem, *(f"{stem}_{number}" for number in range(2, 1000))) if one not in taken)


def source_row(name: str, publisher: str, citation: Citation, day: date) -> dict[str, object]:
    """Return the `[[source]]` row for the answers of one endpoint."""
    pages = f", {citation.pages} answers hashed in order" if citation.pages > 1 else ""
    return {
        "id": name,
        "title": f"{citation.url.partition('?')[0].rpartition('//')[2].partition('/')[2]}, read live",
        "publisher": publisher,
        "url": citation.url,
        "evidence": "primary",
        "seen": day.isoformat(),
        "sha256": citation.sha256,
        "note": f"Read at {citation.at:%Y-%m-%dT%H:%M:%SZ}{pages}.",
    }


def dates_of(fact: Fact) -> dict[str, str | None]:
    """Return a row's days as written, each only as exactly as it is known."""
    begins, ends = fact.valid_from, fact.valid_to
    return {
        "valid_from": render_partial_date(begins, fact.valid_from_precision) if begins else None,
        "valid_to": render_partial_date(ends, fact.valid_to_precision) if ends else None,
    }


def listing_cells(fact: Fact, source: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Return a row of a listing: every column as it is written."""
    given = dates_of(fact) | {"source": source}
    return {name: (given[name] if name in given else text_of(getattr(fact, name))) or "" for name in columns}


def ladder_cells(fact: Ladder, source: str) -> dict[str, str]:
    """Return the columns that say which ladder a row belongs to, as they are written."""
    words = {
        "symbol": fact.instrument,
        "product": fact.product,
        "contract_type": fact.contract_type,
        "settle": fact.settle,
        "unit": fact.unit,
        "client_class": "" if fact.client_class == "any" else fact.client_class,
        "schedule": fact.schedule or "",
        "session": fact.session or "",
        "side": fact.side or "",
        "as_of": _as_of(fact),
        "observed": "true" if fact.observed else "",
        "usable": "" if fact.usable else "false",
        "complete": "" if fact.complete else "false",
        "source": source,
    }
    return {name: str(word) for name, word in words.items()} | {n: d or "" for n, d in dates_of(fact).items()}


def _as_of(fact: Ladder) -> str:
    """Return the day of the recording that shows a ladder; empty where its dates or its source tell it."""
    if fact.last_seen is not None and not fact.observed:
        return fact.last_seen.isoformat()
    return "" if fact.valid_from or fact.certain_from == date.min else fact.certain_from.isoformat()


def text_of(value: object) -> str | None:
    """Return a field as curated text writes it; null and false are left out."""
    match value:
        case None | False:
            return None
        case True:
            return "true"
        case date():
            return value.isoformat()
        case Decimal():
            return plain(value)
        case _:
            return str(value)
