"""Policies that come with the service, and how documents of policies are read."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from api.deciding import BUILT_IN, NamedPolicy
from api.mending import decode_hook
from data.journal.chain import sha256
from rules.policies.policy import Policy, digest


def read_policy(text: str) -> Policy:
    """Return the policy that a TOML text states.

    Raises:
        ValueError: the text is not a policy.
    """
    return msgspec.toml.decode(text, type=Policy, dec_hook=decode_hook, strict=True)


def with_digest(policy: Policy) -> NamedPolicy:
    """Return a policy with the digest of what it says."""
    return NamedPolicy(policy=policy, digest=digest(policy))


@cache
def built_in() -> dict[str, NamedPolicy]:
    """Return the built-in policies by name."""
    folder = files("rules") / "policies"
    policies = [read_policy((folder / f"{name}.toml").read_text(encoding="utf-8")) for name in BUILT_IN]
    return {policy.name: with_digest(policy) for policy in policies}


def decode_policy(document: bytes) -> Policy:
    """Return the policy that a canonical JSON document states."""
    return msgspec.json.decode(document, type=Policy, dec_hook=decode_hook)


def read_stored(document: bytes | None, policy_digest: str) -> NamedPolicy | None:
    """Return the policy stored under a digest; null when it is absent, was altered, or is of a version with other
    thresholds, under which this one cannot decide.
    """
    if document is None or sha256(document) != policy_digest:
        return None
    try:
        return with_digest(decode_policy(document))
    except msgspec.ValidationError:
        return None
