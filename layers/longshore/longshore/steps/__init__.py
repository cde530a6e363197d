"""The use cases, one module per Lambda, written against the ports."""
