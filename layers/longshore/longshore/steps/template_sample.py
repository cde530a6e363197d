"""The use case behind GET /templates/{name}/sample: a workbook that a person fills in."""

from io import BytesIO

from longshore.steps.api import find_template
from longshore.steps.caller import Caller
from longshore.steps.ports import Services

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sample_workbook(services: Services, caller: Caller, name: str, version: int = 0) -> bytes:
    """Return a workbook made from a template; version 0 is the current one. Raises TemplateNotFound."""
    template, _ = find_template(services, caller, name, version)
    # Only where a workbook is written: it costs a quarter of a second to import.
    from longshore.readers.reports.sample_workbook import write_sample

    out = BytesIO()
    write_sample(template, out)
    return out.getvalue()
