"""Read the venues' own public APIs, compare with what we hold, and write reviewed changes into the curated text.

Nothing here runs while a decision is made, and nothing is written unless asked for.
"""
