"""Whether a rule's condition holds for a trade: true, false or unknown, and which predicate decided."""

from __future__ import annotations

from msgspec import Struct

from rules.law.index import Prepared, Selected
from rules.law.observation import Observation
from rules.law.predicates import Test
from rules.law.truth import Truth
from rules.law.view import View


class Held(Struct, frozen=True, eq=False):
    """A rule before a trade it concerns."""

    selected: Selected
    truth: Truth
    """Whether its whole condition holds."""
    decided_by: Test | None
    """The predicate that made it false, or the one whose answer is missing and asked for first; null when it holds."""
    unknowns: tuple[Test, ...]
    """Every predicate that is not known; empty when the rule holds or is false."""
    refused: Test | None = None
    """What the rule demands before the order and the caller denies; `truth` is then that of the rest."""

    def observe(self, view: View) -> Observation | None:
        """Describe what decided; null when the whole condition holds."""
        return self.decided_by.see(view) if self.decided_by is not None else None


def hold(selected: Selected, prepared: Prepared, view: View) -> Held | None:
    """Return whether a rule's condition holds, or null when the rule does not concern the trade at all."""
    denied = prepared.denied
    open_ = [*prepared.unknowns]
    refused: Test | None = None
    for test in prepared.tests:
        truth = test.truth(view)
        if truth is Truth.YES:
            continue
        if truth is Truth.UNKNOWN:
            open_.append(test)
        elif test.reaching:
            return None
        elif test.is_demanded:
            refused = refused or test
        elif denied is None:
            denied = test
    if denied is not None:
        return Held(selected, Truth.NO, denied, ())
    if refused is not None:
        open_ = [test for test in open_ if not test.is_demanded]
    if open_ or selected.place is Truth.UNKNOWN:
        return Held(selected, Truth.UNKNOWN, _first_to_ask(open_, view), tuple(open_), refused)
    return Held(selected, Truth.YES, None, (), refused)


def _first_to_ask(tests: list[Test], view: View) -> Test | None:
    """Return the unknown that the caller is best placed to answer.

    A stated question comes before a field of the request, and that before what nothing in a request answers.
    """
    for test in tests:
        if test.question is not None or test.is_answerable:
            return test
    if len(tests) > 1:
        seen = [(test, test.see(view)) for test in tests]
        answerable = [test for test, told in seen if told.condition is not None]
        answerable = answerable or [test for test, told in seen if told.field is not None]
        if answerable:
            return answerable[0]
    for test in tests:
        if not test.about_seat:
            return test
    return tests[0] if tests else None
