"""From curated text to typed facts: read every file, check every row, report every problem at once."""
