"""Bounds of a field that the shape of a text proves, so that no value need be compared with them."""

from decimal import Decimal

from longshore.domain.cells.field_rules import FieldRules
from longshore.domain.cells.number_shapes import GREATEST
from longshore.domain.cells.value_types import NUMBER_TYPES, FieldType, Spelling

Range = tuple[int, int]

YEARS: Range = (1000, 9999)
NUMBERS: Range = (-GREATEST, GREATEST)


def proven_bounds(field_type: FieldType, spelling: Spelling, rules: FieldRules) -> Range | None:
    """Return the numbers, or the years of the dates, that are exactly within the bounds; None if it is not so simple.

    Without bounds they are all those that the shapes know of. Numbers may have fractions between the two.
    """
    if field_type in NUMBER_TYPES and not spelling.decimal_comma:
        return _numbers(rules)
    return _years(rules) if field_type == "date" else None


def _numbers(rules: FieldRules) -> Range | None:
    low = Decimal(NUMBERS[0] if rules.least is None else rules.least.key)
    high = Decimal(NUMBERS[1] if rules.most is None else rules.most.key)
    if low % 1 or high % 1 or low < NUMBERS[0] or high > NUMBERS[1]:
        return None
    return int(low), int(high)


def _years(rules: FieldRules) -> Range | None:
    low = "1000-01-01" if rules.least is None else str(rules.least.key)
    high = "9999-12-31" if rules.most is None else str(rules.most.key)
    if low[4:] != "-01-01" or high[4:] != "-12-31" or low < "1000":
        return None
    return int(low[:4]), int(high[:4])
