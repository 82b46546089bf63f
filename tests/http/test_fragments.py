"""Encoding a finding ahead of time changes no byte of an answer."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api.encoding import encode
from api.fragments import with_fragments
from rules.decision import Effect, Family, Finding, Outcome, Question, Remedy

FINDINGS = st.builds(
    Finding,
    rule=st.text(max_size=20),
    family=st.sampled_from(Family),
    outcome=st.sampled_from(Outcome),
    effect=st.sampled_from(Effect),
    message=st.text(max_size=40),
    observed=st.one_of(st.none(), st.text(max_size=5), st.decimals(allow_nan=False, allow_infinity=False, places=4)),
    question=st.one_of(st.none(), st.builds(Question, ask=st.text(max_size=20))),
    sources=st.tuples(st.text(max_size=8)),
    remedy=st.one_of(st.none(), st.just(Remedy(field="leverage", largest_passing=Decimal("2.50")))),
)


@given(st.lists(FINDINGS, max_size=8))
def test_fragments_encode_as_the_findings_do(findings: list[Finding]) -> None:
    plain = encode(findings)
    assert encode(with_fragments(findings)) == plain
    assert encode(with_fragments(findings)) == plain
