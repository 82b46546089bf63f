"""Facts: what is known about venues and law, since when, and who says so."""
