"""A small set of facts with everything that lookups must tell apart. The venues are not real."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from data.facts.corpus import Corpus, Gap, Membership, Verification
from data.facts.dates import Precision
from data.facts.fact import Conflict, Source
from data.facts.law import (
    AppliesTo,
    Claim,
    ClaimVerdict,
    ClassTest,
    ClientClassTest,
    ClientFact,
    Condition,
    Firm,
    InForce,
    Jurisdiction,
    LawProduct,
    LawQuestion,
    LawRule,
    Prohibit,
    RegistrationCategory,
)
from data.facts.law import LeverageCap as LawLeverageCap
from data.facts.margin_models import LadderKind, TieredMargin
from data.facts.venues import (
    Access,
    AdlPolicy,
    Enforcement,
    Fee,
    FeeExtra,
    FundingTerms,
    Instrument,
    Ladder,
    LeverageCap,
    LiquidationPolicy,
    MarginRule,
    MarginTier,
    Registration,
    StatusPeriod,
    Venue,
)
from data.facts.vocabulary import (
    AccessKind,
    ClientClass,
    ContractType,
    Evidence,
    MarginMode,
    NotionalBasis,
    Product,
    TriggerPrice,
    VenueKind,
    VenueState,
)

PAGE = "north.page"
SEEN = date(2026, 11, 21)


def said(key: str, **more: Any) -> dict[str, Any]:
    """Return the fields that every fact has; certain from its start, else from the day its source was published."""
    fields = {"key": key, "source": PAGE, **more}
    return {"certain_from": fields.get("valid_from") or date(2026, 9, 1), **fields}


def rung(tier: int, floor: str, cap: str | None, rate: str, leverage: str) -> MarginTier:
    return MarginTier(
        tier=tier,
        floor=Decimal(floor),
        cap=Decimal(cap) if cap else None,
        initial_margin_rate=None,
        maintenance_margin_rate=Decimal(rate),
        maintenance_amount=None,
        max_leverage=Decimal(leverage),
    )


def ladder(symbol: str, *tiers: MarginTier, venue: str = "north", **more: Any) -> Ladder:
    fields: dict[str, Any] = {
        "venue": venue,
        "instrument": symbol,
        "product": Product.PERPETUAL,
        "contract_type": ContractType.LINEAR,
        "settle": "USDT",
        "unit": "USDT",
        "tiers": tiers or (rung(1, "0", "1000", "0.01", "50"), rung(2, "1000", None, "0.02", "25")),
    }
    key = "|".join(str(more.get(name, "")) for name in ("client_class", "schedule", "session", "side"))
    return Ladder(**{**fields, **said(f"{venue}|{symbol}|{key}"), **more})


def instrument(symbol: str, *, venue: str = "north", **more: Any) -> Instrument:
    fields: dict[str, Any] = {
        "venue": venue,
        "symbol": symbol,
        "unified": None,
        "product": Product.PERPETUAL,
        "base": symbol[:3],
        "quote": "USDT",
        "settle": "USDT",
        "contract_type": ContractType.LINEAR,
        "contract_size": None,
        "contract_size_unit": None,
        "tick_size": None,
        "min_size": None,
        "max_size": None,
    }
    return Instrument(**{**fields, **said(f"{venue}|{symbol}"), **more})


def venue(name: str, **more: Any) -> Venue:
    fields: dict[str, Any] = {
        "id": name,
        "name": name.title(),
        "operator": None,
        "parent": None,
        "home_jurisdiction": "SC",
        "zone": None,
        "website": None,
        "kind": VenueKind.CEX,
        "status": (StatusPeriod(state=VenueState.OPERATING, source=PAGE),),
        "products": (Product.PERPETUAL,),
    }
    return Venue(**{**fields, **more})


def fee(tier: str, volume: str | None, taker: str, **more: Any) -> Fee:
    fields: dict[str, Any] = {
        "venue": "north",
        "product": Product.PERPETUAL,
        "tier": tier,
        "min_volume_30d_usd": Decimal(volume) if volume else None,
        "min_holding": None,
        "maker": Decimal("-0.00005"),
        "taker": Decimal(taker),
    }
    return Fee(**{**fields, **said(f"north|perpetual|{tier}"), **more})


def access(jurisdiction: str, kind: AccessKind, **more: Any) -> Access:
    fields: dict[str, Any] = {
        "venue": "north",
        "jurisdiction": jurisdiction,
        "products": (Product.PERPETUAL,),
        "client_classes": (ClientClass.ANY,),
        "access": kind,
    }
    return Access(**{**fields, **said(f"north|{jurisdiction}"), **more})


def corpus() -> Corpus:
    """Return the sample."""
    return Corpus(
        sources=(
            Source(
                id=PAGE,
                title="Contract terms",
                publisher="North",
                url="https://north.example/terms",
                evidence=Evidence.PRIMARY,
                seen=SEEN,
                published=date(2026, 9, 1),
            ),
            Source(
                id="north.news",
                title="North changes its terms",
                publisher="A paper",
                url="https://paper.example/north",
                evidence=Evidence.SECONDARY,
                seen=SEEN,
                published=date(2025, 3, 1),
                published_precision=Precision.MONTH,
            ),
        ),
        venues=(
            venue("north"),
            venue(
                "south",
                home_jurisdiction="US",
                kind=VenueKind.DCM,
                status=(
                    StatusPeriod(state=VenueState.OPERATING, source=PAGE),
                    StatusPeriod(
                        state=VenueState.MIGRATED, valid_from=date(2026, 6, 1), successor="north", source=PAGE
                    ),
                ),
            ),
        ),
        instruments=(
            instrument("BTCUSDT", unified="BTC/USDT:USDT", tick_size=Decimal("0.1"), min_size=Decimal("0.001")),
            instrument("ETHUSDT", unified="ETH/USDT:USDT"),
            instrument(
                "BTC-SWAP",
                unified="BTC/USDT:USDT",
                venue="south",
                contract_size=Decimal("0.01"),
                contract_size_unit="BTC",
            ),
            instrument(
                "BTCUSD",
                unified="BTC/USD:BTC",
                quote="USD",
                settle="BTC",
                contract_type=ContractType.INVERSE,
                contract_size=Decimal(100),
                contract_size_unit="USD",
            ),
        ),
        ladders=(
            ladder(
                "BTCUSDT",
                rung(1, "0", "50000", "0.004", "125"),
                rung(2, "50000", "250000", "0.005", "100"),
                valid_from=date(2023, 1, 10),
                valid_to=date(2025, 2, 1),
                observed=True,
            ),
            ladder(
                "BTCUSDT",
                rung(1, "0", "300000", "0.004", "150"),
                rung(2, "300000", "800000", "0.005", "100"),
                rung(3, "800000", "3000000", "0.0065", "75"),
                valid_from=date(2025, 2, 1),
                observed=True,
            ),
            ladder("ETHUSDT"),
            ladder("ETHUSDT", schedule="EEA", tiers=(rung(1, "0", "500", "0.05", "10"),)),
            ladder("BTC-SWAP", venue="south", unit="contracts"),
            ladder("BTCUSD", unit="contracts", contract_type=ContractType.INVERSE, settle="BTC"),
            ladder("SOLUSDT", client_class=ClientClass.RETAIL, tiers=(rung(1, "0", None, "0.05", "10"),)),
            ladder("SOLUSDT", client_class=ClientClass.PROFESSIONAL, tiers=(rung(1, "0", None, "0.01", "50"),)),
            ladder("XRPUSDT", session="intraday", tiers=(rung(1, "0", None, "0.05", "10"),)),
            ladder("XRPUSDT", session="overnight", tiers=(rung(1, "0", None, "0.1", "5"),)),
            ladder("ADAUSDT", usable=False),
        ),
        leverage_caps=(
            LeverageCap(
                venue="north",
                product=Product.PERPETUAL,
                instrument="*",
                margin_mode=MarginMode.ANY,
                client_class=ClientClass.ANY,
                jurisdiction="*",
                max_leverage=Decimal(150),
                **said("north|*"),
            ),
            LeverageCap(
                venue="north",
                product=Product.PERPETUAL,
                instrument="BTCUSDT",
                margin_mode=MarginMode.CROSS,
                client_class=ClientClass.RETAIL,
                jurisdiction="GB",
                max_leverage=Decimal(2),
                **said("north|BTCUSDT|GB", valid_from=date(2024, 5, 1), valid_to=date(2025, 5, 1)),
            ),
        ),
        fees=(
            fee("VIP 1", "1000000", "0.0004"),
            fee("regular", None, "0.0005"),
            fee("promotion", None, "0", schedule="zero"),
        ),
        fee_extras=(
            FeeExtra(
                venue="north",
                product=Product.PERPETUAL,
                kind="liquidation",
                rate=Decimal("0.0125"),
                amount=None,
                currency=None,
                per="notional",
                **said("north|liquidation"),
            ),
        ),
        funding_terms=(
            FundingTerms(
                venue="north",
                product=Product.PERPETUAL,
                instrument="*",
                interval_hours=Decimal(8),
                cap=Decimal("0.03"),
                floor=Decimal("-0.03"),
                interest_rate_8h=Decimal("0.0001"),
                formula="premium plus clamped interest",
                **said("north|funding"),
            ),
            FundingTerms(
                venue="north",
                product=Product.PERPETUAL,
                instrument="BTCUSDT",
                interval_hours=Decimal(4),
                cap=Decimal("0.003"),
                floor=Decimal("-0.003"),
                interest_rate_8h=None,
                formula="as the general terms",
                **said("north|funding|BTCUSDT"),
            ),
        ),
        margin_rules=(
            MarginRule(
                venue="north",
                product=Product.PERPETUAL,
                contract_type=ContractType.LINEAR,
                initial_margin_formula="notional / leverage",
                maintenance_margin_formula="notional * rate - amount",
                notional_basis=NotionalBasis.MARK,
                **said("north|margin"),
            ),
        ),
        liquidation_policies=(
            LiquidationPolicy(
                venue="north",
                product=Product.PERPETUAL,
                margin_mode=MarginMode.ISOLATED,
                trigger_price=TriggerPrice.MARK,
                trigger="margin balance at or below maintenance margin",
                method="partial",
                liquidation_fee=Decimal("0.0125"),
                liquidation_fee_words=None,
                margin_call_level=None,
                margin_call_words=None,
                insurance_fund=True,
                liquidation_price_formula=None,
                **said("north|isolated"),
            ),
        ),
        adl_policies=(
            AdlPolicy(
                venue="north",
                product=Product.PERPETUAL,
                exists=True,
                trigger="the insurance fund is exhausted",
                ranking="profit times leverage",
                indicator="five lights",
                counterparty_price="bankruptcy price",
                **said("north|adl"),
            ),
        ),
        registrations=(
            Registration(
                venue="south",
                regulator="CFTC",
                jurisdiction="US",
                category="DCM",
                described_as="designated contract market",
                entity="South LLC",
                active=True,
                **said("south|CFTC|DCM", valid_from=date(2020, 1, 1), valid_from_precision=Precision.YEAR),
            ),
        ),
        access=(
            access("*", AccessKind.ALLOWED),
            access("US", AccessKind.PROHIBITED),
            access("US-NY", AccessKind.PROHIBITED, note="named on its own"),
            access("EEA", AccessKind.CONDITIONAL, condition="through the local entity", condition_id="local_entity"),
        ),
        enforcement_actions=(
            Enforcement(
                venue="north",
                regulator="CFTC",
                jurisdiction="US",
                respondent="North Ltd",
                kind="penalty",
                date=date(2023, 11, 1),
                date_precision=Precision.MONTH,
                amount_usd=Decimal("1350000000"),
                matter="offered derivatives without registration",
                **said("north|2023", valid_from=date(2023, 11, 1), source="north.news"),
            ),
        ),
        memberships=(
            Membership(group="EEA", member="DE", **said("EEA|DE", valid_from=date(1994, 1, 1))),
            Membership(
                group="EEA", member="GB", **said("EEA|GB", valid_from=date(1994, 1, 1), valid_to=date(2020, 2, 1))
            ),
        ),
        margin_models=(
            TieredMargin(
                venue="north",
                title="tiered, marginal",
                products=(Product.PERPETUAL,),
                contract_types=(ContractType.LINEAR,),
                ladder=LadderKind.MARGINAL,
                close_fee_rate=Decimal("0.0006"),
                **said("north|tiered"),
            ),
        ),
        law=(
            LawRule(
                id="us_futures_on_dcm",
                jurisdiction="US",
                title="Futures for retail clients are traded on a designated contract market",
                regulator="CFTC",
                citation="7 U.S.C. 6(a)",
                applies_to=AppliesTo.VENUE,
                products=(LawProduct.FUTURE, LawProduct.PERPETUAL),
                effect=Prohibit(gate=("DCM",)),
                when=Condition(residence=("US",), client_class_not=(ClientClass.ECP,)),
                questions=(LawQuestion(id="us_ecp", ask="Is the client an eligible contract participant?"),),
                **said("us_futures_on_dcm", valid_from=date(1974, 10, 23)),
            ),
            LawRule(
                id="gb_retail_ban",
                jurisdiction="GB",
                title="Crypto derivatives are not sold to retail clients",
                regulator="FCA",
                citation="COBS 22.6",
                applies_to=AppliesTo.INTERMEDIARY,
                products=(LawProduct.PERPETUAL,),
                effect=LawLeverageCap(max=Decimal("2.5"), by_asset={"BTC": Decimal("2")}),
                when=Condition(residence=("GB",), client_class=(ClientClass.RETAIL,)),
                in_force=InForce.ANNOUNCED,
                announced=date(2026, 10, 1),
                remarks=("The text is a proposal.",),
                **said("gb_retail_ban"),
            ),
        ),
        jurisdictions=(
            Jurisdiction(
                id="US",
                name="United States",
                regulators=("CFTC", "SEC"),
                residences=("US",),
                summary="Retail futures stay on registered markets.",
                sources=(PAGE,),
            ),
        ),
        client_classes=(
            ClientClassTest(
                id="us_ecp",
                jurisdiction="US",
                definition="Over ten million dollars invested at discretion.",
                maps_to=ClientClass.ECP,
                citation="7 U.S.C. 1a(18)",
                currency="USD",
                all_of=(ClassTest(fact=ClientFact.DISCRETIONARY_INVESTMENTS, more_than=Decimal(10_000_000)),),
                **said("us_ecp"),
            ),
        ),
        claims=(
            Claim(
                id="claim_1",
                article="001",
                claim="Every venue grants 125x",
                verdict=ClaimVerdict.WRONG,
                correction="Some grant ten.",
                **said("claim_1"),
            ),
        ),
        registration_categories=(
            RegistrationCategory(
                id="DCM",
                name="Designated contract market",
                regulator="CFTC",
                jurisdiction="US",
                permits=(LawProduct.FUTURE,),
                market=True,
            ),
        ),
        firms=(
            Firm(
                id="carrier",
                name="Carrier Inc",
                regulator="CFTC",
                jurisdiction="US",
                category="FCM",
                **said("carrier|FCM"),
            ),
        ),
        conflicts=(
            Conflict(
                key="north|taker",
                subject="north",
                fact="taker fee",
                kept="0.0005",
                other="0.0006",
                kept_source=PAGE,
                other_source="north.news",
                why="the venue's own page is newer",
                family="fees",
            ),
            Conflict(
                key="north|owner",
                subject="north",
                fact="owner",
                kept="North Ltd",
                other="South Ltd",
                kept_source=PAGE,
                other_source="north.news",
                why="the register says so",
            ),
        ),
        gaps=(Gap(subject="north", family="funding_terms", text="No cap is published for new listings."),),
        verifications=(
            Verification(venue="north", family="fees", last_verified=date(2026, 9, 1)),
            Verification(venue="north", family="fees", last_verified=date(2026, 11, 1)),
        ),
    )
