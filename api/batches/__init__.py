"""Many trades in one stream: lines read, groups of them decided, here or by processes of their own."""
