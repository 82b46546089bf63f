"""Changes that look like a mistake: a percentage where a fraction stood, a sign turned round, half a ladder missing.

A doubt never says that the venue is wrong: it says that a person should look before the change is accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from data.facts.amounts import ARITHMETIC, plain
from data.facts.impossible import impossible_values
from data.facts.venues import Fee, FundingTerms, Instrument, Ladder, LeverageCap, MarginTier
from data.facts.vocabulary import ClientClass
from data.refresh.candidates import Candidate
from data.refresh.ladder_doubts import newly_broken

FACTOR = 20
"""Two values this many times apart, of a rate, a step or the end of a ladder, are not taken for an ordinary change."""
LOOSER = 2
"""So many times the leverage, or so small a part of the maintenance margin, wants a look at whatever size."""
LARGEST_FEE = Decimal("0.02")
LARGEST_FUNDING = Decimal("0.2")
LARGEST_LEVERAGE = Decimal(1001)
FEW = 3
"""So few rows may disappear at once without a doubt."""


def doubts_about(before: Candidate | None, after: Candidate) -> tuple[str, ...]:
    """Return why a new or changed row should be looked at first; empty when nothing speaks against it."""
    return tuple(dict.fromkeys([*impossible_values(after), *_doubts(before, after)]))


def doubts_about_disappearance(gone: int, covered: int) -> tuple[str, ...]:
    """Return the doubt that a listing which lost more than half of its rows raises."""
    if gone > FEW and gone * 2 > covered:
        return (f"{gone} of {covered} rows are gone at once: the listing may have been cut short",)
    return ()


def doubts_about_lost_kinds(held: Iterable[Candidate], listed: Iterable[Candidate]) -> tuple[str, ...]:
    """Return the doubt that a listing raises which has no ladder of a class of client, session or side any more.

    A field that is renamed takes all of them away, and what is left would then count for everybody.
    """
    lost = {_kind(one) for one in held if isinstance(one, Ladder)} - {
        _kind(one) for one in listed if isinstance(one, Ladder)
    }
    return tuple(f"no ladder for {kind} is listed any more: was a field renamed?" for kind in sorted(lost - {""}))


def doubts_about_remaining(gone: Candidate, listed: Iterable[Candidate]) -> tuple[str, ...]:
    """Return the doubt about a row that is gone while its instrument is still listed: what bound it binds no more.

    `listed` are the rows of its family and the instruments.
    """
    if isinstance(gone, Instrument | Fee):
        return ()
    for one in listed:
        if isinstance(one, Ladder) and isinstance(gone, Ladder) and one.instrument == gone.instrument:
            return (f"what held for {_kind(gone)} would be judged by the ladder for {_kind(one) or 'everybody'}",)
        if isinstance(one, Instrument) and one.symbol == gone.instrument:
            return (f"{one.symbol} is still listed: was a field renamed?",)
    return ()


def _kind(ladder: Ladder) -> str:
    """Return whom a ladder is for, in words; empty for everybody."""
    named = [ladder.client_class, ladder.schedule, ladder.session, ladder.side]
    return " ".join(str(one) for one in named if one and one is not ClientClass.ANY)


def _doubts(before: Candidate | None, after: Candidate) -> Iterator[str]:
    match after:
        case Ladder():
            yield from _ladder_doubts(before if isinstance(before, Ladder) else None, after)
        case LeverageCap():
            was = before.max_leverage if isinstance(before, LeverageCap) else None
            if was is not None and after.max_leverage > LOOSER * was:
                yield f"max_leverage goes from {was}x to {after.max_leverage}x"
            yield from _leap("max_leverage", was, after.max_leverage)
            yield from _leverage("", after.max_leverage)
        case Fee():
            yield from _fee_doubts(before if isinstance(before, Fee) else None, after)
        case FundingTerms():
            yield from _funding_doubts(before if isinstance(before, FundingTerms) else None, after)
        case Instrument():
            yield from _instrument_doubts(before if isinstance(before, Instrument) else None, after)


def _ladder_doubts(before: Ladder | None, after: Ladder) -> Iterator[str]:
    for rung in after.tiers:
        yield from (f"tier {rung.tier} {message}" for message in impossible_values(rung))
        yield from _rung_doubts(rung)
    for broken in newly_broken(before, after):
        yield f"the ladder breaks the rule {broken.check!r} that curated ladders keep"
    if before is None:
        return
    if len(before.tiers) > 1 and len(after.tiers) * 2 <= len(before.tiers):
        yield f"the ladder loses half its tiers or more: {len(before.tiers)} before, {len(after.tiers)} after"
    for old, new in zip(before.tiers, after.tiers, strict=False):
        for name in ("initial_margin_rate", "maintenance_margin_rate", "max_leverage"):
            yield from _leap(f"tier {new.tier} {name}", getattr(old, name), getattr(new, name))
    if before.unit != after.unit:
        yield f"the tiers count {after.unit}, not {before.unit}"
    else:
        yield from _looser(before, after)
    if (before.contract_type, before.settle) != (after.contract_type, after.settle):
        yield "the contract type or the settlement currency changed"


def _looser(before: Ladder, after: Ladder) -> Iterator[str]:
    """Yield the first size at which a ladder asks for far less than the one before, and a bound that moved far.

    Between two neighbouring floors of either ladder neither changes, so that the floors are all sizes there are. A
    size beyond the end of the ladder before is compared with its last rung.
    """
    for size in sorted({rung.floor for rung in (*before.tiers, *after.tiers)}):
        new = _rung_above(after, size)
        old = _rung_above(before, size) or before.tiers[-1]
        if new is None:
            break
        if new.max_leverage > LOOSER * old.max_leverage:
            yield f"above {plain(size)} {after.unit} the leverage goes from {old.max_leverage}x to {new.max_leverage}x"
            break
        was, becomes = old.maintenance_margin_rate, new.maintenance_margin_rate
        if was is not None and becomes is not None and LOOSER * becomes < was:
            yield f"above {plain(size)} {after.unit} the maintenance margin rate goes from {was} to {becomes}"
            break
    for rung in before.tiers:
        reaching = [one for one in after.tiers if one.max_leverage >= rung.max_leverage]
        reach = reaching[-1].cap if reaching else rung.floor
        if rung.cap is not None and (reach is None or reach >= FACTOR * rung.cap):
            to = "without end" if reach is None else f"up to {plain(reach)}"
            yield f"{rung.max_leverage}x goes {to}, before up to {plain(rung.cap)} {before.unit}: another unit?"
            break
    yield from _leap("the end of the ladder", before.tiers[-1].cap, after.tiers[-1].cap, "another unit?")


def _rung_above(ladder: Ladder, size: Decimal) -> MarginTier | None:
    """Return the rung of sizes just above `size`; null beyond the ladder's end."""
    return next((rung for rung in ladder.tiers if rung.cap is None or size < rung.cap), None)


def _rung_doubts(rung: MarginTier) -> Iterator[str]:
    leverage = rung.max_leverage
    yield from _leverage(f"tier {rung.tier} ", leverage)
    for name in ("initial_margin_rate", "maintenance_margin_rate"):
        rate = getattr(rung, name)
        if rate is not None and rate > 1:
            yield f"tier {rung.tier} {name} is {rate}: a percentage?"
    initial, maintenance = rung.initial_margin_rate, rung.maintenance_margin_rate
    if initial is not None and not Decimal("0.5") <= ARITHMETIC.multiply(initial, leverage) <= 2:
        yield f"tier {rung.tier} grants {leverage}x at an initial margin rate of {initial}: a percentage?"
    if initial is None and maintenance is not None and ARITHMETIC.multiply(maintenance, leverage) > 2:
        yield f"tier {rung.tier} grants {leverage}x at a maintenance margin rate of {maintenance}: a percentage?"


def _leverage(place: str, value: Decimal) -> Iterator[str]:
    if not 1 <= value <= LARGEST_LEVERAGE:
        yield f"{place}max_leverage is {value}"


def _fee_doubts(before: Fee | None, after: Fee) -> Iterator[str]:
    for name in ("maker", "taker"):
        rate = getattr(after, name)
        yield from _leap(name, getattr(before, name, None), rate)
        yield from _turned(name, getattr(before, name, None), rate)
        if rate is not None and abs(rate) > LARGEST_FEE:
            yield f"{name} is {rate}: a percentage?"
    if after.taker is not None and after.taker < 0:
        yield f"taker is {after.taker}: rebates written as fees?"


def _funding_doubts(before: FundingTerms | None, after: FundingTerms) -> Iterator[str]:
    for name in ("cap", "floor", "interval_hours"):
        yield from _leap(name, getattr(before, name, None), getattr(after, name))
        yield from _turned(name, getattr(before, name, None), getattr(after, name))
    for name in ("cap", "floor"):
        rate = getattr(after, name)
        if rate is not None and abs(rate) > LARGEST_FUNDING:
            yield f"{name} is {rate}: a percentage?"
    if before is None and after.interval_hours == 0:
        yield "interval_hours is 0: is funding accrued continuously?"
    if after.interval_hours is not None and not 0 <= after.interval_hours <= 24:
        yield f"interval_hours is {after.interval_hours}: another unit of time?"


def _instrument_doubts(before: Instrument | None, after: Instrument) -> Iterator[str]:
    if before is None:
        return
    for name in ("product", "base", "quote", "settle", "contract_type", "contract_size", "contract_size_unit"):
        old, new = getattr(before, name), getattr(after, name)
        if old is not None and old != new:
            yield f"{name} changed from {old} to {new}"
    for name in ("tick_size", "min_size", "size_step"):
        yield from _leap(name, getattr(before, name), getattr(after, name), "another unit?")


def _leap(
    name: str, before: Decimal | None, after: Decimal | None, guess: str = "a percentage against a fraction?"
) -> Iterator[str]:
    if not before or not after:
        return
    ratio = abs(ARITHMETIC.divide(after, before))
    if ratio >= FACTOR or ratio * FACTOR <= 1:
        yield f"{name} goes from {before} to {after}, {FACTOR} times or more: {guess}"


def _turned(name: str, before: Decimal | None, after: Decimal | None) -> Iterator[str]:
    """Yield a doubt about a value that went to zero, came from it or turned its sign."""
    if before is not None and after is not None and _sign(before) != _sign(after):
        yield f"{name} goes from {before} to {after}: another sign, or none?"


def _sign(value: Decimal) -> int:
    return (value > 0) - (value < 0)
