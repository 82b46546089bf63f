"""What would pass: the nearest change for each rule that failed, and the one change for all of them together."""
