"""What a template reaches beyond itself: other record types, and a function; checked before it is stored."""

from longshore.domain.templates.rule_function import foreign
from longshore.domain.templates.template import Template
from longshore.errors import InvalidTemplate, TemplateNotFound
from longshore.steps.ports import Services


def check_reach(services: Services, tenant: str, template: Template) -> None:
    """Raise InvalidTemplate for a rule function of somebody else, and for a reference to a key of several fields.

    A record type that no template of the tenant brings yet may be referred to: it may be stored later, or never.
    """
    if problem := foreign(template, tenant):
        raise InvalidTemplate(f"template: rule_function/function: {problem}")
    wanted = set(template.refers_to) - {template.record_type}
    if not wanted:
        return
    for name, _, _ in services.catalog.names(tenant):
        try:
            other, _ = services.catalog.get(tenant, name)
        except TemplateNotFound:
            continue
        if other.record_type in wanted and len(other.key) > 1 and name != template.name:
            raise InvalidTemplate(
                f"template: references: a reference is one value, but records of type {other.record_type!r} have a key "
                f"of several fields (template {name!r})"
            )
