"""What flat caps say of a leverage beside a ladder, where little is known of the client."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import structs

from data.facts.venues import Instrument
from data.facts.vocabulary import ClientClass, Product
from rules.calculators.flat_caps import CapsTold, caps_told
from tests.rules.world import on

FACTS = on(date(2026, 11, 21))


def listed(venue: str, symbol: str) -> Instrument:
    instrument = FACTS.instrument(venue, symbol)
    assert instrument is not None
    return instrument


def told(
    leverage: str, instrument: Instrument, residence: str | None = None, client_class: ClientClass | None = None
) -> CapsTold:
    return caps_told(Decimal(leverage), instrument, residence, client_class, FACTS)


def test_between_caps_that_differ_a_leverage_is_told_of_and_not_refused() -> None:
    """Coinbase grants 4.07x overnight and 9.99x by day."""
    bitcoin = listed("coinbase_derivatives", "BIP-20DEC30-CDE")
    between = "the venue's caps differ from 4.07x to 9.99x; which of them applies is not told"
    assert told("4.07", bitcoin, "US-NY").notes == ()
    assert (told("4.08", bitcoin, "US-NY").notes, told("4.08", bitcoin, "US-NY").problem) == ((between,), None)
    assert told("9.99", bitcoin, "US-NY").notes == (between,)
    assert told("10", bitcoin, "US-NY").problem == "must be at most 9.99, which is the venue's cap"


def test_what_is_paid_in_full_has_no_leverage_that_a_cap_could_bind() -> None:
    """Of spot OKX in the United States says 1x: that it lends nothing."""
    spot = structs.replace(listed("coinbase_derivatives", "BIP-20DEC30-CDE"), venue="okx_us", product=Product.SPOT)
    assert [cap.max_leverage for cap in FACTS.leverage_caps("okx_us", Product.SPOT, spot.symbol, None)] == [1]
    assert told("5", spot, "US-NY") == CapsTold()


def test_a_cap_for_a_class_is_told_of_where_the_client_may_be_of_it() -> None:
    """OKX grants retail clients in the Emirates 5x; whether a client lives there, no class tells."""
    bitcoin = listed("okx", "BTC-USD-SWAP")
    of_place = "the venue's cap for retail clients in AE is 5x; whether it is this client's, residence would tell"
    assert of_place in told("6", bitcoin, client_class=ClientClass.RETAIL).notes
    assert not any("in AE" in note for note in told("6", bitcoin, client_class=ClientClass.PROFESSIONAL).notes)
    assert not any("in AE" in note for note in told("5", bitcoin, client_class=ClientClass.RETAIL).notes)
    assert not any("in AE" in note for note in told("6", bitcoin, "DE", ClientClass.RETAIL).notes)


def test_a_cap_on_a_condition_is_told_where_the_leverage_exceeds_it_and_refuses_nothing() -> None:
    """Binance grants 20x in the first 60 days of an account."""
    young = "the venue grants at most 20x where the futures account is younger than 60 days"
    perpetual = listed("binance", "BTCUSDT")
    assert told("20", perpetual).notes == ()
    assert (told("21", perpetual).notes, told("21", perpetual).problem) == ((young,), None)


def test_a_leverage_is_refused_only_above_all_that_this_client_may_be_granted() -> None:
    """Kraken grants 10x in Germany, and professionals 50x: whether the client is one is not told."""
    bitcoin = listed("kraken_futures", "PI_XBTUSD")
    assert told("20", bitcoin, "DE").problem is told("50", bitcoin, "DE").problem is None
    assert told("51", bitcoin, "DE").problem == "must be at most 10, which is the venue's cap"
