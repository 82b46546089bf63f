"""Reads the readable cases: one trade and what the rules should say of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

CASES = Path(__file__).resolve().parents[1] / "cases"
FAMILIES = ("limits", "liquidation", "risk", "cost", "depth", "adl", "policy", "popular_claims")


class Expected(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"fails": "fail", "passes": "pass"}
):
    """What a case expects. `fail` is every rule beside the law that fails; `fail_some`, `pass`, `unknown` and
    `skipped` name some.

    `figures` are compared as numbers, rounded to the places the file gives. `remedies` maps a rule to the remedy of its
    finding, field by field. `says` maps a rule to words its message contains, `asks` to the field that its question
    names, `flags` to all flags of its finding. `notes` are words of which the cost notes contain each, `without_notes`
    such of which they contain none.
    """

    verdict: str | None = None
    fails: tuple[str, ...] | None = None
    fail_some: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    """Rules that do not apply and leave no finding."""
    figures: dict[str, str] = {}
    remedies: dict[str, dict[str, Any]] = {}
    without_remedy: tuple[str, ...] = ()
    says: dict[str, str] = {}
    asks: dict[str, str] = {}
    flags: dict[str, tuple[str, ...]] = {}
    notes: tuple[str, ...] = ()
    without_notes: tuple[str, ...] = ()
    sources: dict[str, tuple[str, ...]] = {}
    """The sources of some findings, all of each."""


class ReadableCase(Struct, frozen=True, kw_only=True):
    """One case of a file. `thresholds` and `facts` are what differs from the named policy and the committed facts."""

    file: str
    title: str
    as_of: date
    policy: str
    trade: dict[str, Any]
    expect: Expected
    thresholds: dict[str, Any]
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.file}: {self.title}"


_KEYS = {"title", "why", "trade", "expect", "thresholds", "facts", "as_of", "policy"}


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes` laid over it, table by table; the value "absent" takes a field away."""
    result = dict(base)
    for name, value in changes.items():
        if value == "absent":
            result.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(result.get(name), Mapping):
            result[name] = merged(result[name], value)
        else:
            result[name] = value
    return result


def read_cases(families: tuple[str, ...] = FAMILIES) -> Iterator[ReadableCase]:
    """Yield the cases of some families, file by file. A file's own tables are what its cases start from."""
    for family in families:
        for path in sorted((CASES / family).glob("*.toml")):
            with path.open("rb") as file:
                document = tomllib.load(file)
            yield from _cases_of(path, document)


def _cases_of(path: Path, document: dict[str, Any]) -> Iterator[ReadableCase]:
    name = str(path.relative_to(CASES))
    for entry in document["case"]:
        strange = set(entry) - _KEYS
        assert not strange, f"{name}: a case has unknown keys {strange}"
        yield ReadableCase(
            file=name,
            title=entry["title"],
            as_of=entry.get("as_of", document.get("as_of")),
            policy=entry.get("policy", document.get("policy", "standard")),
            trade=merged(document.get("trade", {}), entry.get("trade", {})),
            expect=msgspec.convert(entry["expect"], Expected),
            thresholds=merged(document.get("thresholds", {}), entry.get("thresholds", {})),
            facts=merged(document.get("facts", {}), entry.get("facts", {})),
        )
