"""Access: what the venue itself says of its state, its products and its clients. Terms are not law.

A venue may refuse a client whom the law allows, and the reverse.
"""
