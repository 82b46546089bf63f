"""Recorded requests decided again: replays of one, and the impact of a candidate on many."""
