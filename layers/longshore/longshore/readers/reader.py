"""What every format offers: a plan found out from the beginning of a part, and its rows read as the plan says."""

from collections.abc import Iterator, Set
from typing import Protocol

from longshore.domain.chunk import Chunk
from longshore.domain.parse_plan import ParsePlan
from longshore.domain.templates.file_options import FileOptions


class PartSource(Protocol):
    """One part of an upload before it is read: a plain file, a member of an archive, or a sheet of a workbook."""

    @property
    def name(self) -> str:
        """The path of the member, the title of the sheet, or both joined by a slash; "" for a plain file."""

    def unmapped_plan(self, options: FileOptions, wanted: Set[str]) -> ParsePlan:
        """Find out how this part is read; its columns fill no fields yet. Raises FileRejected.

        `wanted` are the normalised headers (readers.header.normalised) that the right reading brings out, if known.
        """

    def read(self, plan: ParsePlan) -> Iterator[Chunk]:
        """Read every row once, in flat memory; raise FileRejected where the part is not what the plan says."""
