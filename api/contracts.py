"""What goes over the wire for decisions, where it differs from the rules' own types."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from rules.decision import Coverage, FactUsed, Figures, Finding, Remedy, Verdict
from rules.policy import Policy
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
    digest: str


class DecisionBody(Struct, frozen=True, kw_only=True):
    """Everything of a decision that follows from its request, release, policy and rules: what `digest` covers."""

    verdict: Verdict
    summary: str
    release: str
    rules_version: str
    policy: PolicyReference
    as_of: date
    notes: tuple[str, ...]
    """What to know about the answer as a whole, for example that `as_of` lies in the future."""
    trade: DecisionRequest
    """The request as understood: native symbol, product filled in."""
    figures: Figures
    facts: tuple[FactUsed, ...]
    """The facts on file behind figures, limits and costs; what law and terms rest on, each finding names."""
    findings: tuple[Finding, ...]
    remedies: tuple[Remedy, ...]
    coverage: Coverage
    complete: bool


class Decision(DecisionBody, frozen=True, kw_only=True):
    """A decision.

    `digest` is the SHA-256 of the answer's bytes without its first three members (`decision_id`, `decided_at`,
    `digest`): equal questions to equal facts have equal digests, whenever they are asked.
    """

    decision_id: str
    decided_at: datetime
    digest: str
