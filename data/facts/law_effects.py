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
    """The trade may not be made.

    `gate` names registrations without which the trade is prohibited outright. For the products in `needs_permission`
    a registration of the gate is not enough: a rule that excepts this one must hold too, else nothing we know permits
    the trade. For other products a registration of the gate satisfies the rule.
    """

    gate: tuple[str, ...] = ()
    needs_permission: tuple[LawProduct, ...] = ()


class LeverageCap(Effect, frozen=True, kw_only=True, tag="leverage_cap"):
    """Leverage is limited to `max`; null when the number was not read or follows from `formula` over `inputs`.

    `observed` is the highest leverage that a source shows offered under a cap whose number was not read: up to it the
    offer is evidence, above it nothing is known.
    `by_asset` gives the caps of other underlyings in words of the source; `safeguards` must be in place too;
    `advisory` marks a cap that only repeats what the venue's own margin enforces.
    """

    max: Decimal | None = None
    observed: Decimal | None = None
    by_asset: dict[str, Decimal] = {}
    formula: str | None = None
    inputs: tuple[str, ...] = ()
    safeguards: tuple[str, ...] = ()
    advisory: bool = False


class RegistrationHolder(StrEnum):
    """Who must be registered."""

    VENUE = "venue"
    INTERMEDIARY = "intermediary"
    ISSUER = "issuer"
    CONTRACT = "contract"


class RequireRegistration(Effect, frozen=True, kw_only=True, tag="require_registration"):
    """One of `any_of` (ids of the registration list) must be held.

    `insufficient` are registrations that look alike and do not count. `if_not_on_file` says what the absence of a row
    means: `no` where the registration facts would show it, `unknown` where they do not cover such registrations.
    `doubted_where_served` is false where a foreign venue cannot hold it or it is hardly ever granted: that the terms of
    a venue name the place as served is then no sign that it holds one.
    """

    any_of: tuple[str, ...]
    insufficient: tuple[str, ...] = ()
    holder: RegistrationHolder = RegistrationHolder.VENUE
    if_not_on_file: Answer = Answer.NO
    doubted_where_served: bool = True


class RequireClientClass(Effect, frozen=True, kw_only=True, tag="require_client_class"):
    """Only clients of these classes may trade."""

    any_of: tuple[ClientClass, ...]


class RequireMarginCloseout(Effect, frozen=True, kw_only=True, tag="require_margin_closeout"):
    """Positions must be closed when equity falls to `ratio` of `basis`; null where the ratio was not read."""

    ratio: Decimal | None
    basis: str | None = None
    negative_balance_protection: bool = False


class RequireNegativeBalanceProtection(Effect, frozen=True, kw_only=True, tag="require_negative_balance_protection"):
    """The client cannot lose more than `limit` (account_funds, deposited_funds)."""

    limit: str
    closeout_required: bool = False


class RequireDisclosure(Effect, frozen=True, kw_only=True, tag="require_disclosure"):
    """Duties of the venue or firm towards the client: `duties` to do, `forbids` not to do.

    `holds_trade` marks a duty that must be done before the order; `informs` a fact that telling the caller fulfils.
    """

    duties: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    holds_trade: bool = False
    informs: bool = False


class PositionLimit(Effect, frozen=True, kw_only=True, tag="position_limit"):
    """A limit on size: `amount` of `unit`, null where the number was not read; `aggregation` says what counts.

    `contract_size` is in base coins when `unit` is contracts. `advisory` marks a limit kept by the exchange itself.
    """

    amount: Decimal | None
    unit: str | None = None
    contract_size: Decimal | None = None
    aggregation: str | None = None
    advisory: bool = False


class Classify(Effect, frozen=True, kw_only=True, tag="classify"):
    """The underlyings named in the condition are of this class for every rule that asks.

    `others_unclassified` says that crypto outside the list needs a look at its class before it is traded.
    """

    asset_class: AssetClass
    others_unclassified: bool = False


class Allow(Effect, frozen=True, kw_only=True, tag="allow"):
    """The trade may be made as far as this rule goes; with `exception_to`, the rules named there do not bite.

    `must_hold` marks a permission on whose conditions the client's standing rests: where it concerns a trade its open
    questions hold the trade, unless another exception to the same rules holds.
    """

    must_hold: bool = False


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
