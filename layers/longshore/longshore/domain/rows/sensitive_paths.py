"""Which columns show a value of a sensitive field: its own, what it lies in, and what lies in it."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

from longshore.domain.json_path import parse_path
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.header_matching import normalised
from longshore.domain.templates.template import Template
from longshore.domain.templates.template_field import TemplateField

Keys = tuple[str, ...]


def sensitive_fields(template: Template) -> frozenset[str]:
    """Return the names of the fields whose values are shown to nobody.

    Besides those that the template calls sensitive they are those whose path holds the path of one, or lies in it:
    with a.ssn the objects under a are secret, with a the texts under a.ssn. This is so whatever the format of the file,
    because the report of a JSON file is a CSV file with the same headers.
    """
    named = [field for field in template.fields if field.sensitive]
    if not named:
        return frozenset()
    secret = _Paths(_keys(header) for field in named for header in _headers(field))
    return frozenset(
        field.name
        for field in template.fields
        if field.sensitive or any(secret.touch(_keys(header)) for header in _headers(field))
    )


def sensitive_columns(template: Template, plan: ParsePlan) -> dict[int, str]:
    """Return the positions of the columns whose cells are shown to nobody, and what their originals are kept under.

    That is the name of the field; for a column without one, see `secret_headers`, it is what no field is called. Where
    the file seems to lack a sensitive field, what nobody recognised as its column may be it.
    """
    fields, is_secret = sensitive_fields(template), secret_headers(template)
    present = {column.field for column in plan.columns}
    lacking = any(field.sensitive and field.name not in present for field in template.fields)
    found: dict[int, str] = {}
    met = Counter[str]()  # several columns may have one header
    for column in plan.columns:
        if column.field in fields:
            found[column.position] = column.field or ""
        elif column.field is None and column.reason != "report" and (lacking or is_secret(column.header)):
            met[column.header] += 1
            found[column.position] = f"column {met[column.header]} {column.header}"
    return found


def secret_headers(template: Template) -> Callable[[str], bool]:
    """Return what says of the header of no field whether its cells may show a value of a sensitive one.

    Positions in arrays count for nothing: where the template knows a.ssn or items.0.ssn, a.1.ssn and items.1 are no
    less secret.
    """
    named = [header for field in template.fields if field.sensitive for header in _headers(field)]
    secret = _Paths(map(_without_positions, named))
    return lambda header: bool(named) and secret.touch(_without_positions(header))


def _headers(field: TemplateField) -> Iterable[str]:
    return field.header, *field.aliases


@lru_cache(1024)
def _keys(header: str) -> Keys:
    return tuple(map(normalised, parse_path(header)))


def _without_positions(header: str) -> Keys:
    return tuple(key for key in _keys(header) if not key.isdigit())


class _Paths:
    """Some paths, none of them empty, and whether another leads to one or into it."""

    def __init__(self, paths: Iterable[Keys]) -> None:
        self._whole = {path for path in paths if path}
        self._ways = {path[:n] for path in self._whole for n in range(1, len(path) + 1)}

    def touch(self, keys: Keys) -> bool:
        """Whether one of the two is the beginning of the other; nothing is meant by an empty one."""
        return keys in self._ways or any(keys[:n] in self._whole for n in range(1, len(keys)))
