"""What a rule of law does when its condition holds: a closed, tagged union of effects."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from data.facts.law_vocabulary import Answer, AssetClass, LawProduct
from data.facts.vocabulary import ClientClass


class Effect(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """Base of what a rule does when its condition holds."""


class Prohibit(Effect, frozen=True, kw_only=True, tag="prohibit"):
    """The trade may not be made."""

    gate: tuple[str, ...] = ()
    """Ids of `/v1/registration-categories`: where the venue holds none of them the trade is prohibited; empty where it
    is whatever the venue holds."""
    needs_permission: tuple[LawProduct, ...] = ()
    """Products for which a registration of the gate is not enough: a rule that excepts this one must hold too, else
    nothing we know permits the trade. For other products a registration of the gate satisfies the rule."""


class LeverageCap(Effect, frozen=True, kw_only=True, tag="leverage_cap"):
    """Leverage is limited."""

    max: Decimal | None = None
    """The highest leverage, times; null where the number was not read or follows from `formula`."""
    observed: Decimal | None = None
    """The highest leverage, times, that a source shows offered under a cap whose number was not read: up to it the
    offer is evidence, above it nothing is known. Null where `max` says it or no offer was seen."""
    by_asset: dict[str, Decimal] = {}
    """Caps in times by sort of underlying, in words of the source, for readers: none of them is compared."""
    formula: str | None = None
    """The cap as a formula, in words; null where it is a number or the formula was not read."""
    inputs: tuple[str, ...] = ()
    """Names of the numbers that the formula takes."""
    safeguards: tuple[str, ...] = ()
    """What must be in place too, in words; the caller vouches for it in `conditions_met`."""
    advisory: bool = False
    """Whether the cap only repeats what the venue's own margin enforces: a fail then only warns."""


class RegistrationHolder(StrEnum):
    """Who must be registered."""

    VENUE = "venue"
    INTERMEDIARY = "intermediary"
    ISSUER = "issuer"
    CONTRACT = "contract"


class RequireRegistration(Effect, frozen=True, kw_only=True, tag="require_registration"):
    """A registration must be held."""

    any_of: tuple[str, ...]
    """Ids of `/v1/registration-categories` one of which must be held."""
    insufficient: tuple[str, ...] = ()
    """Ids of categories that look alike and do not count."""
    holder: RegistrationHolder = RegistrationHolder.VENUE
    """Who must hold it; `intermediary` is the firm that carries the account. Of issuers and contracts nothing is on
    file: the caller is asked."""
    if_not_on_file: Answer = Answer.NO
    """What it says of a venue that none is on file: `no` where the registration facts would show it, `unknown` where
    they do not cover such registrations."""
    doubted_where_served: bool = True
    """Whether the terms of a venue that name the place as served cast doubt on its holding none. False where a foreign
    venue cannot hold it or it is hardly ever granted."""
    is_ground: bool = True
    """Whether holding it is a ground to trade. False of a duty of the firm that says nothing of the contract."""


class RequireClientClass(Effect, frozen=True, kw_only=True, tag="require_client_class"):
    """Only clients of some classes may trade."""

    any_of: tuple[ClientClass, ...]
    """Classes one of which the client must be of."""


class RequireMarginCloseout(Effect, frozen=True, kw_only=True, tag="require_margin_closeout"):
    """The venue must close positions when equity has fallen too far."""

    ratio: Decimal | None
    """Fraction of `basis` at which they must be closed; null where it was not read."""
    basis: str | None = None
    """What the ratio is of, in words; null stands for required margin."""
    negative_balance_protection: bool = False
    """Whether the venue must also limit losses to the account."""


class RequireNegativeBalanceProtection(Effect, frozen=True, kw_only=True, tag="require_negative_balance_protection"):
    """The venue must limit what the client can lose."""

    limit: str
    """The most that the client can lose: account_funds | deposited_funds."""
    closeout_required: bool = False
    """Whether the venue must also close positions in time."""


class RequireDisclosure(Effect, frozen=True, kw_only=True, tag="require_disclosure"):
    """Duties of the venue or firm towards the client."""

    duties: tuple[str, ...] = ()
    """What it has to do, in words."""
    forbids: tuple[str, ...] = ()
    """What it may not do, in words."""
    holds_trade: bool = False
    """Whether the duty must be done before the order: while that is open the trade is for review, where other duties
    only warn."""
    informs: bool = False
    """Whether telling the caller fulfils it: the rule then passes."""


class PositionLimit(Effect, frozen=True, kw_only=True, tag="position_limit"):
    """A limit on size."""

    amount: Decimal | None
    """The limit in `unit`; null where the number was not read."""
    unit: str | None = None
    """What the amount counts, in words, such as `contracts`; null where the source does not say."""
    contract_size: Decimal | None = None
    """Base coins of one contract, by which the trade is compared; null where the limit counts no contracts: whether it
    is kept is then asked."""
    aggregation: str | None = None
    """What counts towards the limit, in words; null where the source does not say."""
    advisory: bool = False
    """Whether the exchange keeps the limit itself: a fail then only warns."""


class Classify(Effect, frozen=True, kw_only=True, tag="classify"):
    """The underlyings named in the condition are of one class for every rule that asks."""

    asset_class: AssetClass
    """The class."""
    others_unclassified: bool = False
    """Whether crypto outside the list needs a look at its class before it is traded."""


class Allow(Effect, frozen=True, kw_only=True, tag="allow"):
    """The trade may be made as far as this rule goes; with `exception_to`, the rules named there do not bite."""

    must_hold: bool = False
    """Whether the client's standing rests on the conditions of the permission: its open questions then hold the trade,
    unless another exception to the same rules holds."""


LawEffect = (
    Prohibit
    | LeverageCap
    | RequireRegistration
    | RequireClientClass
    | RequireMarginCloseout
    | RequireNegativeBalanceProtection
    | RequireDisclosure
    | PositionLimit
    | Classify
    | Allow
)
