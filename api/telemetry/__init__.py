"""What an operator sees: structured log lines and metrics.

No client data goes into either: paths without their queries, ids of requests and keys, never a header's value.
"""
