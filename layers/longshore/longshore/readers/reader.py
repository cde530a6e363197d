"""What every format offers: a plan found out from the beginning of a part, and its rows read as the plan says."""

from collections.abc import Iterator
from typing import Protocol

from longshore.domain.chunk import Chunk
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.template import Template


class PartSource(Protocol):
    """One part of an upload before it is read: a plain file, a member of an archive, or a sheet of a workbook."""

    @property
    def name(self) -> str:
        """The path of the member, the title of the sheet, or both joined by a slash; "" for a plain file."""

    def plan(self, template: Template) -> ParsePlan:
        """Find out how this part is read and which fields its columns fill; raise FileRejected."""

    def read(self, plan: ParsePlan) -> Iterator[Chunk]:
        """Read every row once, in flat memory; raise FileRejected where the part is not what the plan says."""
