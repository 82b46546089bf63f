"""What requests about recorded decisions have in common: which ones, and under which policy."""

from __future__ import annotations

from collections.abc import Callable

from api.deciding import NamedPolicy
from api.problems import NOT_REPLAYABLE, ProblemError
from api.queries import NO_PLACE, Query, parse_moment
from api.services import Services
from data.facts.iso_3166 import is_place
from data.journal.entry import Entry, Filters, instant
from rules.check import CATALOGUE
from rules.decision import Verdict
from rules.law.coverage import COVERAGE, ESTABLISHMENT

MAX_VALUES = 50
_NAMES = ("verdict", "venue", "rule", "residence", "key")


ENDS_BEFORE = "Lies before `since`"


def read_filters(query: Query) -> Filters:
    """Return the filters of a list of decisions."""
    values = {name: query.many(name) for name in _NAMES}
    for name, given in values.items():
        if len(given) > MAX_VALUES:
            query.refuse(name, f"At most {MAX_VALUES} values")
        if any(not 0 < len(value) <= 200 for value in given):
            query.refuse(name, "A value has 1 to 200 characters")
    if not all(map(is_place, values["residence"])):
        query.refuse("residence", NO_PLACE)
    if set(values["verdict"]) - {verdict.value for verdict in Verdict}:
        query.refuse("verdict", "Expected any of " + ", ".join(Verdict))
    since, until = query.parsed("since", journal_moment), query.parsed("until", journal_moment)
    if ends_before_it_begins(since, until):
        query.refuse("until", ENDS_BEFORE)
    values["key_id"] = values.pop("key")
    return Filters(since=since, until=until, **values)


def ends_before_it_begins(since: str | None, until: str | None) -> bool:
    """Say whether a stretch of time that is asked about ends before it begins."""
    return since is not None and until is not None and until < since


async def refuse_unknown_names(services: Services, filters: Filters, refuse: Callable[[str, str], None]) -> None:
    """Refuse venues and rules that nobody knows: not the latest release, and no recorded decision.

    More than `MAX_VALUES` are not looked up: that there are too many is refused already.
    """
    if max(len(filters.venue), len(filters.rule)) > MAX_VALUES:
        return
    facts = services.releases.current().facts
    venues = tuple(name for name in filters.venue if name not in facts.venues)
    if venues and not await services.journal.count(Filters(venue=venues)):
        for name in venues:
            refuse("venue", f"No venue has the id {name[:80]!r}; see /v1/venues")
    if filters.rule:
        known = {*CATALOGUE, COVERAGE, ESTABLISHMENT, *(law.rule for law in facts.law_book.rules)}
        rules = tuple(name for name in filters.rule if name not in known)
        if rules and not await services.journal.count(Filters(rule=rules)):
            for name in rules:
                refuse("rule", f"No rule has the id {name[:80]!r}; see /v1/rules")


def journal_moment(text: str) -> str:
    """Return a date or an instant in the journal's form; a date stands for its first instant, in UTC.

    Raises:
        ValueError: the text is neither.
    """
    return instant(parse_moment(text))


async def recorded_policy(services: Services, entry: Entry) -> NamedPolicy:
    """Return the policy an entry names.

    Raises:
        ProblemError: 409 when the journal does not hold it.
    """
    policy = await services.policies.by_digest(entry.policy_digest)
    if policy is None:
        raise ProblemError(
            NOT_REPLAYABLE,
            f"The journal does not hold the policy {entry.policy_digest} in a form that this version reads.",
        )
    return policy
