"""Version of the rules: it changes whenever any verdict or figure could."""

from __future__ import annotations

RULES_VERSION = "1.16.0"
