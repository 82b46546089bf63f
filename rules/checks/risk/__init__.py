"""Risk: what a firm's own policy thinks of a trade that the venue would take."""
