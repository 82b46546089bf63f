"""How facts become rows: each table's columns are filled from the fields of the same name.

What a table has beside its family's own fields (a rung's ladder, the unified symbol of a cap's instrument) is named
here, once per table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from data.documents import encode_row
from data.facts.corpus import Corpus
from data.facts.venues import Instrument

Row = tuple[Mapping[str, object], tuple[Struct, ...]]
"""Values that stand in no field, then the Structs whose fields fill the other columns (the first that has one)."""


def value_of(row: Row, column: str) -> object:
    """Return what a row has in a column; tuples become lists.

    Raises:
        AttributeError: neither the extra values nor the Structs have it.
    """
    extra, structs = row
    if column in extra:
        value: object = extra[column]
    else:
        for struct in structs:
            if column in struct.__struct_fields__:
                value = getattr(struct, column)
                break
        else:
            raise AttributeError(f"no field for column {column!r} in {[type(one).__name__ for one in structs]}")
    return list(value) if isinstance(value, tuple) else value


def tables_of(corpus: Corpus) -> Iterator[tuple[str, list[Row]]]:
    """Yield every table that facts fill, with its rows."""
    instruments = _Instruments(corpus.instruments)
    for name in _PLAIN:
        yield name, [({"position": place}, (row,)) for place, row in enumerate(getattr(corpus, name))]
    yield "funding_terms", list(_funding_terms(corpus, instruments))
    yield "leverage_caps", list(_leverage_caps(corpus, instruments))
    yield "law", list(_law(corpus))
    yield "margin_models", list(_margin_models(corpus))
    yield "client_classes", list(_client_classes(corpus))
    yield "venue_status", list(_venue_status(corpus))
    yield "margin_tiers", list(_margin_tiers(corpus, instruments))


_PLAIN = (
    "sources",
    "venues",
    "instruments",
    "fees",
    "fee_extras",
    "margin_rules",
    "liquidation_policies",
    "adl_policies",
    "registrations",
    "access",
    "enforcement_actions",
    "jurisdictions",
    "claims",
    "registration_categories",
    "firms",
    "memberships",
    "conflicts",
    "gaps",
    "verifications",
)
"""Families whose rows fill a table of the same name by their fields alone."""


class _Instruments:
    """The names of instruments, for rows that refer to one by its native symbol."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._by_symbol: dict[tuple[str, str], Instrument] = {}
        for one in instruments:
            known = self._by_symbol.get((one.venue, one.symbol))
            if known is None or known.unified is None or known.derived:
                self._by_symbol[one.venue, one.symbol] = one

    def describe(self, venue: str, symbol: str) -> dict[str, object]:
        one = self._by_symbol.get((venue, symbol))
        if one is None:
            return {"unified": None, "base": None, "quote": None}
        return {"unified": one.unified, "base": one.base, "quote": one.quote}


def _funding_terms(corpus: Corpus, instruments: _Instruments) -> Iterator[Row]:
    for place, terms in enumerate(corpus.funding_terms):
        yield {"position": place, **instruments.describe(terms.venue, terms.instrument)}, (terms,)


def _leverage_caps(corpus: Corpus, instruments: _Instruments) -> Iterator[Row]:
    for place, cap in enumerate(corpus.leverage_caps):
        names = instruments.describe(cap.venue, cap.instrument)
        yield {"position": place, "unified": names["unified"], "underlying": cap.base or names["base"]}, (cap,)


def _law(corpus: Corpus) -> Iterator[Row]:
    for place, rule in enumerate(corpus.law):
        yield (
            {
                "position": place,
                "rule": rule.rule,
                "residences": rule.when.residence,
                "residences_not": rule.when.residence_not,
                "client_classes": rule.when.client_class,
                "client_classes_not": rule.when.client_class_not,
                "effect": rule.effect.__struct_config__.tag,
                "effect_terms": encode_row(rule.effect),
                "condition": encode_row(rule.when),
                "questions": encode_row(rule.questions),
            },
            (rule,),
        )


def _margin_models(corpus: Corpus) -> Iterator[Row]:
    for place, model in enumerate(corpus.margin_models):
        yield {"position": place, "model": model.__struct_config__.tag, "parameters": encode_row(model)}, (model,)


def _client_classes(corpus: Corpus) -> Iterator[Row]:
    for place, test in enumerate(corpus.client_classes):
        yield {"position": place, "all_of": encode_row(test.all_of), "any_of": encode_row(test.any_of)}, (test,)


def _venue_status(corpus: Corpus) -> Iterator[Row]:
    for venue in corpus.venues:
        for place, period in enumerate(venue.status):
            yield {"venue": venue.id, "position": place}, (period,)


def _margin_tiers(corpus: Corpus, instruments: _Instruments) -> Iterator[Row]:
    position = 0
    for number, ladder in enumerate(corpus.ladders):
        names = instruments.describe(ladder.venue, ladder.instrument)
        for tier in ladder.tiers:
            yield {"position": position, "ladder": number, **names}, (tier, ladder)
            position += 1
