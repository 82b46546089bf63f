"""Depth of market: what the order book that the caller gives says about filling, leaving and being pushed out.

The service keeps no books; every number here is the caller's.
"""
