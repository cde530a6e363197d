"""The small language of conditions on several fields of a row."""
