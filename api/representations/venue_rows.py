"""The rows of lists about venues, as they go over the wire: what they list, and who may trade there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from msgspec import Struct

from api.representations.list_pages import FactRow
from data.facts.dates import Precision
from data.facts.fact import Source
from data.facts.venues import KindOfEnforcement
from data.facts.vocabulary import AccessKind, ClientClass, ContractType, Product, VenueKind, VenueState


class VenueRow(Struct, frozen=True, kw_only=True):
    """A venue, with the state it is in on the day."""

    id: str
    """Id of the venue, which other rows and requests name as `venue`."""
    name: str
    """Name of the venue."""
    operator: str | None
    """The company or companies that run it, in words; null where no source names one."""
    parent: str | None
    """The group it belongs to, in words: venues of one group have the same. Null where no source names one."""
    home_jurisdiction: str | None
    """ISO 3166 code of its seat; null before the day it is known from (`home_from`), and where no source names one."""
    zone: str | None
    """Free zone or financial centre in which it is established, such as `ADGM`; null before that day too, and where it
    is in none."""
    home_from: dt.date | None
    """The first day the seat and the zone are known for; null where no source dates them: they are then shown on every
    day."""
    website: str | None
    """Address of its website; null where none is on file."""
    kind: VenueKind
    """What sort of place it is: a centralised or decentralised exchange, a designated contract market of the United
    States, or a broker."""
    products: tuple[Product, ...]
    """Products that the facts show it offering."""
    status: VenueState
    """The state on the day. While `closing`, positions may be reduced and not opened."""
    status_from: dt.date | None
    """The first day of the state; null where its start is not known."""
    status_from_precision: Precision
    """How exactly the source states that day."""
    successor: str | None
    """Id of the venue that took the clients over, when `status` is migrated; else null."""
    valid_from: dt.date | None
    """The same day as `status_from`."""
    valid_to: dt.date | None
    """The first day of the next state; null where none follows."""
    certain_from: dt.date | None
    """`valid_from`, else the date of the source; null when the state names no source."""
    extrapolated: bool
    """True where `as_of` lies before `certain_from`: the state is taken to have held then already."""
    source: str | Source | None
    """Id of the source of the state; with `expand=source` the source itself. Null when the state names none."""
    status_note: str | None
    """What else there is to know about the state; null for nothing."""
    note: str | None
    """What else there is to know about the venue; null for nothing."""


class InstrumentRow(FactRow, frozen=True, kw_only=True):
    """A contract or pair as the venue lists it."""

    venue: str
    symbol: str
    """Symbol as the venue writes it."""
    instrument: str
    """The symbol again, under the name that other lists give it."""
    unified: str | None
    product: Product
    base: str
    """Underlying coin in its common code (`BTC`, not `XBT`); `1000PEPE` where the venue counts a thousand as one."""
    quote: str
    """Currency that prices are in."""
    settle: str | None
    """Currency that profit, loss and margin are settled in; null where no source gives it."""
    contract_type: ContractType
    contract_size: Decimal | None
    """What one contract stands for, in `contract_size_unit`; null where no source gives it."""
    contract_size_unit: str | None
    """What a contract counts: the base coin, of an inverse contract the quote currency; null with `contract_size`."""
    tick_size: Decimal | None
    """Step of prices, in quote currency per coin, also where the venue prices a whole contract; null where no source
    gives it."""
    min_size: Decimal | None
    """The smallest order, in contracts (in base coins where `contract_size` is null); null where no source gives it."""
    max_size: Decimal | None
    """The largest order, in contracts (in base coins where `contract_size` is null); null where no source gives it."""
    size_step: Decimal | None
    """What the size of an order must be a multiple of, in contracts (in base coins where `contract_size` is null); null
    where no source gives it."""
    expiry: dt.date | None
    """Day on which the contract settles; null for one without, for a whole family of dated contracts, and where no
    source gives it."""
    derived: bool
    """True when the row follows from a ladder's symbol and was not read in a list of instruments."""


class RegistrationRow(FactRow, frozen=True, kw_only=True):
    """A licence or registration of a venue's group."""

    venue: str
    regulator: str
    """Who granted it, by its short name; in words where the source does not say."""
    jurisdiction: str
    """Where it was granted: a country, a part of one or a group of countries."""
    category: str
    """Id of `/v1/registration-categories`."""
    described_as: str
    """What the source calls it, shortened."""
    entity: str
    """The company of the group that holds it, or the group where the source names no company."""
    active: bool
    """Whether it permits anything on the days it covers: an application, a first step or a firm that is not the group's
    permits nothing."""
    products: tuple[Product, ...]
    """What the group uses it for at this venue, where the source says so; empty when it does not limit it."""


class AccessRow(FactRow, frozen=True, kw_only=True):
    """What a venue's own terms say to clients of a place."""

    venue: str
    jurisdiction: str
    """Place whose clients it is about: a country, a part of one or a group; `*` is everywhere that is not named."""
    products: tuple[Product, ...]
    client_classes: tuple[ClientClass, ...]
    """Classes of client it is about; `any` for those that no other row for the place and product names."""
    access: AccessKind
    """What the terms say: the venue takes these clients, on a condition, or not at all."""
    condition: str | None
    """Of conditional access, what must be so, in words; of other rows, where the terms say it and what they add. Null
    for nothing."""
    condition_id: str | None
    """What `conditions_met` names to vouch for the condition; null when there is nothing to vouch for. On a refusal,
    `order_only_reduces` leaves open orders that only reduce a position: the order itself says so."""
    open_through: tuple[str, ...]
    """Of a refusal, firms whose clients it does not bind: they reach the venue through that firm, not directly. Of
    other rows, the venues on whose markets an account here trades the products, or the firms that lead to it."""
    nationals: bool
    """Of a refusal: its words name the citizens of the place, who are then refused wherever they live."""
    exempt: tuple[str, ...]
    """Of a refusal: countries and groups whose nationals and residents it leaves out."""
    served_from: str | None
    """ISO 3166 code of the seat of the company that serves these clients, where the terms or a source name it: for them
    it stands in the place of the venue's own. Null where none does."""


class EnforcementActionRow(FactRow, frozen=True, kw_only=True):
    """A penalty, settlement, sentence, warning, order or dismissal."""

    venue: str | None
    """Id of the venue whose group it is about; null where that is none on file."""
    regulator: str
    """Who acted, by its short name."""
    jurisdiction: str
    """Place whose authority acted."""
    respondent: str
    """Whom it was taken against, in words."""
    kind: KindOfEnforcement
    """penalty | settlement | sentence | warning | order | dismissal | other."""
    date: dt.date | None
    """Day of the action, the first one that the source may mean; null where none is known."""
    date_precision: Precision
    """How exactly the source states that day."""
    amount_usd: Decimal | None
    """What it cost the respondent, in US dollars; null where no sum is on file."""
    matter: str
    """What it was about and how it ended, in words."""
