"""The same trade on every venue that lists the underlying as that product, the eligible and the cheapest first."""
