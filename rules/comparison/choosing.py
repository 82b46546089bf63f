"""Which instruments a comparison takes: those that fit what is asked, the preferred one of each venue."""

from __future__ import annotations

from collections.abc import Sequence

from data.facts.venues import Instrument
from rules.comparison.asked import ComparedTrade
from rules.figures.money import same_money
from rules.knowledge import Knowledge
from rules.remedies.elsewhere import preference
from rules.remembered import Remembered

Chosen = list[tuple[Instrument, tuple[str, ...]]]


class Choices(Remembered[Chosen]):
    """Which instruments were chosen, by what was asked."""

    most = 256

    def chosen(self, asked: ComparedTrade) -> Chosen:
        """Return the instruments to compare, venue by venue, each with the symbols it was chosen over."""
        key = (
            asked.base,
            asked.product,
            asked.quote,
            asked.contract_type,
            asked.settle,
            asked.venues,
            asked.every_instrument,
        )
        known = self.get(key)
        return self.keep(key, _chosen(asked, self.knowledge)) if known is None else known


def _chosen(asked: ComparedTrade, knowledge: Knowledge) -> Chosen:
    fitting: dict[str, list[Instrument]] = {}
    for instrument in knowledge.listings(asked.base, asked.product):
        if fits(instrument, asked, knowledge):
            fitting.setdefault(instrument.venue, []).append(instrument)
    chosen: Chosen = []
    for listed in fitting.values():
        listed.sort(key=preference)
        if asked.every_instrument:
            chosen.extend((instrument, ()) for instrument in listed)
        else:
            chosen.append((listed[0], tuple(instrument.symbol for instrument in listed[1:])))
    return chosen


def fits(instrument: Instrument, asked: ComparedTrade, knowledge: Knowledge) -> bool:
    """Say whether an instrument is of the kind, the currencies and the venues asked for, and has not expired."""
    if asked.venues is not None and instrument.venue not in asked.venues:
        return False
    if asked.contract_type is not None and instrument.contract_type is not asked.contract_type:
        return False
    if asked.settle is not None and instrument.settles_in.upper() != asked.settle.upper():
        return False
    expired = instrument.expiry is not None and instrument.expiry <= knowledge.as_of
    return not expired and same_money(instrument.quote, asked.quote)


def not_listed(asked: ComparedTrade, knowledge: Knowledge, listed: set[str]) -> tuple[str, ...]:
    """Return the venues asked about that are not among those where something fits."""
    names: Sequence[str] = asked.venues if asked.venues is not None else [venue.id for venue in knowledge.venues()]
    return tuple(name for name in names if name not in listed)
