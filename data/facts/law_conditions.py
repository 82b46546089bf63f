"""When a rule of law holds: predicates over client, trade and venue, and what only the caller can confirm."""

from __future__ import annotations

from msgspec import Struct

from data.facts.law_vocabulary import (
    AccessMode,
    Answer,
    AssetClass,
    Role,
    Tie,
    UnderlyingKind,
    VenueReach,
)
from data.facts.vocabulary import ClientClass, VenueKind


class LawQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only the caller can confirm."""

    id: str
    """What `conditions_met` names to answer yes; with `not:` before it, to answer no."""
    ask: str
    """The question, in words."""
    role: Role = Role.CONDITION
    """What a yes does: a `condition` must be met for the rule to hold, `exempts` switches the rule off."""
    assume: Answer = Answer.UNKNOWN
    """What is taken for the answer where nobody gives one."""
    known_at: tuple[str, ...] = ()
    """Ids of the venues for which the rule's source itself says yes."""
    known_for: tuple[str, ...] = ()
    """Underlyings, as base coins, for which the rule's source itself says yes."""
    open_at: tuple[str, ...] = ()
    """Ids of the venues for which nothing is assumed, because what is on file of them leaves it open."""


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Predicates that must all hold; an absent one asks nothing. Each is true, false or unknown.

    Where one is yes or no, true asks that it is so and false that it is not.
    """

    residence: tuple[str, ...] = ()
    """Where the client must be, by one of `ties`: ISO 3166 codes, groups (`EU`, `EEA`, `GCC`) or `*` for everywhere. A
    code covers its subdivisions; of a client known by country alone, a rule of one subdivision is unknown."""
    residence_not: tuple[str, ...] = ()
    """Codes or groups in none of which the client may reside or, where `location` is among `ties`, be."""
    ties: tuple[Tie, ...] = (Tie.RESIDENCE,)
    """What may link the client to `residence`, any of which suffices; a location that is not stated is the residence,
    and left out the residence alone counts."""
    country_suffices: bool = False
    """Whether a rule of one subdivision is applied to a client known by country alone, its findings flagged
    `subdivision_assumed`."""
    nationality: tuple[str, ...] = ()
    """ISO 3166 codes or groups of one of which the client must be a national; open where none is stated."""
    client_class: tuple[ClientClass, ...] = ()
    """Classes one of which the client must be of; open where its class is not stated."""
    client_class_not: tuple[ClientClass, ...] = ()
    """Classes none of which the client may be of; open where its class is not stated."""
    ecp: bool | None = None
    """Whether the client is an eligible contract participant: one stated as `ecp` is, as retail or professional is not,
    and of others it is open."""
    eligible_commercial_entity: bool | None = None
    """Whether the client is an eligible commercial entity, as stated; one that is no eligible contract participant is
    none."""
    on_sanctions_list: bool | None = None
    """Whether the client is on a list of sanctioned persons, as stated."""
    natural_person: bool | None = None
    """Whether the client is a natural person. Where it does not state `institution`, a retail client is taken for one
    and an institutional client is not."""
    underlying: tuple[str, ...] = ()
    """Base coins one of which must be the underlying."""
    underlying_not: tuple[str, ...] = ()
    """Base coins none of which may be the underlying."""
    deals_in: tuple[str, ...] = ()
    """Coins one of which the trade must deal in: as its underlying, or as the quote currency that is stated."""
    underlying_kind: tuple[UnderlyingKind, ...] = ()
    """What the underlying must be in the market, an index of coins being crypto; open where its kind is not on file."""
    asset_class: AssetClass | None = None
    """What the rules in force must classify the underlying as, a share being a security; open where none does."""
    asset_class_not: AssetClass | None = None
    """What nothing in force may classify the underlying as; one that nothing classifies passes."""
    quote: tuple[str, ...] = ()
    """Currencies in one of which the contract must be quoted."""
    quote_not: tuple[str, ...] = ()
    """Currencies in none of which the contract may be quoted."""
    collateral: tuple[str, ...] = ()
    """Assets one of which must be the collateral, taken to be what the contract settles in; `PAYMENT_STABLECOIN` is any
    stablecoin."""
    has_expiry: bool | None = None
    """Whether the contract has an expiry: futures and options have, other products where their instrument says so."""
    financed: bool | None = None
    """Whether the product is financed by its nature, as spot margin and leveraged tokens are."""
    venue: tuple[str, ...] = ()
    """Ids of the venues one of which it must be."""
    venue_kind: tuple[VenueKind, ...] = ()
    """What sort of place the venue must be."""
    venue_home: tuple[str, ...] = ()
    """ISO 3166 codes or groups in one of which the venue must be established; open where no source names its seat."""
    venue_zone: tuple[str, ...] = ()
    """Free zones or centres, such as `DIFC`, in one of which the venue must be established."""
    venue_reach: VenueReach = VenueReach.SERVES
    """Which venues the law reaches: any that takes the order (`serves`, where left out), those that turn to residents
    (`solicits`), or those shown to do so by more than terms that do not exclude the place (`markets`)."""
    venue_nexus: tuple[str, ...] = ()
    """ISO 3166 codes or groups of one of which the venue must be a person, by its seat; a registration of its group
    there leaves it open."""
    nexus_assumed: bool = False
    """Whether that link is taken for granted of every venue, the findings flagged `assumed`."""
    venue_multilateral: bool | None = None
    """Whether many buyers and sellers meet on the venue, which they do on every kind but a broker; there it is open."""
    foreign_board_of_trade: bool | None = None
    """Whether the venue is established outside the rule's country; open where no source names its seat."""
    venue_has_registration: tuple[str, ...] = ()
    """Ids of `/v1/registration-categories` one of which the venue's group must hold; that of a market is held by the
    market that lists the contract."""
    venue_lacks_registration: tuple[str, ...] = ()
    """Ids of `/v1/registration-categories` none of which the venue's group may hold."""
    venue_is_licensed: tuple[str, ...] = ()
    """Ids of `/v1/registration-categories` one of which the company that serves the client must hold, whatever it uses
    it for: for what a law closes to a licensee. Where the venue's group holds it for other products alone, through a
    company away from its seat, which company serves the client is open."""
    venue_is_not_licensed: tuple[str, ...] = ()
    """Ids of `/v1/registration-categories` none of which the company that serves the client may hold, whatever it uses
    it for."""
    intermediary: tuple[str, ...] = ()
    """Ids of the firms one of which must carry the order."""
    intermediary_has_registration: tuple[str, ...] = ()
    """Ids of `/v1/registration-categories` one of which the firm that carries the account must hold: the one named as
    `intermediary`, else the venue."""
    party_has_registration: tuple[str, ...] = ()
    """Ids of `/v1/registration-categories` one of which whoever serves the client must hold: the venue, or the firm
    that carries the account there."""
    access_mode: AccessMode | None = None
    """How the order must reach the venue: straight, through a firm that carries it, or by the web interface."""
    hedging: bool | None = None
    """Whether the trade is meant as a hedge, by its `intent`."""
    reduce_only: bool | None = None
    """Whether the order may only reduce a position."""
