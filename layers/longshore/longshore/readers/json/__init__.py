"""JSON documents and lines of JSON: records found in a stream, damage kept apart."""
