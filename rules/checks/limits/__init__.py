"""Limits: what the venue itself accepts, and how fresh the facts are that say so."""
