"""What the rules of a template must be: on fields that exist, of types that fit, and few enough to be checked."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from longshore.domain.expressions.expression import Expression
from longshore.domain.expressions.tokens import ExpressionError
from longshore.domain.templates.template_field import TemplateField

MAX_UNIQUE = 10
"""Each rule that values occur only once needs memory that grows with the file."""


class StatedRule(Protocol):
    """What is looked at of a rule."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def expression(self) -> str:
        """What must hold."""

    @property
    def field(self) -> str | None:
        """The field that is to blame."""


def check_rules(fields: Sequence[TemplateField], rules: Iterable[StatedRule], unique: Sequence[Sequence[str]]) -> None:
    """Raise ValueError for the first rule that cannot be checked."""
    types = {field.name: field.type for field in fields}
    met: set[str] = set()
    for rule in rules:
        if rule.name in met:
            raise ValueError(f"two rules are called {rule.name!r}")
        met.add(rule.name)
        if rule.field is not None and rule.field not in types:
            raise ValueError(f"rule {rule.name!r} is shown at the field {rule.field!r}, which is not among the fields")
        try:
            Expression(rule.expression, types)
        except ExpressionError as error:
            raise ValueError(f"rule {rule.name!r}, {error}") from None
    for names in unique:
        unknown = [name for name in names if name not in types]
        if unknown or not names or len(set(names)) < len(names):
            what = f"{unknown[0]!r}, which is not among the fields" if unknown else "no field, or one of them twice"
            raise ValueError(f"unique names {what}")
    if len(unique) + sum(field.unique for field in fields) > MAX_UNIQUE:
        raise ValueError(f"at most {MAX_UNIQUE} rules of uniqueness are possible, those of fields included")
