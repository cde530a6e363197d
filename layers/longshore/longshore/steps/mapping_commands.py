"""The use cases of confirmed mappings behind the HTTP API: what the headers of a template's files mean."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from longshore.domain.catalogue.row_errors import shown
from longshore.domain.templates.header_matching import LONGEST_HEADER, Confirmation, normalised
from longshore.domain.templates.template import Template
from longshore.errors import InvalidRequest
from longshore.steps.api import Document, find_template
from longshore.steps.api_view import moment
from longshore.steps.caller import Caller, Role
from longshore.steps.ports import Services
from longshore.steps.request_body import RequestBody


class MappingRequest(RequestBody):
    """The body of a request that confirms: the field of each header, null for a column to be ignored."""

    columns: Annotated[dict[str, str | None], Field(min_length=1, max_length=500)]


def get_mapping(services: Services, caller: Caller, name: str) -> Document:
    """Return what the tenant confirmed about headers of a template's files. Raises TemplateNotFound."""
    find_template(services, caller, name)
    return _document(name, services.mappings.confirmed(caller.tenant, name))


def put_mapping(services: Services, caller: Caller, name: str, body: object) -> Document:
    """Confirm what some headers mean; what was said of others stays. Raises InvalidRequest or TemplateNotFound."""
    caller.must_be(Role.IMPORTER, "confirm columns")
    template = find_template(services, caller, name)[0]
    columns = MappingRequest.parse(body).columns
    _check(columns, template)
    now = services.clock()
    said = [Confirmation(header, field, caller.actor, now) for header, field in columns.items()]
    return _document(name, services.mappings.confirm(caller.tenant, name, said))


def delete_mapping(services: Services, caller: Caller, name: str, header: str) -> Document:
    """Forget what was confirmed of one header, of all where it is "". Raises NotAllowed or TemplateNotFound."""
    caller.must_be(Role.ADMIN, "clear confirmed columns")
    find_template(services, caller, name)
    return {"template": name, "cleared": services.mappings.clear(caller.tenant, name, header or None)}


def _check(columns: Mapping[str, str | None], template: Template) -> None:
    fields = {field.name for field in template.fields}
    headers = {field.header for field in template.fields}
    meant: dict[str, str | None] = {}
    for header, field in columns.items():
        if not normalised(header) or len(header) > LONGEST_HEADER:
            raise InvalidRequest(f"columns: {shown(header)} must be a header of 1 to {LONGEST_HEADER} characters")
        if header in headers:
            raise InvalidRequest(f"columns: {shown(header)} is a header of the template itself, which always counts")
        if field is not None and field not in fields:
            raise InvalidRequest(f"columns: template {template.name} has no field {shown(field)}")
        if meant.setdefault(normalised(header), field) != field:
            raise InvalidRequest(f"columns: {shown(header)} is there twice, written alike, with different fields")


def _document(name: str, confirmed: Mapping[str, Confirmation]) -> Document:
    columns = [
        {"header": one.header, "field": one.field, "actor": one.actor, "confirmed_at": moment(one.at)}
        for _, one in sorted(confirmed.items())
    ]
    return {"template": name, "columns": columns}
