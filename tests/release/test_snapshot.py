from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from data.documents import families
from data.facts.corpus import Corpus
from data.facts.venues import Ladder
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, Product, Side
from data.ladders import choose_fees
from data.release_facts import ReleaseFacts
from data.releases import ReleaseStore
from data.snapshot import Snapshot
from rules.knowledge import Knowledge
from tests.release.sample import corpus, fee, ladder

TODAY = date(2026, 11, 21)
FACTS = ReleaseFacts("rel_sample", corpus())


def on(day: date = TODAY) -> Snapshot:
    return FACTS.on(day)


def ladder_of(symbol: str, *, day: date = TODAY, venue: str = "north", **who: object) -> Ladder:
    asked = {"client_class": None, "residence": "AE", "side": Side.LONG, **who}
    found = on(day).ladder(venue, symbol, **asked)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_snapshot_is_the_knowledge_that_rules_ask(store: ReleaseStore) -> None:
    knowledge: Knowledge = store.current().facts.on(TODAY)
    assert (knowledge.release, knowledge.as_of) == (store.current().id, TODAY)
    assert [one.id for one in knowledge.venues()] == ["north", "south"]


def test_native_and_unified_symbols_name_the_same_instrument() -> None:
    native = on().instrument("north", "BTCUSDT")
    assert native is not None
    assert native is on().instrument("north", "BTC/USDT:USDT")
    assert on().ladder("north", "BTC/USDT:USDT", client_class=None, residence="AE", side=Side.LONG) is ladder_of(
        "BTCUSDT"
    )
    assert on().instrument("north", "NOSUCH") is None
    assert on().instrument("south", "BTCUSDT") is None


@pytest.mark.parametrize(
    ("day", "leverage"),
    [
        (date(2023, 1, 9), None),
        (date(2023, 1, 10), "125"),
        (date(2025, 1, 31), "125"),
        (date(2025, 2, 1), "150"),
        (TODAY, "150"),
    ],
)
def test_a_ladder_holds_from_its_first_day_up_to_its_last(day: date, leverage: str | None) -> None:
    found = on(day).ladder("north", "BTCUSDT", client_class=None, residence="AE", side=Side.LONG)
    assert (found.tiers[0].max_leverage if found else None) == (Decimal(leverage) if leverage else None)


def test_a_fact_of_unknown_start_holds_earlier_and_is_extrapolated() -> None:
    found = ladder_of("ETHUSDT", day=date(2019, 1, 1))
    assert found.extrapolated_on(date(2019, 1, 1))
    assert not found.extrapolated_on(date(2026, 9, 1))


def test_the_schedule_of_a_group_is_for_its_members_on_the_day() -> None:
    assert ladder_of("ETHUSDT", residence="DE").schedule == "EEA"
    assert ladder_of("ETHUSDT", residence="AE").schedule is None
    assert ladder_of("ETHUSDT", residence="GB", day=date(2020, 1, 31)).schedule == "EEA"
    assert ladder_of("ETHUSDT", residence="GB", day=date(2020, 2, 1)).schedule is None


def test_a_ladder_for_members_of_a_group_is_never_given_to_others() -> None:
    facts = ReleaseFacts("rel_x", _with(ladder("ONLY", schedule="EEA")))
    asked = {"client_class": None, "side": Side.LONG}
    assert facts.on(TODAY).ladder("north", "ONLY", residence="AE", **asked) is None  # type: ignore[arg-type]
    assert facts.on(TODAY).ladder("north", "ONLY", residence="DE", **asked) is not None  # type: ignore[arg-type]


def test_where_a_group_has_a_schedule_its_members_never_get_the_general_ladders() -> None:
    asked = {"client_class": None, "side": Side.LONG}
    assert on().ladder("north", "BTCUSDT", residence="AE", **asked) is not None  # type: ignore[arg-type]
    assert on().ladder("north", "BTCUSDT", residence="DE", **asked) is None  # type: ignore[arg-type]
    assert on().ladder("south", "BTC-SWAP", residence="DE", **asked) is not None  # type: ignore[arg-type]


def test_the_ladder_of_the_clients_class_is_taken() -> None:
    assert ladder_of("SOLUSDT", client_class=ClientClass.RETAIL).tiers[0].max_leverage == 10
    assert ladder_of("SOLUSDT", client_class=ClientClass.PROFESSIONAL).tiers[0].max_leverage == 50


def test_a_client_of_unknown_class_gets_the_tightest_ladder() -> None:
    assert ladder_of("SOLUSDT").tiers[0].max_leverage == 10
    assert ladder_of("SOLUSDT", client_class=ClientClass.INSTITUTIONAL).tiers[0].max_leverage == 10


def test_the_tighter_session_is_taken() -> None:
    assert ladder_of("XRPUSDT").session == "overnight"


def test_ladders_that_are_only_shown_never_decide() -> None:
    assert on().ladder("north", "ADAUSDT", client_class=None, residence="AE", side=Side.LONG) is None


def test_caps_are_those_of_the_symbol_and_of_every_symbol() -> None:
    day = date(2024, 6, 1)
    both = on(day).leverage_caps("north", Product.PERPETUAL, "BTC/USDT:USDT", MarginMode.CROSS)
    assert [cap.instrument for cap in both] == ["*", "BTCUSDT"]
    isolated = on(day).leverage_caps("north", Product.PERPETUAL, "BTCUSDT", MarginMode.ISOLATED)
    assert [cap.instrument for cap in isolated] == ["*"]
    unknown_mode = on(day).leverage_caps("north", Product.PERPETUAL, "BTCUSDT", None)
    assert [cap.instrument for cap in unknown_mode] == ["*", "BTCUSDT"]
    assert len(on().leverage_caps("north", Product.PERPETUAL, "BTCUSDT", MarginMode.CROSS)) == 1


def test_fees_are_the_general_schedule_lowest_volume_first() -> None:
    assert [fee.tier for fee in on().fees("north", Product.PERPETUAL, None, "")] == ["regular", "VIP 1"]
    assert on().fees("north", Product.OPTION, None, "") == ()


def test_fees_are_those_of_the_place_then_of_the_kind_of_contract() -> None:
    rows = (
        fee("general", "0", "0.0005"),
        fee("general, large", "1000", "0.0004"),
        fee("inverse", "0", "0.0006", schedule="inverse"),
        fee("EEA, large", "1000", "0.0007", schedule="EEA"),
        fee("EEA", "0", "0.0008", schedule="EEA"),
        fee("Dubai", "0", "0.0009", schedule="AE-DU"),
        fee("market makers", "0", "0", schedule="market makers"),
    )
    linear, inverse = ContractType.LINEAR, ContractType.INVERSE

    def chosen(kind: ContractType | None, residence: str, *groups: str) -> list[str]:
        return [one.tier for one in choose_fees(rows, contract_type=kind, residence=residence, groups=set(groups))]

    assert chosen(linear, "AE") == ["general", "general, large"]
    assert chosen(None, "") == ["general", "general, large"]
    assert chosen(inverse, "AE") == ["inverse"]
    assert chosen(inverse, "DE", "EU", "EEA") == ["EEA", "EEA, large"]
    assert chosen(linear, "AE-DU") == ["Dubai"]


def test_an_instruments_own_funding_terms_come_first() -> None:
    assert on().funding("north", "BTC/USDT:USDT").interval_hours == 4  # type: ignore[union-attr]
    assert on().funding("north", "ETHUSDT").interval_hours == 8  # type: ignore[union-attr]
    assert on().funding("south", "BTC-SWAP") is None


def test_a_policy_for_one_mode_is_not_given_for_the_other() -> None:
    assert on().liquidation("north", Product.PERPETUAL, MarginMode.ISOLATED) is not None
    assert on().liquidation("north", Product.PERPETUAL, MarginMode.CROSS) is None
    assert on().liquidation("north", Product.PERPETUAL, None) is not None


def test_terms_for_a_residence_come_narrowest_first() -> None:
    def named(residence: str, day: date = TODAY) -> list[str]:
        return [row.jurisdiction for row in on(day).access("north", residence)]

    assert named("US-NY") == ["US-NY", "US", "*"]
    assert named("US-CA") == ["US", "*"]
    assert named("US") == ["US", "*"]
    assert named("DE") == ["EEA", "*"]
    assert named("GB") == ["*"]
    assert named("GB", date(2019, 1, 1)) == ["EEA", "*"]


def test_age_counts_from_the_last_check_before_the_day() -> None:
    assert on().age_days("north", "fees") == 20
    assert on(date(2026, 10, 1)).age_days("north", "fees") == 30
    assert on(date(2025, 1, 1)).age_days("north", "fees") == -608
    assert on().age_days("north", "ladders") is None


def test_a_registration_is_listed_while_it_holds() -> None:
    assert [one.category for one in on().registrations("south")] == ["DCM"]
    assert on(date(2019, 12, 31)).registrations("south") == ()


def test_listings_span_venues() -> None:
    assert [one.venue for one in on().listings("BTC", Product.PERPETUAL)] == ["north", "south", "north"]


@given(day=st.dates(date(2018, 1, 1), date(2028, 1, 1)))
def test_whatever_a_snapshot_lists_holds_on_its_day(day: date) -> None:
    snapshot = on(day)
    listed = [
        *snapshot.access("north", "DE"),
        *snapshot.registrations("south"),
        *snapshot.leverage_caps("north", Product.PERPETUAL, "BTCUSDT", None),
        *snapshot.listings("BTC", Product.PERPETUAL),
    ]
    assert all(row.holds_on(day) for row in listed)


def test_what_is_derived_from_a_snapshot_is_built_once() -> None:
    built: list[date] = []

    def build(snapshot: Knowledge) -> int:
        built.append(snapshot.as_of)
        return len(snapshot.venues())

    snapshot = Snapshot(FACTS, TODAY)
    assert (snapshot.derive(build), snapshot.derive(build), built) == (2, 2, [TODAY])


def test_caps_that_are_announced_or_of_another_underlying_never_bind() -> None:
    general = corpus().leverage_caps[0]
    caps = (
        general,
        structs.replace(general, key="announced", in_force=False),
        structs.replace(general, key="ether", base="ETH"),
        structs.replace(general, key="bitcoin", base="BTC"),
    )
    snapshot = ReleaseFacts("rel_x", structs.replace(corpus(), leverage_caps=caps)).on(TODAY)
    assert [cap.key for cap in snapshot.leverage_caps("north", Product.PERPETUAL, "BTCUSDT", None)] == [
        general.key,
        "bitcoin",
    ]


def test_actions_of_regulators_are_listed_whatever_their_date() -> None:
    assert len(on(date(2018, 1, 1)).enforcement_actions("north")) == 1
    assert on().enforcement_actions("south") == ()


def test_the_policy_for_the_kind_of_contract_comes_before_the_general_one() -> None:
    isolated = corpus().liquidation_policies[0]
    policies = (
        isolated,
        structs.replace(isolated, key="inverse", contract_type=ContractType.INVERSE, margin_mode=MarginMode.ANY),
        structs.replace(isolated, key="older", variant="before 2024"),
    )
    snapshot = ReleaseFacts("rel_x", structs.replace(corpus(), liquidation_policies=policies)).on(TODAY)

    def key(mode: MarginMode | None, contract_type: ContractType | None) -> str | None:
        found = snapshot.liquidation("north", Product.PERPETUAL, mode, contract_type)
        return found.key if found else None

    assert key(MarginMode.ISOLATED, ContractType.INVERSE) == "inverse"
    assert key(MarginMode.ISOLATED, ContractType.LINEAR) == isolated.key
    assert key(MarginMode.ISOLATED, None) == isolated.key
    assert key(MarginMode.CROSS, ContractType.LINEAR) is None
    assert key(MarginMode.CROSS, ContractType.INVERSE) == "inverse"
    assert key(None, ContractType.INVERSE) == "inverse"
    assert key(None, ContractType.LINEAR) == isolated.key


def test_every_family_of_facts_can_be_decoded() -> None:
    assert set(families()) == set(type(corpus()).__struct_fields__)


def _with(*ladders: Ladder) -> Corpus:
    return structs.replace(corpus(), ladders=ladders)


def test_steps_and_sizes_that_cannot_be_are_not_known() -> None:
    """A release from before such values were refused may hold them."""
    facts = corpus()
    odd = [structs.replace(one, tick_size=Decimal(0), min_size=Decimal(-1)) for one in facts.instruments]
    found = ReleaseFacts("rel_odd", structs.replace(facts, instruments=tuple(odd))).on(TODAY)
    for symbol in ("BTCUSDT", "BTC/USDT:USDT"):
        one = found.instrument("north", symbol)
        assert one is not None
        assert (one.tick_size, one.min_size) == (None, None)
