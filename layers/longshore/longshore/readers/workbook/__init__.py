"""XLSX workbooks: sheets streamed row by row."""
