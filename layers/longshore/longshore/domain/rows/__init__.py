"""Rows checked chunk by chunk: keys, uniqueness, rules, size, and what is masked."""
