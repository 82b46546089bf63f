"""The order of files and rows never changes what the law says."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from data.facts.law import Allow, Condition
from data.facts.vocabulary import ClientClass, Product
from data.release_facts import ReleaseFacts
from rules.eligibility import eligibility
from rules.trade import Client, TradeShape
from tests.law.made_up import asked, found, knowledge_of, rule, without_margin
from tests.law.world import release_facts

LAW = release_facts().corpus.law
AS_LISTED = ReleaseFacts("a", structs.replace(without_margin(), law=LAW))
"""The law in its own order, compiled once for each day."""
RESIDENCES = ("US-FL", "US-NY", "DE", "BE", "GB", "JP", "AE", "CA-ON", "HK", "SG", "UA", "PY")


@settings(max_examples=12, deadline=None)
@given(
    order=st.permutations(range(len(LAW))),
    residence=st.sampled_from(RESIDENCES),
    client_class=st.sampled_from([ClientClass.RETAIL, ClientClass.ECP, ClientClass.PROFESSIONAL]),
    product=st.sampled_from([Product.PERPETUAL, Product.SPOT_MARGIN, Product.SPOT]),
    day=st.sampled_from([date(2021, 1, 6), date(2025, 12, 4), date(2026, 11, 1)]),
)
def test_rows_in_any_order_give_the_same_answer(
    order: list[int], residence: str, client_class: ClientClass, product: Product, day: date
) -> None:
    shape = TradeShape(base="BTC", product=product, client=Client(residence=residence, client_class=client_class))
    shuffled = structs.replace(without_margin(), law=tuple(LAW[position] for position in order))
    assert eligibility(shape, AS_LISTED.on(day)) == eligibility(shape, ReleaseFacts("b", shuffled).on(day))


def test_the_most_specific_exception_that_holds_is_named() -> None:
    wide = rule("us_wide", effect=Allow(), exception_to=("us_made_up",))
    narrow = rule(
        "us_narrow",
        effect=Allow(),
        exception_to=("us_made_up",),
        when=Condition(residence=("US-FL",), venue=("bybit",)),
    )
    for rules in ((rule(), wide, narrow), (narrow, rule(), wide), (wide, narrow, rule())):
        finding = found(knowledge_of(*rules), asked())["us.made_up"]
        assert finding.outcome == "pass"
        assert "us.narrow excepts this" in finding.message


def test_an_exception_that_might_hold_leaves_the_rule_open_with_its_question() -> None:
    might = rule(
        "us_might", effect=Allow(), exception_to=("us_made_up",), when=Condition(residence=("US",), quote=("USD",))
    )
    finding = found(knowledge_of(rule(), might), asked())["us.made_up"]
    assert finding.outcome == "unknown"
    assert finding.question is not None
    assert finding.question.field == "instrument"
    assert found(knowledge_of(rule(), might), asked(quote="USDT"))["us.made_up"].outcome == "fail"
    assert found(knowledge_of(rule(), might), asked(quote="USD"))["us.made_up"].outcome == "pass"
