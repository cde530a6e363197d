"""Integers and exact decimals: from the text of a cell to the canonical value, without ever rounding."""

import re

from longshore.domain.cells.value_types import BadValue

DECIMAL_DIGITS = 38
DECIMAL_EXPONENTS = range(-130, 126)
"""The precision and magnitude of a DynamoDB number (developer guide, "Supported data types", Number)."""

INTEGERS = range(-(2**63), 2**63)

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"([+-]?)(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?")
_COMMA = re.compile(r"([+-]?)(?=,?[0-9])([1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]*)(,[0-9]*)?((?:[eE][+-]?[0-9]{1,4})?)")
_NATIVE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")


def integer(text: str) -> int:
    """Return the integer that ASCII digits with an optional sign mean; raise BadValue."""
    if not _INTEGER.fullmatch(text):
        raise BadValue("NOT_AN_INTEGER")
    # Leading zeros do not count; the length is checked first because int() of a very long text is slow.
    if len(text.lstrip("+-0")) > 19 or (value := int(text)) not in INTEGERS:
        raise BadValue("INTEGER_TOO_LARGE")
    return value


def decimal(text: str) -> str:
    """Return plain notation without exponent, needless zeros or plus sign, so that equal numbers are equal texts."""
    match = _DECIMAL.fullmatch(text)
    if not match:
        raise BadValue("NOT_A_DECIMAL")
    sign, whole, fraction, exponent = match.groups("")
    digits = (whole + fraction).lstrip("0")
    significant = digits.rstrip("0")
    if not significant:
        return "0"
    shift = int(exponent or "0") - len(fraction) + len(digits) - len(significant)
    if len(significant) > DECIMAL_DIGITS or len(significant) + shift - 1 not in DECIMAL_EXPONENTS:
        raise BadValue("DECIMAL_TOO_LONG")
    return ("-" if sign == "-" else "") + _plain(significant, shift)


def _plain(digits: str, exponent: int) -> str:
    if exponent >= 0:
        return digits + "0" * exponent
    whole, fraction = digits[:exponent], digits[exponent:].rjust(-exponent, "0")
    return f"{whole or '0'}.{fraction}"


def point_for_comma(text: str, native: bool) -> str:
    """Return a number with decimal comma as one with decimal point, "" for what is none.

    Points may stand between groups of three digits, in all places or in none. `native`: a number as XLSX and JSON
    write it has a decimal point already.
    """
    if native and _NATIVE.fullmatch(text):
        return text
    match = _COMMA.fullmatch(text)
    if not match:
        return ""
    sign, whole, fraction, exponent = match.groups("")
    return sign + whole.replace(".", "") + fraction.replace(",", ".") + exponent
