"""Shapes of numbers and years between two limits: what such an expression matches need not be compared."""

from collections.abc import Iterator

from longshore.domain.cells.fidelity import SAFE_DIGITS

GREATEST = 10**SAFE_DIGITS - 1
"""No number of more digits is certainly as it was written."""


def integers(low: int, high: int) -> str:
    """Return the shape of integers from `low` to `high` without leading zeros; a plus sign may stand before them."""
    shapes = ["0"] if low <= 0 <= high else []
    for sign, least, most in (("[+]?", low, high), ("-", -high, -low)):
        if least <= 1 and most == GREATEST:
            shapes.append(f"{sign}[1-9][0-9]{{0,{SAFE_DIGITS - 1}}}")
        else:
            shapes += [sign + numerals for _, numerals in _numerals(max(least, 1), most)]
    return "|".join(shapes)


def decimals(low: int, high: int) -> str:
    """Return the shape of decimals from `low` to `high` of at most 15 digits, without leading zeros and plus sign."""
    shapes = []
    for sign, least, most in (("", low, high), ("-", -high, -low)):
        for digits, numerals in _numerals(max(least, 0), most - 1):
            shapes.append(sign + numerals + _fraction("[0-9]", digits))
        if most >= 0:
            shapes.append(f"{sign}{most}{_fraction('0', len(str(most)))}")
    return "|".join(shapes)


def numerals_between(low: str, high: str) -> str:
    """Return the shape of numerals between two of the same length.

    >>> numerals_between("1930", "2025")
    '(?:19[3-9][0-9]{1}|20(?:2[0-5]|[0-1][0-9]{1}))'
    """
    if low[:1] == high[:1]:
        return low[:1] + numerals_between(low[1:], high[1:]) if low else ""
    rest = len(low) - 1
    first, last = int(low[0]), int(high[0])
    shapes = []
    if low[1:] != "0" * rest:
        shapes.append(low[0] + numerals_between(low[1:], "9" * rest))
        first += 1
    if high[1:] != "9" * rest:
        shapes.append(high[0] + numerals_between("0" * rest, high[1:]))
        last -= 1
    if first <= last:
        shapes.append(f"[{first}-{last}]" + (f"[0-9]{{{rest}}}" if rest else ""))
    return shapes[0] if len(shapes) == 1 else f"(?:{'|'.join(shapes)})"


def _numerals(low: int, high: int) -> Iterator[tuple[int, str]]:
    """Yield the shape of the numerals of each length, from `low` to `high`; `low` is not negative."""
    for digits in range(len(str(low)), len(str(high)) + 1):
        least, most = max(low, 10 ** (digits - 1) if digits > 1 else 0), min(high, 10**digits - 1)
        if least <= most:
            yield digits, numerals_between(str(least), str(most))


def _fraction(digit: str, whole: int) -> str:
    return f"(?:[.]{digit}{{1,{SAFE_DIGITS - whole}}})?" if whole < SAFE_DIGITS else ""
