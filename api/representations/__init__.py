"""Lists of facts on the wire: the shape of each row, and the same rows as JSON, NDJSON, CSV or Parquet."""
