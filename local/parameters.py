"""Parameters of a template: defaults and overrides, under the constraints that the template declares."""

import re
from collections.abc import Mapping
from typing import Any

from local.sam_template import TemplateError


def parameter_values(declared: Mapping[str, Mapping[str, Any]], overrides: Mapping[str, str]) -> dict[str, Any]:
    """The value of every declared parameter: text, or a list for List<> and CommaDelimitedList types.

    Raises TemplateError for an override that is not declared, a parameter without any value, and a value that its
    constraints refuse.
    """
    unknown = sorted(set(overrides) - set(declared))
    if unknown:
        raise TemplateError(f"the template has no parameter {unknown[0]}; it has {', '.join(declared)}")
    values: dict[str, Any] = {}
    for name, rule in declared.items():
        if name not in overrides and "Default" not in rule:
            raise TemplateError(f"the parameter {name} has no default: give it a value")
        text = as_text(overrides.get(name, rule.get("Default")))
        problem = broken_constraint(text, rule)
        if problem:
            raise TemplateError(f"the parameter {name} = {text!r}: {problem}")
        is_list = rule["Type"] == "CommaDelimitedList" or rule["Type"].startswith("List<")
        values[name] = [item.strip() for item in text.split(",")] if is_list else text
    return values


def broken_constraint(text: str, rule: Mapping[str, Any]) -> str:
    """What is wrong with a value, or ""."""
    allowed = [as_text(item) for item in rule.get("AllowedValues", [])]
    if allowed and text not in allowed:
        return f"must be one of {', '.join(allowed)}"
    if "AllowedPattern" in rule and not re.fullmatch(rule["AllowedPattern"], text):
        return f"must match {rule['AllowedPattern']}"
    if "MinLength" in rule and len(text) < int(rule["MinLength"]):
        return f"must have at least {rule['MinLength']} characters"
    if "MaxLength" in rule and len(text) > int(rule["MaxLength"]):
        return f"must have at most {rule['MaxLength']} characters"
    return broken_number(text, rule) if rule["Type"] == "Number" else ""


def broken_number(text: str, rule: Mapping[str, Any]) -> str:
    """What is wrong with the value of a Number parameter, or ""."""
    try:
        number = float(text)
    except ValueError:
        return "must be a number"
    if "MinValue" in rule and number < float(rule["MinValue"]):
        return f"must be at least {rule['MinValue']}"
    if "MaxValue" in rule and number > float(rule["MaxValue"]):
        return f"must be at most {rule['MaxValue']}"
    return ""


def as_text(value: Any) -> str:
    """A YAML scalar as CloudFormation sees it: true and 1 are text too."""
    return str(value).lower() if isinstance(value, bool) else str(value)
