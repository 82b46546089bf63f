"""The OpenAPI document: what routes promise, what types and their fields mean, and examples that are really sent."""
