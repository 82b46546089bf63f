"""A requirement that the caller vouches for: every other rule sees the venue as the holder of what it names."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from data.facts.law import (
    Allow,
    Answer,
    Condition,
    InForce,
    LawQuestion,
    LawRule,
    Prohibit,
    RegistrationHolder,
    RequireRegistration,
)
from data.facts.venues import Registration
from data.facts.vocabulary import AccessKind, ClientClass
from rules.condition_ids import listed_id
from rules.decision import Finding, Reason
from rules.law.index import law_index
from rules.trade import denial_of
from tests.law.made_up import DAY, asked, found, knowledge_of, row, rule

VATP, TYPE_1, MARGIN = "HK_SFC_VATP", "HK_SFC_TYPE_1", "HK_SFC_TYPE_1_MARGIN"
US = ("US",)
MET = "us_made_up_met"


def licence(*categories: str, id: str = "us_made_up", **fields: Any) -> LawRule:  # noqa: A002
    """Return a requirement that the venue facts do not cover, so that it is left to the caller."""
    return rule(id, effect=RequireRegistration(any_of=categories, if_not_on_file=Answer.UNKNOWN), **fields)


def binds_holders(*categories: str) -> LawRule:
    """Return a prohibition for the holders of any of these."""
    return rule("us_holders", when=Condition(residence=US, venue_has_registration=categories))


def told(*rules: LawRule, met: tuple[str, ...] = (MET,), venue: str = "bybit", **fields: Any) -> dict[str, Finding]:
    return found(knowledge_of(*rules), asked(conditions_met=met, **fields), venue)


def test_the_requirement_itself_passes() -> None:
    assert told(licence(VATP, TYPE_1), met=())["us.made_up"].outcome == "unknown"
    finding = told(licence(VATP, TYPE_1))["us.made_up"]
    assert finding.outcome == "pass"
    assert "the caller vouches for it" in finding.message


def test_one_category_is_certainly_held_and_binds() -> None:
    rules = (licence(VATP), binds_holders(VATP))
    assert "us.holders" not in told(*rules, met=())
    finding = told(*rules)["us.holders"]
    assert (finding.outcome, finding.reason) == ("fail", Reason.PROHIBITED)
    assert f"the caller vouches that Bybit holds {VATP}" in finding.message


def test_one_of_several_is_asked_for_and_the_answer_settles_it() -> None:
    rules = (licence(VATP, TYPE_1), binds_holders(VATP))
    finding = told(*rules)["us.holders"]
    assert finding.outcome == "unknown"
    assert finding.question is not None
    assert finding.question.id == "bybit_holds_hk_sfc_vatp"
    assert f"{VATP}, {TYPE_1}" in finding.question.ask
    assert told(*rules, met=(MET, "bybit_holds_hk_sfc_vatp"))["us.holders"].outcome == "fail"
    assert "us.holders" not in told(*rules, met=(MET, "bybit_holds_hk_sfc_type_1"))
    assert "us.holders" not in told(*rules, met=("bybit_holds_hk_sfc_vatp",))


def test_whichever_it_is_counts_where_all_of_them_are_meant() -> None:
    finding = told(licence(VATP, TYPE_1), binds_holders(VATP, TYPE_1))["us.holders"]
    assert finding.outcome == "fail"
    assert f"holds {VATP} or {TYPE_1}" in finding.message
    second = licence(TYPE_1, VATP, id="us_second")
    assert told(licence(VATP, TYPE_1), second)["us.second"].outcome == "pass"
    assert told(licence(VATP), second)["us.second"].outcome == "pass"
    assert told(licence(VATP, MARGIN), second)["us.second"].outcome == "pass"
    assert told(licence(VATP, "HK_SFC_TYPE_2"), second)["us.second"].outcome == "unknown"


def test_what_a_category_implies_follows() -> None:
    assert told(licence(MARGIN), binds_holders(TYPE_1))["us.holders"].outcome == "fail"
    finding = told(licence("DFSA_MTF", "FSRA_MTF"), binds_holders("DFSA_AUTHORISED_FIRM", "FSRA_FSP"))["us.holders"]
    assert finding.outcome == "fail"


def test_what_a_category_may_include_is_asked_for() -> None:
    rules = (licence("MIFID_TRADING_VENUE"), binds_holders("MTF"))
    finding = told(*rules)["us.holders"]
    assert finding.outcome == "unknown"
    assert "holds MIFID_TRADING_VENUE, which may include MTF" in finding.message
    assert finding.question is not None
    assert finding.question.ask == "Does Bybit hold MTF?"
    assert finding.question.id == "bybit_holds_mtf"
    settled = told(*rules, met=(MET, "bybit_holds_mtf"))["us.holders"]
    assert settled.outcome == "fail"
    assert "the caller vouches that Bybit holds MTF" in settled.message


def test_what_a_category_brings_is_not_held_where_the_caller_denies_it() -> None:
    rules = (licence("MIFID_TRADING_VENUE"), binds_holders("MTF"))
    assert "us.holders" not in told(*rules, met=(MET, "not:bybit_holds_mtf"))
    assert told(licence("MIFID_TRADING_VENUE"), met=(MET, "not:bybit_holds_mtf"))["us.made_up"].outcome == "pass"
    assert "us.holders" not in told(licence(MARGIN), binds_holders(TYPE_1), met=(MET, "not:bybit_holds_hk_sfc_type_1"))


def test_a_rule_for_those_who_lack_it_does_not_bite_or_is_open() -> None:
    lacks = rule("us_lacks", when=Condition(residence=US, venue_lacks_registration=(VATP,)))
    assert told(licence(VATP), lacks, met=())["us.lacks"].outcome == "fail"
    assert told(licence(VATP), lacks)["us.lacks"].outcome == "pass"
    assert told(licence(VATP, TYPE_1), lacks)["us.lacks"].outcome == "unknown"


def test_a_gate_opens_for_the_one_named_and_is_open_for_one_of_several() -> None:
    gate = rule("us_gate", effect=Prohibit(gate=(VATP,)))
    assert told(licence(VATP), gate)["us.gate"].outcome == "pass"
    finding = told(licence(VATP, TYPE_1), gate)["us.gate"]
    assert finding.outcome == "unknown"
    assert finding.question is not None
    assert finding.question.id == "bybit_holds_hk_sfc_vatp"
    assert told(licence(VATP, TYPE_1), gate, met=(MET, finding.question.id))["us.gate"].outcome == "pass"


def test_a_venue_that_carries_the_account_holds_it_too() -> None:
    carries = rule("us_carries", effect=RequireRegistration(any_of=(VATP,), holder=RegistrationHolder.INTERMEDIARY))
    assert told(licence(VATP), carries, met=())["us.carries"].outcome == "fail"
    assert told(licence(VATP), carries)["us.carries"].outcome == "pass"
    assert told(licence(VATP), carries, intermediary="bybit")["us.carries"].outcome == "pass"
    assert told(licence(VATP), carries, intermediary="mexc")["us.carries"].outcome == "fail"


@pytest.mark.parametrize("firm", [None, "bybit"])
def test_a_venue_that_carries_the_account_holds_one_of_those_vouched_for(firm: str | None) -> None:
    effect = RequireRegistration(any_of=(VATP, TYPE_1), holder=RegistrationHolder.INTERMEDIARY)
    finding = told(licence(VATP, TYPE_1), rule("us_carries", effect=effect), intermediary=firm)["us.carries"]
    assert finding.outcome == "pass"
    assert f"holds {VATP} or {TYPE_1}" in finding.message


def test_what_is_on_file_decides_before_what_is_vouched_for() -> None:
    rules = (licence("DCM", VATP), binds_holders("DCM", VATP))
    finding = told(*rules, venue="kalshi")["us.holders"]
    assert finding.outcome == "fail"
    assert "vouches" not in finding.message
    beside = told(licence(VATP), binds_holders("DCM"), venue="kalshi")["us.holders"]
    assert "vouches" not in beside.message


def test_what_is_open_for_another_reason_asks_its_own_question() -> None:
    finding = told(licence(VATP), binds_holders("VARA_EXCHANGE_ETD"), venue="okx")["us.holders"]
    assert finding.outcome == "unknown"
    assert "whether OKX holds VARA_EXCHANGE_ETD is not known" in finding.message


@pytest.mark.parametrize(
    "law",
    [
        rule(effect=RequireRegistration(any_of=(VATP,))),
        licence(VATP, when=Condition(residence=("HK",))),
        licence(VATP, when=Condition(residence=US, venue=("kalshi",))),
        licence(VATP, when=Condition(residence=US, client_class=(ClientClass.ECP,))),
        licence(VATP, when=Condition(residence=US, quote=("USD",))),
        licence(VATP, in_force=InForce.NOT_VERIFIED),
        licence("NONE_AVAILABLE"),
        rule(effect=RequireRegistration(any_of=(VATP,), holder=RegistrationHolder.ISSUER)),
        rule(effect=Prohibit()),
    ],
    ids=("lacking", "place", "venue", "class", "open", "unverified", "nobody", "issuer", "prohibition"),
)
def test_vouching_counts_only_where_the_venue_is_asked_for_it(law: LawRule) -> None:
    assert "us.holders" not in told(law, binds_holders(VATP))


def test_what_the_venue_may_hold_by_what_is_on_file_may_be_vouched_for() -> None:
    """OKX may hold what its company in Dubai is licensed for there; whoever must hold it would be refused elsewhere."""
    category = "VARA_EXCHANGE_ETD"
    law = rule(effect=RequireRegistration(any_of=(category,)))
    assert told(law, met=(), venue="okx")["us.made_up"].outcome == "unknown"
    vouched = told(law, binds_holders(category), venue="okx")
    assert (vouched["us.made_up"].outcome, vouched["us.holders"].outcome) == ("pass", "fail")


def registration(**fields: Any) -> Registration:
    """Return a registration of Bybit as a market of contracts, held for long."""
    return Registration(
        **{
            "key": "bybit|DCM",
            "source": "bybit.made_up",
            "valid_from": date(2015, 1, 1),
            "certain_from": date(2015, 1, 1),
            "venue": "bybit",
            "regulator": "CFTC",
            "jurisdiction": "US",
            "category": "DCM",
            "described_as": "a contract market",
            "entity": "Bybit",
            "active": True,
            **fields,
        }
    )


@pytest.mark.parametrize("said", ["bybit_holds_dcm", "not:bybit_holds_dcm"])
def test_what_the_caller_says_of_a_category_changes_nothing_that_the_file_is_certain_of(said: str) -> None:
    of_unknown_start = registration(valid_from=None, certain_from=DAY + timedelta(days=30), key="bybit|DCM|2")

    def holding(*rows: Registration) -> Finding | None:
        knowledge = knowledge_of(binds_holders("DCM"), registrations=rows)
        return found(knowledge, asked(conditions_met=(said,))).get("us.holders")

    certain = holding(registration(), of_unknown_start)
    assert certain is not None
    assert (certain.outcome, certain.message) == ("fail", holding(registration()).message)  # type: ignore[union-attr]
    alone = holding(of_unknown_start)
    assert (alone.outcome if alone else None) == (None if said.startswith("not:") else "fail")


def test_what_one_caller_says_of_a_venue_is_not_remembered_for_the_next() -> None:
    of_unknown_start = registration(valid_from=None, certain_from=DAY + timedelta(days=30))
    knowledge = knowledge_of(binds_holders("DCM"), registrations=(of_unknown_start,))
    broker = knowledge_of(binds_holders("DCM"))
    listed = listed_id(law_index(broker).categories["DCM"])
    for asked_of, venue, said in ((knowledge, "bybit", "bybit_holds_dcm"), (broker, "robinhood", listed)):
        expected = {(): "unknown", (said,): "fail", (denial_of(said),): None}
        for met in (*expected, *reversed(expected)):
            finding = found(asked_of, asked(conditions_met=met), venue).get("us.holders")
            assert (finding.outcome if finding else None) == expected[met], (venue, met)


def test_nobody_s_word_makes_up_for_a_category_that_nobody_can_hold() -> None:
    assert told(licence("NONE_AVAILABLE"))["us.made_up"].outcome == "unknown"
    assert told(licence("NONE_AVAILABLE", VATP))["us.made_up"].outcome == "pass"
    bound = told(licence("NONE_AVAILABLE", VATP), binds_holders(VATP))["us.holders"]
    assert (bound.outcome, bound.reason) == ("fail", Reason.PROHIBITED)


def test_a_requirement_that_the_file_shows_unmet_still_fails() -> None:
    effect = RequireRegistration(any_of=(VATP,))
    law = knowledge_of(rule(effect=effect), access=(row("US", AccessKind.PROHIBITED),))
    assert found(law, asked(conditions_met=(MET,)))["us.made_up"].outcome == "fail"


def test_a_requirement_that_another_brings_up_is_vouched_for_in_turn() -> None:
    second = licence(TYPE_1, id="us_second", when=Condition(residence=US, venue_has_registration=(VATP,)))
    binds = binds_holders(TYPE_1)
    assert "us.holders" not in told(licence(VATP), second, binds)
    assert told(licence(VATP), second, binds, met=(MET, "us_second_met"))["us.holders"].outcome == "fail"
    assert "us.holders" not in told(licence(VATP), second, binds, met=("us_second_met",))


def test_a_permission_for_holders_asks_before_it_lifts() -> None:
    lifts = rule(
        "us_lifts",
        effect=Allow(),
        exception_to=("us_ban",),
        when=Condition(residence=US, venue_has_registration=(VATP,)),
        questions=(LawQuestion(id="us_approved", ask="Is it approved?"),),
    )
    ban = rule("us_ban")
    assert told(licence(VATP), ban, lifts)["us.ban"].outcome == "unknown"
    assert told(licence(VATP), ban, lifts, met=(MET, "us_approved"))["us.ban"].outcome == "pass"
    assert told(licence(VATP, TYPE_1), ban, lifts, met=(MET, "us_approved"))["us.ban"].outcome == "unknown"


def test_the_order_of_what_is_met_does_not_matter() -> None:
    rules = (licence(VATP, TYPE_1), licence(TYPE_1, VATP, id="us_second"), binds_holders(VATP))
    one = told(*rules, met=(MET, "us_second_met"))
    assert one == told(*rules, met=("us_second_met", MET))
    knowledge = knowledge_of(*rules)
    vouched, silent = asked(conditions_met=(MET,)), asked()
    first = [found(knowledge, question) for question in (vouched, silent, vouched, silent)]
    assert first[0] == first[2]
    assert first[1] == first[3]
    assert "us.holders" not in first[1]
