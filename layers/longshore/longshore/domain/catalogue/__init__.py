"""The catalogues of everything that can be wrong: files, rows, warnings."""
