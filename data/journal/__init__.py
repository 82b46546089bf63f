"""The record of decisions: append-only, chained by digests, durable before the answer is sent."""
