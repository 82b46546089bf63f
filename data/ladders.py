"""Which of a venue's ladders for one instrument, and which of its fee schedules, a client gets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from decimal import Decimal

from data.facts.iso_3166 import names_of
from data.facts.venues import Fee, Ladder
from data.facts.vocabulary import ClientClass, ContractType, Side

_NO_RATE = Decimal(0)


def choose_ladder(
    ladders: Iterable[Ladder],
    *,
    client_class: ClientClass | None,
    groups: Set[str],
    group_names: Set[str],
    side: Side | None,
    kept_for: Set[str],
) -> Ladder | None:
    """Return the ladder of one instrument that applies to a client; null when there is none.

    A schedule that bears the name of a group of countries (EEA) is for members of that group. Where the venue keeps
    one they never get the general ladders, which are those of another entity: of an instrument whose place on their
    schedule is not on file, nothing is known. Other named schedules are chosen only where the venue has no general
    one, for we do not know who is on them. A ladder for the client's class comes before one for any class; a client of
    unknown class, or of one that no ladder names, may be on any of them. Of several that may apply (sessions included)
    the tightest is taken.

    `groups` are the groups the client's country belongs to on the day, `group_names` all groups there are, `kept_for`
    those that the venue keeps a schedule for, be it of other instruments.
    """
    fitting = [one for one in ladders if one.side is None or side is None or one.side == side]
    own = [one for one in fitting if one.schedule in groups]
    if not own and not groups.isdisjoint(kept_for):
        return None
    general = [one for one in fitting if one.schedule is None]
    other = [one for one in fitting if one.schedule is not None and one.schedule not in group_names]
    candidates = own or general or other
    if client_class is not None:
        candidates = (
            [one for one in candidates if one.client_class is client_class]
            or [one for one in candidates if one.client_class is ClientClass.ANY]
            or candidates
        )
    return tightest(candidates) if candidates else None


def tightest(ladders: Iterable[Ladder]) -> Ladder:
    """Return the ladder that grants least: less leverage, then more maintenance margin, then a smaller book."""
    return min(ladders, key=_looseness)


def _looseness(ladder: Ladder) -> tuple[Decimal, Decimal, Decimal]:
    first = ladder.tiers[0]
    return (
        first.max_leverage,
        -(first.maintenance_margin_rate if first.maintenance_margin_rate is not None else _NO_RATE),
        ladder.tiers[-1].cap if ladder.tiers[-1].cap is not None else Decimal("Infinity"),
    )


def choose_fees(
    fees: Sequence[Fee], *, contract_type: ContractType | None, residence: str, groups: Set[str]
) -> tuple[Fee, ...]:
    """Return the rows of the fee schedule that a client is on, lowest volume first.

    A schedule that bears the name of a place (AE-DU) or of a group of countries (EEA) is for those who live there, one
    that bears the name of a kind of contract (inverse) for contracts of that kind; either comes before the general one,
    the place before the kind. Other named schedules are never chosen, for we do not know who is on them.
    """
    places = {*names_of(residence), *groups}
    rows = (
        [one for one in fees if one.schedule in places]
        or [one for one in fees if contract_type is not None and one.schedule == contract_type.value]
        or [one for one in fees if one.schedule is None]
    )
    return tuple(sorted(rows, key=lambda fee: fee.min_volume_30d_usd or 0))
