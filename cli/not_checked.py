"""What `longshore check` cannot tell, because it takes a Longshore with its records."""

from collections.abc import Sequence

from cli.offline_report import CheckedFile, CheckedPart
from longshore.domain.catalogue.row_errors import listed, shown
from longshore.domain.job import Mode
from longshore.domain.rows.sensitive_paths import sensitive_fields
from longshore.domain.templates.template import Template


def not_checked(main: Template, checked: CheckedFile | None) -> list[str]:
    """Return what was not found out about a file, each with the code of what an import may say."""
    parts = checked.parts if checked else []
    templates = list({part.template.name: part.template for part in parts}.values()) or [main]
    unknown = ["whether the same content was imported before (DUPLICATE_FILE)"]
    inserting = [template for template in templates if template.mode is Mode.INSERT]
    if inserting:
        which = f", by {listed([template.name for template in inserting])}" if len(templates) > 1 else ""
        unknown.append(f"whether records of these keys exist already{which} (RECORD_EXISTS)")
    unknown += _references(templates, checked)
    unknown += [
        f"what {template.rule_function.function} says of the rows (RULE_FUNCTION)"
        for template in templates
        if template.rule_function
    ]
    if any(map(_has_masks, parts)):
        unknown.append("what masked cells stand for (MASKED_VALUE_GONE)")
    return unknown


def _has_masks(part: CheckedPart) -> bool:
    return part.plan.is_report and bool(sensitive_fields(part.template))


def _references(templates: Sequence[Template], checked: CheckedFile | None) -> list[str]:
    """Say of each record type that is referred to which of its records must exist already."""
    if checked is None or any(part.plan.questions for part in checked.parts):
        names = sorted({name for template in templates for name in template.refers_to})
        return [f"whether the records referred to exist: {', '.join(names)} (REFERENCE_MISSING)"] if names else []
    return [_of_type(name, templates, checked) for name in sorted(checked.assumed)]


def _of_type(record_type: str, templates: Sequence[Template], checked: CheckedFile) -> str:
    """Say how many records there are to be, and name the first of them unless they may not be shown."""
    count, samples = checked.assumed[record_type], checked.samples[record_type]
    what = f"1 record of {record_type} exists" if count == 1 else f"{count:,} records of {record_type} exist"
    hidden = any(
        sensitive_fields(template) & {f.name for f in template.fields if f.references == record_type}
        for template in templates
    )
    such = "" if hidden else f": {', '.join(map(shown, samples))}{', …' if count > len(samples) else ''}"
    fields = _fields(templates, record_type)
    return f"{fields}: whether {what} already that no accepted row of this file brings{such} (REFERENCE_MISSING)"


def _fields(templates: Sequence[Template], record_type: str) -> str:
    named = [
        f"{template.name}.{field.name}" if len(templates) > 1 else field.name
        for template in templates
        for field in template.fields
        if field.references == record_type
    ]
    return ", ".join(named)
