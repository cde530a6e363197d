"""From the text of a cell to its canonical value: types, transforms, rules, and whole columns at once."""
