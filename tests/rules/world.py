"""The committed facts on a day, built-in policies, and both with a few things changed for one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, structs

from data.curation.load import load_corpus
from data.facts.amounts import Amount, parse_amount
from data.facts.venues import AdlPolicy, Fee, FundingTerms, Instrument, Ladder, LeverageCap, LiquidationPolicy, Venue
from data.facts.vocabulary import ContractType, MarginMode, Product
from data.release_facts import ReleaseFacts
from data.snapshot import Snapshot
from rules.policies.policy import Policy
from rules.trade import ProposedTrade

ROOT = Path(__file__).resolve().parents[2]
CURATED = ROOT / "data" / "curated"
POLICIES = ROOT / "rules" / "policies"
S = TypeVar("S", bound=Struct)


@cache
def facts() -> ReleaseFacts:
    return ReleaseFacts("cases", load_corpus(CURATED))


def on(day: date) -> Snapshot:
    return facts().on(day)


def decode_hook(kind: type, value: object) -> object:
    if kind is Amount:
        return parse_amount(value)
    raise NotImplementedError(kind)


def trade_of(fields: Mapping[str, Any]) -> ProposedTrade:
    return msgspec.convert(fields, ProposedTrade, dec_hook=decode_hook)


@cache
def built_in(name: str) -> Policy:
    return msgspec.toml.decode((POLICIES / f"{name}.toml").read_bytes(), type=Policy, dec_hook=decode_hook)


def policy_of(name: str, changes: Mapping[str, Any] | None = None) -> Policy:
    """Return a built-in policy, or one that differs from it in `changes`; the value "off" turns a threshold off."""
    policy = built_in(name)
    return changed(policy, changes) if changes else policy


def changed(row: S, changes: Mapping[str, Any]) -> S:
    """Return a Struct with some fields replaced by values as a TOML file gives them; "off" stands for null."""
    kinds = {field.name: field.type for field in structs.fields(row)}
    values = {
        name: None if value == "off" else msgspec.convert(value, kinds[name], strict=False, dec_hook=decode_hook)
        for name, value in changes.items()
    }
    return structs.replace(row, **values)


class Altered(Snapshot):
    """A snapshot in which the facts about one trade's venue and instrument differ in a few fields.

    `changes` maps a kind of fact to the fields that differ, or to "none" where the fact shall be absent.
    """

    def __init__(self, snapshot: Snapshot, changes: Mapping[str, Any]) -> None:
        super().__init__(snapshot._facts, snapshot.as_of)
        self._changes = changes

    def _altered(self, kind: str, row: S | None) -> S | None:
        change = self._changes.get(kind)
        if change == "none":
            return None
        return row if change is None or row is None else changed(row, change)

    def venue(self, venue: str) -> Venue | None:
        return self._altered("venue", super().venue(venue))

    def instrument(self, venue: str, symbol: str) -> Instrument | None:
        return self._altered("instrument", super().instrument(venue, symbol))

    def ladder(self, venue: str, symbol: str, **who: Any) -> Ladder | None:
        return self._altered("ladder", super().ladder(venue, symbol, **who))

    def leverage_caps(
        self, venue: str, product: Product, symbol: str, margin_mode: MarginMode | None
    ) -> Sequence[LeverageCap]:
        if self._changes.get("leverage_caps") == "none":
            return ()
        return super().leverage_caps(venue, product, symbol, margin_mode)

    def fees(self, venue: str, product: Product, contract_type: ContractType | None, residence: str) -> Sequence[Fee]:
        if self._changes.get("fees") == "none":
            return ()
        change = self._changes.get("fees")
        rows = super().fees(venue, product, contract_type, residence)
        return rows if change is None else tuple(changed(row, change) for row in rows)

    def funding(self, venue: str, symbol: str) -> FundingTerms | None:
        return self._altered("funding", super().funding(venue, symbol))

    def liquidation(
        self,
        venue: str,
        product: Product,
        margin_mode: MarginMode | None,
        contract_type: ContractType | None = None,
    ) -> LiquidationPolicy | None:
        only = self._changes.get("liquidation_of_mode")
        if only is not None and margin_mode is not None and margin_mode.value != only:
            return None
        return self._altered("liquidation", super().liquidation(venue, product, margin_mode, contract_type))

    def adl(self, venue: str, product: Product) -> AdlPolicy | None:
        return self._altered("adl", super().adl(venue, product))

    def margin_model(
        self, venue: str, product: Product, contract_type: ContractType, margin_mode: MarginMode | None
    ) -> Any:
        only = self._changes.get("liquidation_of_mode")
        if only is not None and margin_mode is not None and margin_mode.value != only:
            return None
        return self._altered("margin_model", super().margin_model(venue, product, contract_type, margin_mode))

    def age_days(self, venue: str, family: str) -> int | None:
        age = self._changes.get("age_days")
        if isinstance(age, Mapping):
            age = age.get(family)
        return super().age_days(venue, family) if age is None else None if age == "unknown" else int(age)


def knowledge_of(day: date, changes: Mapping[str, Any] | None = None) -> Snapshot:
    return Altered(on(day), changes) if changes else on(day)


def number(value: object) -> object:
    """Return a decimal for a text that is one, for comparing what a file says with what a rule found."""
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return value
