"""Findings that many decisions share, encoded once.

A skipped rule and what law and terms say to equal clients are the same objects in decision after decision (the rules
remember them); their JSON is remembered here by identity, and is what a plain encode would write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from msgspec import Raw

from api.encoding import encode
from rules.decision import Family, Finding, Outcome

_KEPT = 8192
_SHARED_FAMILIES = (Family.JURISDICTION, Family.ACCESS)
_FRAGMENTS: dict[int, tuple[Finding, Raw]] = {}


def with_fragments(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings for encoding, the shared ones as JSON that is ready."""
    skipped = Outcome.SKIPPED
    return tuple(
        [
            cast("Finding", _fragment(finding))
            if finding.outcome is skipped or finding.family in _SHARED_FAMILIES
            else finding
            for finding in findings
        ]
    )


def _fragment(finding: Finding) -> Raw:
    known = _FRAGMENTS.get(id(finding))
    if known is not None and known[0] is finding:
        return known[1]
    if len(_FRAGMENTS) >= _KEPT:
        _FRAGMENTS.clear()
    raw = Raw(encode(finding))
    _FRAGMENTS[id(finding)] = (finding, raw)
    return raw
