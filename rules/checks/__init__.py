"""The rules beside the jurisdictions' law, one module or folder per family. Importing a module declares its rules."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "access.venue",
    "limits.listing",
    "limits.size",
    "limits.leverage",
    "limits.freshness",
    "risk.leverage",
    "risk.equity",
    "risk.stop",
    "risk.stop_distance",
    "risk.target",
    "risk.shock",
    "risk.concentration",
    "risk.conduct",
    "liquidation.distance",
    "liquidation.stop",
    "liquidation.account",
    "liquidation.venue",
    "cost.on_margin",
    "cost.of_liquidation",
    "cost.against_plan",
    "depth.filling",
    "depth.surroundings",
    "adl",
)
"""Modules that declare rules; within a family, findings come in this order."""


def load_catalogue() -> None:
    """Declare every rule, in the order of the findings."""
    for module in MODULES:
        import_module(f"rules.checks.{module}")
