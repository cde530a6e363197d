"""Whose a rule function is: its name says so, and nobody else's is called."""

from longshore.domain.templates.template import Template

PREFIX = "longshore-rule-"


def foreign(template: Template, tenant: str) -> str:
    """Say what is wrong with the name of a template's rule function, "" if nothing is.

    After `longshore-rule-`, the tenant and a hyphen comes a word without hyphens: tenants may have hyphens in their
    names, and otherwise the functions of `acme-eu` would be those of `acme` too.
    """
    if template.rule_function is None:
        return ""
    name = template.rule_function.function
    owner, _, word = name.removeprefix(PREFIX).rpartition("-")
    if name.startswith(PREFIX) and owner == tenant and word:
        return ""
    return f"the rule function {name!r} must be called {PREFIX}{tenant}-NAME, where NAME has letters, digits and _ only"
