"""Questions: HTTP in, HTTP out, and the command line."""
