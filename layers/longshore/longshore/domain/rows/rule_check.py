"""The rules on several fields of a row, as a template states them: compiled once, judged column by column."""

from collections.abc import Mapping, Sequence

from longshore.domain.cells.columns import Fault
from longshore.domain.expressions.expression import Expression
from longshore.domain.parse_plan import Column
from longshore.domain.records import Value
from longshore.domain.rows.positions import before, without
from longshore.domain.rows.row_faults import RowFaults
from longshore.domain.templates.template import Rule, Template


class RuleCheck:
    """One rule. It is not judged on a row that has a fault in one of the rule's fields: its value is not known."""

    def __init__(self, rule: Rule, expression: Expression, place: Column | None) -> None:
        self._expression = expression
        self._place = place
        told = " ".join(rule.message.split()) or f"the rule {rule.name} does not hold: {rule.expression}"
        self._fault = Fault("RULE_BROKEN", {"message": told})

    def check(self, values: Mapping[str, Sequence[Value]], size: int, faults: RowFaults) -> None:
        """Add a fault for each row in which the rule does not hold."""
        columns = {name: values[name] for name in self._expression.fields}
        unknown = faults.at_columns(columns)
        if unknown:
            columns = dict(zip(columns, without(unknown, list(columns.values())), strict=True))
        place = before(unknown)
        for at in self._expression.broken(columns, size - len(unknown)):
            faults.put(place(at), self._place, self._fault)


def rules_of(template: Template, columns: Mapping[str, Column]) -> tuple[list[RuleCheck], list[str]]:
    """Compile the rules whose fields the file has, see `columns`; of the others return what they lack.

    An absent column leaves a field of the record as it is, so nobody can tell whether such a rule holds.
    """
    types = {field.name: field.type for field in template.fields}
    checks, unchecked = [], []
    for rule in template.rules:
        expression = Expression(rule.expression, types)
        if absent := sorted(expression.fields - columns.keys()):
            unchecked.append(f"{rule.name}: no column for {', '.join(absent)}")
        else:
            checks.append(RuleCheck(rule, expression, columns.get(rule.field or "")))
    return checks, unchecked
