"""CSV: lines, records, dialects, headers, and what is done about damage."""
