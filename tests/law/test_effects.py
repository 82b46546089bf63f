"""What each effect makes of a rule that concerns a trade."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from data.facts.dates import Precision
from data.facts.law import (
    Allow,
    Answer,
    AssetClass,
    Classify,
    Condition,
    Confidence,
    InForce,
    LawEffect,
    LawProduct,
    LawQuestion,
    LegalForce,
    LeverageCap,
    PositionLimit,
    Prohibit,
    RegistrationHolder,
    RequireClientClass,
    RequireDisclosure,
    RequireMarginCloseout,
    RequireNegativeBalanceProtection,
    RequireRegistration,
    Role,
    UnderlyingKind,
)
from data.facts.venues import Access
from data.facts.vocabulary import AccessKind, ClientClass, Product
from rules.condition_ids import SERVICE_IN_DOUBT, permission_id
from rules.decision import Effect, Family, Finding, Outcome, Reason
from rules.law.inputs import LawInput, LawSize
from tests.law.made_up import DAY, asked, found, knowledge_of, row, rule

US = Condition(residence=("US",))
OPEN = Condition(residence=("US",), quote=("USD",))
"""A condition that is open while the quote currency is not given, and false for another."""
LIFTED = rule("us_lifts", effect=Allow(), exception_to=("us_made_up",))
FIVE, TEN = LawSize(leverage=Decimal(5)), LawSize(leverage=Decimal(10))
CAP = LeverageCap(max=Decimal(5))


def outcome(
    effect: LawEffect, question: LawInput | None = None, venue: str = "bybit", size: LawSize | None = None
) -> str:
    finding = found(knowledge_of(rule(effect=effect)), question or asked(), venue, size).get("us.made_up")
    return finding.outcome.value if finding else "none"


def test_a_cap_is_compared_and_its_remedy_is_the_largest_that_passes() -> None:
    knowledge = knowledge_of(rule(effect=CAP))
    assert found(knowledge, asked(), size=FIVE)["us.made_up"].outcome == "pass"
    finding = found(knowledge, asked(), size=TEN)["us.made_up"]
    assert (finding.outcome, finding.observed, finding.limit, finding.reason) == ("fail", 10, 5, Reason.PROHIBITED)
    assert finding.remedy is not None
    assert finding.remedy.largest_passing == 5
    skipped = found(knowledge, asked())["us.made_up"]
    assert skipped.outcome == "skipped"
    assert skipped.question is not None
    assert skipped.question.field == "leverage"


def test_a_cap_that_may_apply_is_open_only_above_it() -> None:
    knowledge = knowledge_of(rule(effect=CAP, when=OPEN))
    assert found(knowledge, asked(), size=FIVE)["us.made_up"].outcome == "pass"
    assert found(knowledge, asked(), size=TEN)["us.made_up"].outcome == "unknown"
    assert "us.made_up" not in found(knowledge, asked(quote="USDT"), size=TEN)


def test_a_cap_whose_safeguards_are_not_vouched_for_is_open() -> None:
    effect = LeverageCap(max=Decimal(5), safeguards=("Margin close-out",))
    assert outcome(effect, size=FIVE) == "unknown"
    assert outcome(effect, asked(conditions_met=("us_made_up_safeguards",)), size=FIVE) == "pass"


def test_a_cap_whose_safeguards_are_denied_fails_where_it_applies() -> None:
    effect = LeverageCap(max=Decimal(5), safeguards=("Margin close-out",))
    denied = asked(conditions_met=("not:us_made_up_safeguards",))
    finding = found(knowledge_of(rule(effect=effect)), denied, size=FIVE)["us.made_up"]
    assert (finding.outcome, finding.reason) == ("fail", Reason.PROHIBITED)
    assert "the caller denies us_made_up_safeguards" in finding.message
    assert found(knowledge_of(rule(effect=effect, when=OPEN)), denied, size=FIVE)["us.made_up"].outcome == "unknown"


def test_a_cap_without_a_number_is_asked_unless_the_venue_keeps_it() -> None:
    assert outcome(LeverageCap(formula="1 / ratio", inputs=("ratio",)), size=TEN) == "unknown"
    assert outcome(LeverageCap(), size=TEN) == "unknown"
    assert outcome(LeverageCap(), asked(conditions_met=("us_made_up_met",)), size=TEN) == "pass"
    kept = LeverageCap(formula="1 / ratio", advisory=True)
    assert outcome(kept, size=TEN) == "skipped"
    assert found(knowledge_of(rule(effect=kept)), asked(), size=TEN)["us.made_up"].question is not None


def test_a_limit_on_size_is_compared_in_contracts() -> None:
    effect = PositionLimit(amount=Decimal(2000), unit="contracts", contract_size=Decimal(5))
    skipped = found(knowledge_of(rule(effect=effect)), asked())["us.made_up"]
    assert skipped.outcome == "skipped"
    assert skipped.question is not None
    assert skipped.question.field == "quantity"
    assert outcome(effect, size=LawSize(quantity=Decimal(10_000))) == "pass"
    finding = found(knowledge_of(rule(effect=effect)), asked(), size=LawSize(quantity=Decimal(10_005)))["us.made_up"]
    assert (finding.outcome, finding.observed) == ("fail", 2001)
    assert finding.remedy is not None
    assert finding.remedy.largest_passing == 10_000


@pytest.mark.parametrize(
    ("held", "outcome_", "contracts", "room"),
    [
        (9_995, "pass", 2000, None),
        (10_000, "fail", 2001, None),
        (9_996, "fail", Decimal("2000.2"), (None, 4)),
        (-10_010, "fail", 2001, (10, 20_010)),
        (-10_005, "pass", 2000, None),
    ],
)
def test_a_limit_on_size_counts_what_is_held_already(
    held: int, outcome_: str, contracts: Decimal, room: tuple[int | None, int] | None
) -> None:
    effect = PositionLimit(amount=Decimal(2000), unit="contracts", contract_size=Decimal(5))
    size = LawSize(quantity=Decimal(5), held=Decimal(held))
    finding = found(knowledge_of(rule(effect=effect)), asked(), size=size)["us.made_up"]
    assert (finding.outcome, finding.observed) == (outcome_, contracts)
    remedy = finding.remedy
    assert (None if remedy is None else (remedy.smallest_passing, remedy.largest_passing)) == room


def test_a_limit_over_several_contracts_is_open_where_others_are_held() -> None:
    effect = PositionLimit(amount=Decimal(2000), unit="contracts", contract_size=Decimal(5), aggregation="spot month")
    alone = LawSize(quantity=Decimal(5))
    assert outcome(effect, size=alone) == "pass"
    beside = structs.replace(alone, held_beside=True)
    finding = found(knowledge_of(rule(effect=effect)), asked(), size=beside)["us.made_up"]
    assert finding.outcome == "unknown"
    assert "other contracts on the same coin are held at the venue and not counted" in finding.message
    each = PositionLimit(amount=Decimal(2000), unit="contracts", contract_size=Decimal(5))
    assert outcome(each, size=beside) == "pass"
    assert outcome(effect, asked(conditions_met=("us_made_up_met",)), size=beside) == "pass"


def test_a_limit_that_cannot_be_compared_is_asked() -> None:
    monthly = PositionLimit(amount=Decimal(1000), unit="USD a month", aggregation="all providers")
    assert outcome(monthly) == "unknown"
    assert outcome(monthly, asked(conditions_met=("us_made_up_met",))) == "pass"
    assert outcome(PositionLimit(amount=None)) == "unknown"
    kept = found(knowledge_of(rule(effect=PositionLimit(amount=None, advisory=True))), asked())["us.made_up"]
    assert kept.outcome == "skipped"
    assert kept.question is not None
    held = found(knowledge_of(rule(effect=monthly, when=OPEN)), asked())["us.made_up"]
    assert held.outcome == "unknown"
    assert held.question is not None
    assert held.question.field == "instrument"


def test_a_limit_does_not_hold_an_order_that_only_reduces() -> None:
    reducing = asked(reduce_only=True)
    size = LawSize(leverage=Decimal(10), quantity=Decimal(5), held=Decimal(-20_000))
    contracts = PositionLimit(amount=Decimal(2000), unit="contracts", contract_size=Decimal(5))
    unread = (LeverageCap(max=None, formula="1 / ratio"), PositionLimit(amount=None))
    for effect in (CAP, LeverageCap(max=Decimal(10), safeguards=("a close-out",)), contracts, *unread):
        assert outcome(effect, size=size) in ("fail", "unknown")
        assert outcome(effect, reducing, size=size) == "pass"
    assert found(knowledge_of(rule(effect=CAP, when=OPEN)), reducing, size=TEN)["us.made_up"].outcome == "pass"


REGISTERED = RequireRegistration(any_of=("DCM",), insufficient=("VARA_EXCHANGE",))


def test_a_registration_is_held_lacked_or_not_known() -> None:
    assert outcome(REGISTERED, venue="kalshi") == "pass"
    assert outcome(REGISTERED, venue="robinhood") == "unknown"
    finding = found(knowledge_of(rule(effect=REGISTERED)), asked(), "bybit")["us.made_up"]
    assert (finding.outcome, finding.reason, finding.limit) == ("fail", Reason.NOT_PERMITTED, "DCM")
    assert finding.remedy is not None
    assert "kalshi" in finding.remedy.values
    assert "bybit" not in finding.remedy.values


def test_who_lists_the_contract_is_asked_by_its_id_where_nothing_says_whether_the_rule_reaches_the_venue() -> None:
    facility = RequireRegistration(any_of=("SEF", "DCM"))
    law = knowledge_of(rule(effect=facility, when=Condition(residence=("US",), venue_multilateral=True)))

    def told(*met: str) -> Finding:
        return found(law, asked(conditions_met=met), "robinhood")["us.made_up"]

    asks = told().question
    assert (told().outcome, asks and asks.id) == ("unknown", "us_contract_listed_by_dcm")
    assert told("us_contract_listed_by_dcm").outcome == "pass"
    denied = told("not:us_contract_listed_by_dcm").question
    assert denied is not None
    assert denied.id == "us_contract_listed_by_sef"
    assert told("not:us_contract_listed_by_dcm", "not:us_contract_listed_by_sef").outcome == "unknown"


def test_what_a_request_can_answer_is_asked_before_what_it_cannot() -> None:
    both = Condition(residence=("US",), venue_multilateral=True, client_class=(ClientClass.RETAIL,))
    law = knowledge_of(rule(when=both))
    finding = found(law, asked(client_class=None), "robinhood")["us.made_up"]
    assert finding.question is not None
    assert finding.question.field == "client.client_class"
    assert "us.made_up" not in found(law, asked(client_class=ClientClass.ECP), "robinhood")


def test_a_look_alike_registration_does_not_count() -> None:
    finding = found(knowledge_of(rule(effect=REGISTERED), day=date(2026, 11, 23)), asked(residence="US-FL"), "deribit")[
        "us.made_up"
    ]
    assert "VARA_EXCHANGE does not count" in finding.message


def test_nobody_can_hold_what_does_not_exist() -> None:
    effect = RequireRegistration(any_of=("NONE_AVAILABLE",))
    finding = found(knowledge_of(rule(effect=effect)), asked(), "kalshi")["us.made_up"]
    assert (finding.outcome, finding.reason, finding.remedy) == ("fail", Reason.NOT_PERMITTED, None)


def test_registrations_that_our_facts_do_not_cover_are_asked() -> None:
    effect = RequireRegistration(any_of=("BITLICENSE",), if_not_on_file=Answer.UNKNOWN)
    assert outcome(effect) == "unknown"
    assert outcome(effect, asked(conditions_met=("us_made_up_met",))) == "pass"


def test_a_venue_that_says_it_serves_the_place_is_asked_for_its_registration() -> None:
    effect = RequireRegistration(any_of=("MIFID_INVESTMENT_FIRM",))
    law = rule(effect=effect, when=Condition(residence=("EEA",)))
    question = asked(residence="DE")

    def outcome_with(terms: Access, question: LawInput = question) -> str:
        return found(knowledge_of(law, access=(terms,)), question)["us.made_up"].outcome

    served = row("EEA", AccessKind.CONDITIONAL)
    assert outcome_with(served) == "unknown"
    undated = row("EEA", AccessKind.ALLOWED, valid_from=None, certain_from=DAY + timedelta(days=367))
    assert outcome_with(undated) == "unknown"
    assert outcome_with(served, asked(residence="DE", conditions_met=("us_made_up_met",))) == "pass"
    for terms in (
        row("EEA", AccessKind.PROHIBITED),
        row("GB", AccessKind.ALLOWED),
        row("EEA", AccessKind.ALLOWED, products=(Product.SPOT,)),
        row("EEA", AccessKind.CONDITIONAL, condition_id=SERVICE_IN_DOUBT),
    ):
        assert outcome_with(terms) == "fail"


def test_terms_are_no_sign_of_a_registration_that_a_foreign_venue_cannot_hold() -> None:
    served = (row("EEA", AccessKind.ALLOWED),)
    for doubted, expected in ((True, "unknown"), (False, "fail")):
        effect = RequireRegistration(any_of=("MIFID_INVESTMENT_FIRM",), doubted_where_served=doubted)
        law = rule(effect=effect, when=Condition(residence=("EEA",)))
        assert found(knowledge_of(law, access=served), asked(residence="DE"))["us.made_up"].outcome == expected


def test_a_doubtful_registration_is_told_and_does_not_permit_alone() -> None:
    effect = RequireRegistration(any_of=("FIU_IND_REPORTING_ENTITY",))
    law = rule(effect=effect, when=Condition(residence=("IN",)))
    findings = found(knowledge_of(law), asked(residence="IN"), "mudrex")
    assert findings["us.made_up"].outcome == "pass"
    assert "low_confidence" in findings["us.made_up"].flags
    assert findings["jurisdiction.coverage"].outcome == "unknown"


@pytest.mark.parametrize(
    ("venue", "intermediary", "expected"),
    [
        ("kalshi", None, "pass"),
        ("cme", None, "unknown"),
        ("cme", "somebody", "unknown"),
        ("cme", "coinbase_financial_markets", "pass"),
        ("cme", "mudrex", "fail"),
        ("bybit", None, "fail"),
    ],
)
def test_the_firm_that_carries_the_account(venue: str, intermediary: str | None, expected: str) -> None:
    effect = RequireRegistration(any_of=("FCM",), holder=RegistrationHolder.INTERMEDIARY)
    assert outcome(effect, asked(intermediary=intermediary), venue) == expected


def test_a_firm_of_the_venues_group_is_told_with_the_source_of_its_registration() -> None:
    law = rule(effect=RequireRegistration(any_of=("FCM",), holder=RegistrationHolder.INTERMEDIARY))
    by_group = found(knowledge_of(law), asked(), "kalshi")["us.made_up"]
    named = found(knowledge_of(law), asked(intermediary="kalshi"), "cme")["us.made_up"]
    held = {one.source for one in knowledge_of(law).registrations("kalshi") if one.category == "FCM"}
    assert set(by_group.sources) & held
    assert by_group.sources == named.sources


@pytest.mark.parametrize("holder", [RegistrationHolder.ISSUER, RegistrationHolder.CONTRACT])
def test_an_issuer_or_a_contract_is_vouched_for(holder: RegistrationHolder) -> None:
    effect = RequireRegistration(any_of=("CFTC_PRODUCT_ORDER",), holder=holder, if_not_on_file=Answer.UNKNOWN)
    assert outcome(effect) == "unknown"
    assert outcome(effect, asked(conditions_met=("us_made_up_met",))) == "pass"


def test_a_class_of_client_is_required() -> None:
    effect = RequireClientClass(any_of=(ClientClass.ECP,))
    assert outcome(effect, asked(client_class=ClientClass.ECP)) == "pass"
    assert outcome(effect) == "fail"
    assert outcome(effect, asked(client_class=None)) == "unknown"
    open_ = found(knowledge_of(rule(effect=effect, when=OPEN)), asked())["us.made_up"]
    assert open_.outcome == "unknown"
    denied = Condition(residence=("US",), reduce_only=False)
    reducing = asked(reduce_only=True)
    assert found(knowledge_of(rule(effect=effect, when=denied)), reducing)["us.made_up"].outcome == "pass"


def test_protections_are_asked_for_and_vouched_for() -> None:
    for effect in (
        RequireMarginCloseout(ratio=Decimal("0.5"), basis="account margin", negative_balance_protection=True),
        RequireMarginCloseout(ratio=None),
        RequireNegativeBalanceProtection(limit="account_funds", closeout_required=True),
    ):
        knowledge = knowledge_of(rule(effect=effect))
        assert found(knowledge, asked())["us.made_up"].outcome == "unknown"
        assert found(knowledge, asked(conditions_met=("us_made_up_met",)))["us.made_up"].outcome == "pass"
        assert found(knowledge_of(rule(effect=effect, when=OPEN)), asked())["us.made_up"].outcome == "unknown"


def test_duties_warn_hold_or_inform() -> None:
    duty = RequireDisclosure(duties=("A warning",), forbids=("Gifts",))
    finding = found(knowledge_of(rule(effect=duty)), asked())["us.made_up"]
    assert (finding.outcome, finding.effect) == ("unknown", Effect.WARN)
    assert "no gifts" in finding.message
    assert outcome(duty, asked(conditions_met=("us_made_up_met",))) == "pass"
    assert outcome(structs.replace(duty, informs=True)) == "pass"
    held = found(knowledge_of(rule(effect=structs.replace(duty, holds_trade=True))), asked())["us.made_up"]
    assert (held.outcome, held.effect) == ("unknown", Effect.REVIEW)


def test_a_duty_that_may_not_arise() -> None:
    duty = RequireDisclosure(duties=("A warning",))
    assert found(knowledge_of(rule(effect=duty, when=OPEN)), asked())["us.made_up"].outcome == "skipped"
    question = LawQuestion(id="us_asked", ask="Is it so?")
    law = rule(effect=duty, questions=(question,))
    assert found(knowledge_of(law), asked())["us.made_up"].outcome == "unknown"
    assert found(knowledge_of(law), asked(conditions_met=("us_asked",)))["us.made_up"].outcome == "pass"
    excepted = rule(effect=duty, questions=(structs.replace(question, role=Role.EXEMPTS),))
    assert "us.made_up" not in found(knowledge_of(excepted), asked(conditions_met=("us_asked",)))


@pytest.mark.parametrize(
    "effect",
    [
        Prohibit(),
        Prohibit(gate=("DCM",), needs_permission=(LawProduct.PERPETUAL,)),
        CAP,
        PositionLimit(amount=Decimal(1), unit="contracts", contract_size=Decimal(1)),
        RequireRegistration(any_of=("DCM",)),
        RequireClientClass(any_of=(ClientClass.ECP,)),
        RequireMarginCloseout(ratio=Decimal("0.5")),
    ],
    ids=lambda effect: effect.__struct_config__.tag,
)
def test_every_effect_yields_to_an_exception_and_to_its_own_condition(effect: LawEffect) -> None:
    size = LawSize(leverage=Decimal(10), quantity=Decimal(2))
    assert found(knowledge_of(rule(effect=effect), LIFTED), asked(), size=size)["us.made_up"].outcome == "pass"
    might = structs.replace(LIFTED, when=OPEN)
    assert found(knowledge_of(rule(effect=effect), might), asked(), size=size)["us.made_up"].outcome == "unknown"
    not_so = rule(effect=effect, when=Condition(residence=("US",), reduce_only=True))
    assert found(knowledge_of(not_so), asked(), size=size)["us.made_up"].outcome == "pass"
    open_ = rule(effect=effect, when=OPEN)
    assert found(knowledge_of(open_), asked(), size=size)["us.made_up"].outcome == "unknown"


GATED = Prohibit(gate=("DCM",), needs_permission=(LawProduct.PERPETUAL,))


def test_a_gate_satisfies_some_products_and_only_opens_the_way_for_others() -> None:
    assert outcome(GATED, asked(product=LawProduct.OPTION), "kalshi") == "pass"
    finding = found(knowledge_of(rule(effect=GATED)), asked(), "kalshi")["us.made_up"]
    assert (finding.outcome, finding.reason) == ("fail", Reason.NOT_PERMITTED)
    assert outcome(GATED, asked(product=LawProduct.OPTION), "robinhood") == "unknown"
    refused = found(knowledge_of(rule(effect=GATED)), asked(), "bybit")["us.made_up"]
    assert (refused.outcome, refused.reason) == ("fail", Reason.PROHIBITED)


def test_who_lists_it_is_not_asked_where_no_rule_permits_it_at_any_market() -> None:
    finding = found(knowledge_of(rule(effect=GATED)), asked(), "robinhood")["us.made_up"]
    assert (finding.outcome, finding.reason, finding.question) == ("fail", Reason.NOT_PERMITTED, None)
    question = (LawQuestion(id="us_asked", ask="Is it so?"),)
    permits = rule("us_permits", effect=Allow(), questions=question, exception_to=("us_made_up",))
    finding = found(knowledge_of(rule(effect=GATED), permits), asked(), "robinhood")["us.made_up"]
    assert finding.outcome == "unknown"


def test_a_permission_is_told_open_or_left_to_what_it_excepts() -> None:
    question = (LawQuestion(id="us_asked", ask="Is it so?"),)
    plain = rule(effect=Allow(), questions=question)
    assert found(knowledge_of(plain), asked())["us.made_up"].outcome == "unknown"
    assert found(knowledge_of(plain), asked(conditions_met=("us_asked",)))["us.made_up"].outcome == "pass"
    assert found(knowledge_of(rule(effect=Allow(), when=OPEN)), asked())["us.made_up"].outcome == "skipped"
    denied = rule(effect=Allow(), when=Condition(residence=("US",), reduce_only=True))
    assert "us.made_up" not in found(knowledge_of(denied), asked())
    excepts = rule("us_excepts", effect=Allow(), questions=question, exception_to=("us_made_up",))
    findings = found(knowledge_of(rule(), excepts), asked())
    assert "us.excepts" not in findings
    assert findings["us.made_up"].question is not None
    assert findings["us.made_up"].question.id == "us_asked"


def test_a_permission_that_must_hold_holds_the_trade_unless_another_permits_it() -> None:
    question = (LawQuestion(id="us_asked", ask="Is it so?"),)
    must = rule("us_must", effect=Allow(must_hold=True), questions=question, exception_to=("us_made_up",))
    finding = found(knowledge_of(rule(when=OPEN), must), asked())["us.must"]
    assert (finding.outcome, finding.effect) == ("unknown", Effect.REVIEW)
    finding = found(knowledge_of(rule(), must, LIFTED), asked())["us.must"]
    assert finding.outcome == "pass"
    assert "us.lifts" in finding.message


@pytest.mark.parametrize(
    "effect",
    [Allow(must_hold=True), RequireDisclosure(duties=("A test",), holds_trade=True)],
    ids=("permission", "duty"),
)
def test_what_must_be_so_before_the_order_and_is_denied_stands_against_it(effect: LawEffect) -> None:
    questions = (LawQuestion(id="us_passed", ask="Passed?"), LawQuestion(id="us_reviewed", ask="Reviewed?"))
    law = knowledge_of(rule(effect=effect, questions=questions))
    assert found(law, asked())["us.made_up"].outcome == "unknown"
    assert found(law, asked(conditions_met=("us_passed", "us_reviewed")))["us.made_up"].outcome == "pass"
    for denied in (("not:us_passed",), ("us_passed", "not:us_reviewed"), ("not:us_reviewed",)):
        finding = found(law, asked(conditions_met=denied))["us.made_up"]
        assert (finding.outcome, finding.effect, finding.question) == ("fail", Effect.REVIEW, None)
        assert finding.reason is (Reason.NOT_PERMITTED if isinstance(effect, Allow) else Reason.PROHIBITED)
    may_not_apply = knowledge_of(rule(effect=effect, when=OPEN, questions=questions))
    finding = found(may_not_apply, asked(conditions_met=("not:us_passed",)))["us.made_up"]
    assert (finding.outcome, finding.effect) == ("unknown", Effect.REVIEW)
    assert finding.question is not None
    assert finding.question.field == "instrument"
    assert "us.made_up" not in found(may_not_apply, asked(quote="EUR", conditions_met=("not:us_passed",)))


@pytest.mark.parametrize("in_force", [InForce.ANNOUNCED, InForce.NOT_VERIFIED])
def test_a_permission_that_is_not_known_to_be_in_force_lifts_nothing(in_force: InForce) -> None:
    lifts = structs.replace(LIFTED, in_force=in_force)
    assert found(knowledge_of(rule(), LIFTED), asked())["us.made_up"].outcome == "pass"
    assert found(knowledge_of(rule(), lifts), asked())["us.made_up"].outcome == "fail"


def test_a_permission_that_is_denied_lifts_nothing_and_is_not_needed_where_another_holds() -> None:
    lifts = structs.replace(LIFTED, effect=Allow(must_hold=True), questions=(LawQuestion(id="us_asked", ask="So?"),))
    another = rule("us_lifts_too", effect=Allow(), exception_to=("us_made_up",))
    denied = asked(conditions_met=("not:us_asked",))
    alone = found(knowledge_of(rule(), lifts), denied)
    assert (alone["us.made_up"].outcome, alone["us.lifts"].outcome) == ("fail", "fail")
    beside = found(knowledge_of(rule(), lifts, another), denied)
    assert (beside["us.made_up"].outcome, beside["us.lifts"].outcome) == ("pass", "pass")


def test_a_denial_fails_a_demand_only_where_the_rule_applies() -> None:
    limit = PositionLimit(amount=None, unit="contracts")
    denied = asked(conditions_met=("not:us_made_up_met",))
    assert found(knowledge_of(rule(effect=limit)), denied)["us.made_up"].outcome == "fail"
    finding = found(knowledge_of(rule(effect=limit, when=OPEN)), denied)["us.made_up"]
    assert finding.outcome == "unknown"
    assert finding.question is not None
    assert finding.question.field == "instrument"


def test_what_exempts_from_a_duty_before_the_order_frees_the_trade_of_it() -> None:
    duty = RequireDisclosure(duties=("A test",), holds_trade=True)
    exempts = (LawQuestion(id="us_exempt", ask="Exempt?", role=Role.EXEMPTS),)
    law = knowledge_of(rule(effect=duty, questions=exempts))
    assert found(law, asked())["us.made_up"].outcome == "unknown"
    assert "us.made_up" not in found(law, asked(conditions_met=("us_exempt",)))


def test_exemptions_that_are_assumed_away_are_asked_one_after_the_other() -> None:
    exempts = {"role": Role.EXEMPTS, "assume": Answer.NO}
    questions = tuple(LawQuestion(id=one, ask="So?", **exempts) for one in ("us_first", "us_second"))
    duty = RequireDisclosure(duties=("A warning",))
    for effect, met in ((Prohibit(), ()), (duty, ("not:us_made_up_met",))):
        law = knowledge_of(rule(effect=effect, questions=questions))
        asks = found(law, asked(conditions_met=(*met, "not:us_first")))["us.made_up"]
        assert asks.question is not None
        assert (asks.question.id, "assumed" in asks.flags) == ("us_second", True)
        settled = found(law, asked(conditions_met=(*met, "not:us_first", "not:us_second")))["us.made_up"]
        assert (settled.outcome, settled.question, settled.flags) == ("fail", None, ())
    near = Condition(residence=("US",), venue_nexus=("US",), nexus_assumed=True)
    law = knowledge_of(rule(questions=questions, when=near, inference=True))
    settled = found(law, asked(conditions_met=("not:us_first", "not:us_second")))["us.made_up"]
    assert (settled.outcome, settled.question, set(settled.flags)) == ("fail", None, {"inference", "assumed"})


def test_what_is_announced_is_shown_and_what_is_not_verified_warns_and_neither_bites() -> None:
    announced = rule(in_force=InForce.ANNOUNCED, announced=date(2026, 10, 5), valid_from=None)
    finding = found(knowledge_of(announced), asked())["us.made_up"]
    assert (finding.outcome, finding.effect) == ("pass", Effect.WARN)
    assert "announced" in finding.flags
    assert "us.made_up" not in found(knowledge_of(announced, day=date(2026, 10, 4)), asked())
    coming = rule(announced=date(2026, 1, 1), valid_from=date(2027, 1, 1))
    assert "in force from 2027-01-01" in found(knowledge_of(coming), asked())["us.made_up"].message
    assert found(knowledge_of(coming, day=date(2027, 1, 1)), asked())["us.made_up"].outcome == "fail"
    ended = structs.replace(coming, valid_from=date(2026, 2, 1), valid_to=date(2026, 3, 1))
    assert "us.made_up" in found(knowledge_of(ended, day=date(2026, 1, 31)), asked())
    assert "us.made_up" not in found(knowledge_of(ended), asked())
    conditional = structs.replace(announced, questions=(LawQuestion(id="us_asked", ask="So?"),))
    assert "us.made_up" not in found(knowledge_of(conditional), asked(conditions_met=("not:us_asked",)))
    doubted = found(knowledge_of(rule(in_force=InForce.NOT_VERIFIED)), asked())["us.made_up"]
    assert (doubted.outcome, doubted.effect) == ("unknown", Effect.WARN)
    assert "not_verified" in doubted.flags
    denied = rule(in_force=InForce.NOT_VERIFIED, when=Condition(residence=("US",), reduce_only=True))
    assert "us.made_up" not in found(knowledge_of(denied), asked())


def test_screening_is_skipped_where_the_person_is_not_known() -> None:
    when = Condition(residence=("*",), on_sanctions_list=True)
    law = rule(screening=True, when=when)
    finding = found(knowledge_of(law), asked())["us.made_up"]
    assert finding.outcome == "skipped"
    assert finding.question is not None
    assert finding.question.field == "client.on_sanctions_list"
    assert found(knowledge_of(law), asked(on_sanctions_list=True))["us.made_up"].outcome == "fail"
    also_open = rule(screening=True, when=OPEN)
    assert found(knowledge_of(also_open), asked())["us.made_up"].outcome == "unknown"


def test_flags_tell_what_a_rule_rests_on() -> None:
    law = rule(
        confidence=Confidence.LOW,
        low_confidence=True,
        staff_level_only=True,
        litigation_risk=True,
        inference=True,
        valid_from=None,
        certain_from=date(2026, 12, 1),
    )
    finding = found(knowledge_of(law), asked())["us.made_up"]
    assert set(finding.flags) == {"low_confidence", "staff_level_only", "litigation_risk", "inference", "extrapolated"}
    assert finding.effect is Effect.REVIEW
    monthly = rule(valid_from=date(2026, 11, 1), valid_from_precision=Precision.MONTH)
    assert "inexact_date" in found(knowledge_of(monthly), asked())["us.made_up"].flags
    assert "inexact_date" not in found(knowledge_of(monthly, day=date(2026, 11, 30)), asked())["us.made_up"].flags
    assert "inexact_date" not in found(knowledge_of(monthly, day=date(2026, 12, 1)), asked())["us.made_up"].flags
    yearly = rule(valid_from=date(2026, 1, 1), valid_from_precision=Precision.YEAR)
    assert "inexact_date" in found(knowledge_of(yearly), asked())["us.made_up"].flags


def test_a_rule_without_a_day_is_open_until_its_month_is_over_or_the_caller_says_when() -> None:
    monthly = rule(valid_from=date(2026, 11, 1), valid_from_precision=Precision.MONTH)

    def finding(day: date = DAY, *conditions: str) -> Finding:
        return found(knowledge_of(monthly, day=day), asked(conditions_met=conditions))["us.made_up"]

    open_ = finding()
    assert (open_.outcome, open_.question and open_.question.id) == ("unknown", "us_made_up_in_force")
    assert "it started in 2026-11, and on which day is not on file" in open_.message
    assert finding(DAY, "us_made_up_in_force").outcome == "fail"
    assert finding(DAY, "not:us_made_up_in_force").outcome == "pass"
    assert finding(date(2026, 11, 30)).outcome == "fail"


def test_a_venues_own_term_belongs_to_the_access_family() -> None:
    law = rule(legal_force=LegalForce.VENUE_TERMS)
    assert found(knowledge_of(law), asked())["us.made_up"].family is Family.ACCESS


def test_a_list_of_commodities_classifies_and_leaves_the_rest_open() -> None:
    listed = Condition(residence=("US",), underlying=("BTC",), underlying_kind=(UnderlyingKind.CRYPTO,))
    law = rule(effect=Classify(asset_class=AssetClass.COMMODITY, others_unclassified=True), when=listed)
    assert found(knowledge_of(law), asked())["us.made_up"].outcome == "pass"
    finding = found(knowledge_of(law), asked(base="PEPE"))["us.made_up"]
    assert (finding.outcome, finding.effect) == ("unknown", Effect.REVIEW)
    assert found(knowledge_of(law), asked(base="USDT"))["us.made_up"].outcome == "unknown"
    assert "us.made_up" not in found(knowledge_of(law), asked(base="XAU"))
    closed = rule(effect=Classify(asset_class=AssetClass.COMMODITY), when=listed)
    assert "us.made_up" not in found(knowledge_of(closed), asked(base="PEPE"))
    assert "us.made_up" not in found(knowledge_of(closed), asked(base=None))


@pytest.mark.parametrize("in_force", [InForce.ANNOUNCED, InForce.NOT_VERIFIED])
def test_a_list_of_commodities_that_is_not_known_to_be_in_force_classifies_nothing(in_force: InForce) -> None:
    listed = Condition(residence=("US",), underlying=("BTC",))
    law = rule("us_list", effect=Classify(asset_class=AssetClass.COMMODITY, others_unclassified=True), when=listed)
    of_commodities = rule(when=Condition(residence=("US",), asset_class=AssetClass.COMMODITY))
    assert found(knowledge_of(law, of_commodities), asked())["us.made_up"].outcome == "fail"
    law = structs.replace(law, in_force=in_force)
    assert found(knowledge_of(law, of_commodities), asked())["us.made_up"].outcome == "unknown"
    assert "us.list" not in found(knowledge_of(law), asked(base="PEPE"))


def test_no_rule_is_never_a_yes() -> None:
    nothing = found(knowledge_of(), asked(residence="PY"))["jurisdiction.coverage"]
    assert (nothing.outcome, nothing.effect, nothing.reason) == (Outcome.UNKNOWN, Effect.REVIEW, Reason.UNKNOWN)
    elsewhere = rule(when=Condition(residence=("US",), venue_lacks_registration=("DCM",)))
    beside = found(knowledge_of(elsewhere), asked(), "kalshi")["jurisdiction.coverage"]
    assert (beside.outcome, beside.reason) == (Outcome.UNKNOWN, Reason.NOT_PERMITTED)
    for_all = rule(effect=Allow(), when=Condition(residence=("*",)))
    assert found(knowledge_of(for_all), asked())["jurisdiction.coverage"].outcome == "unknown"


@pytest.mark.parametrize(
    ("law", "question", "covered"),
    [
        (rule(), asked(), "pass"),
        (rule(when=OPEN), asked(), "pass"),
        (rule(effect=Allow()), asked(), "pass"),
        (rule(effect=Allow(), confidence=Confidence.LOW, low_confidence=True), asked(), "unknown"),
        (rule(effect=Allow(), questions=(LawQuestion(id="us_asked", ask="Is it so?"),)), asked(), "unknown"),
        (rule(effect=RequireClientClass(any_of=(ClientClass.RETAIL,))), asked(), "pass"),
        (rule(effect=RequireDisclosure(duties=("A warning",))), asked(), "unknown"),
    ],
    ids=["refused", "open", "permitted", "by a weak row", "by an open one", "for the class", "a duty alone"],
)
def test_what_covers_a_residence_and_a_product(law: object, question: LawInput, covered: str) -> None:
    findings = found(knowledge_of(law), question)  # type: ignore[arg-type]
    assert findings["jurisdiction.coverage"].outcome == covered


def test_where_a_permission_on_file_is_open_it_is_asked_about_and_nobody_vouches_past_it() -> None:
    law = rule(effect=Allow(), questions=(LawQuestion(id="us_asked", ask="Is it so?"),))
    for met in ((), (permission_id("US-FL", LawProduct.PERPETUAL, "bybit", None),)):
        open_ = found(knowledge_of(law), asked(conditions_met=met))["jurisdiction.coverage"]
        assert (open_.outcome, open_.reason) == (Outcome.UNKNOWN, Reason.NOT_PERMITTED)
        assert open_.question is not None
        assert open_.question.id == "us_asked"


def test_rules_of_a_seat_are_told_once_where_nobody_knows_the_seat() -> None:
    seats = [
        rule(f"{code}_seat", when=Condition(residence=("*",), venue_home=(code.upper(),))) for code in ("bm", "ky")
    ]
    findings = found(knowledge_of(*seats), asked(), "hyperliquid")
    assert set(findings) == {"jurisdiction.venue_establishment", "jurisdiction.coverage"}
    told = findings["jurisdiction.venue_establishment"]
    assert (told.outcome, told.effect) == ("unknown", Effect.REVIEW)
    assert "bm.seat, ky.seat" in told.message


def test_equal_questions_are_answered_from_memory_alike() -> None:
    knowledge = knowledge_of(rule(effect=CAP), rule("us_other"))
    first = found(knowledge, asked(), size=TEN)
    assert found(knowledge, asked(), size=TEN) == first
    assert found(knowledge, asked(), size=FIVE)["us.made_up"].outcome == "pass"
    assert knowledge.as_of == DAY


def test_a_demand_that_is_denied_asks_no_more_of_an_exemption_that_is_denied_too() -> None:
    law = rule(
        effect=RequireDisclosure(duties=("a warning is shown",)),
        questions=(
            LawQuestion(id="us_client_asked", ask="Did the client ask for it?", role=Role.EXEMPTS, assume=Answer.NO),
        ),
    )

    def told(*met: str) -> Finding:
        return found(knowledge_of(law), asked(conditions_met=met))["us.made_up"]

    once, twice = told("not:us_made_up_met"), told("not:us_made_up_met", "not:us_client_asked")
    assert (once.outcome, once.flags) == ("fail", ("assumed",))
    assert once.question is not None
    assert once.question.id == "us_client_asked"
    assert (twice.outcome, twice.flags, twice.question) == ("fail", (), None)
