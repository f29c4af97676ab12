"""Lists as CSV and NDJSON."""
