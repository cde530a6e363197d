"""Reports of rejected rows, and sample workbooks: what is written for a person and may come back."""
