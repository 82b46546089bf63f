"""The arithmetic of margin: the rates that hold at a size, the prices at which a position ends, and cross accounts."""
