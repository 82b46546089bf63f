"""What the `preclear` command can do, by subject."""
