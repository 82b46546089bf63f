"""What goes over the wire for decisions, where it differs from the rules' own types."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from api.instants import Instant
from rules.decision import Coverage, FactUsed, Figures, Finding, Remedy, Verdict
from rules.policies.policy import Policy
from rules.trade import ProposedTrade


class DecisionRequest(ProposedTrade, frozen=True, kw_only=True):
    """A trade to clear, the policy to clear it under, and the two clocks to read the facts by.

    `policy` is the name of a stored policy, or a policy given whole. `as_of` is the day whose facts are asked about
    (default: today in UTC), `release` the id of the release that holds them, or `latest`.
    """

    policy: str | Policy = "standard"
    """Name of a stored policy, or a policy given whole."""
    as_of: date | None = None
    """Day whose facts are asked about, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release that holds the facts, or `latest`."""


class PolicyReference(Struct, frozen=True, kw_only=True):
    """The policy a decision was made under."""

    name: str
    """Name of the policy."""
    digest: str
    """SHA-256 of its contents: policies of one name that differ have different digests."""


class DecisionBody(Struct, frozen=True, kw_only=True):
    """Everything of a decision that follows from its request, release, policy and rules: what `digest` covers."""

    verdict: Verdict
    """`deny`: a rule that denies fails. Else `review`: one that asks for a look fails, or one that could deny or ask
    for a look is unknown. Else `allow`."""
    summary: str
    """What decided, in a sentence."""
    release: str
    """Id of the release whose facts were read."""
    rules_version: str
    """Version of the rules that judged."""
    policy: PolicyReference
    """The policy it was made under."""
    as_of: date
    """Day whose facts were read."""
    notes: tuple[str, ...]
    """What to know about the answer as a whole, for example that `as_of` lies in the future."""
    trade: DecisionRequest
    """The request as understood: native symbol, product filled in, and cross margin where that alone is on
    file."""
    figures: Figures
    """What was computed of the trade: margin, liquidation, costs."""
    facts: tuple[FactUsed, ...]
    """The facts on file behind figures, limits and costs; what law and terms rest on, each finding names."""
    findings: tuple[Finding, ...]
    """Every rule that applies, passes too, family by family."""
    remedies: tuple[Remedy, ...]
    """One combined change, a field at a time: made together they pass every rule that now denies the trade or asks for
    a look; one of them alone may pass nothing. Rules that are unknown stay unknown. Where `venue` is among them, what
    law and the new venue's terms refuse is looked at, not its limits, margins and costs, and the others were found at
    the venue asked about: ask again at the new one. Empty where the verdict is `allow`, where only unknowns hold the
    trade, and where no change is known that passes all."""
    coverage: Coverage
    """How many findings there are of each kind."""
    complete: bool
    """True when no rule that applies was unknown or skipped."""


class Decision(DecisionBody, frozen=True, kw_only=True):
    """A decision.

    `digest` is the SHA-256 of the answer's bytes without its first three members (`decision_id`, `decided_at`,
    `digest`): equal questions to equal facts have equal digests, whenever they are asked.
    """

    decision_id: str
    """Id to read the decision by at `/v1/decisions/{id}`, and to replay it."""
    decided_at: Instant
    """When it was decided."""
    digest: str
    """SHA-256 of the answer's bytes without its first three members; of what was recorded with masked client fields a
    keyed hash (`hmac-sha256:…`)."""
