"""Which parts of a job may load at the same time: the depth of each in the graph of what depends on what."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed
from longshore.domain.templates.template import Template


def levels_of(templates: Sequence[Template]) -> list[int]:
    """Return the level of each part, 0 for what depends on no other; raise FileRejected for a circle.

    A part comes after those of the record types that its template names in `depends_on` and `references`, as far as
    the job has them; a reference to its own record type makes no order.
    """
    here = {template.record_type for template in templates}
    needs: dict[str, set[str]] = {name: set() for name in here}
    for template in templates:
        needs[template.record_type] |= (set(template.needs) & here) - {template.record_type}
    depths = _depths(needs)
    return [depths[template.record_type] for template in templates]


def _depths(needs: Mapping[str, set[str]]) -> dict[str, int]:
    depths: dict[str, int] = {}
    try:
        for name in TopologicalSorter(needs).static_order():
            depths[name] = 1 + max((depths[other] for other in needs[name]), default=-1)
    except CycleError as circle:
        raise file_rejected("CIRCULAR_DEPENDENCY", record_types=listed(circle.args[1])) from None
    return depths
