"""The sheets of a workbook as parts of an upload."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from typing import BinaryIO

from longshore.domain.catalogue.file_errors import file_rejected
from longshore.domain.catalogue.row_errors import listed
from longshore.domain.chunk import Chunk, Notice
from longshore.domain.parse_plan import ROW_ID, ParsePlan
from longshore.domain.templates.file_options import FileOptions
from longshore.errors import FileRejected
from longshore.readers.archives.archive import DEFAULT_LIMITS, ArchiveLimits
from longshore.readers.header import normalised
from longshore.readers.reader import PartSource
from longshore.readers.reports.report_options import REPORT_OPTIONS
from longshore.readers.workbook.workbook import Workbook

MAX_PARTS = 50
"""All locks of a job are taken in one transaction of at most 100 items (design, section 8)."""


class SheetPart:
    """A PartSource over a sheet; `notices` go with its first chunk."""

    def __init__(self, workbook: Workbook, title: str, member: str, notices: Sequence[Notice] = ()) -> None:
        self.name = f"{member}/{title}" if member else title
        self._workbook = workbook
        self._title = title
        self._member = member
        self._notices = notices

    def unmapped_plan(self, options: FileOptions, wanted: Set[str]) -> ParsePlan:
        """Find out where the table of the sheet is; raise FileRejected."""
        plan = self._report_plan(options) or self._workbook.unmapped_plan(self._title, options, wanted)
        return replace(plan, member=self._member)

    def _report_plan(self, options: FileOptions) -> ParsePlan | None:
        """Return the plan of a report of rejected rows, whose header is not where the template may declare it."""
        if options.header_row is None and not options.footer_rows:
            return None
        undeclared = options.model_copy(update=REPORT_OPTIONS)
        try:
            plan = self._workbook.unmapped_plan(self._title, undeclared, {normalised(ROW_ID)})
        except FileRejected:  # of what stands above the declared header
            return None
        return plan if plan.is_report else None

    def read(self, plan: ParsePlan) -> Iterator[Chunk]:
        """Read every row; raise FileRejected."""
        notices = self._notices
        for chunk in self._workbook.read_rows(plan):
            yield replace(chunk, notices=[*notices, *chunk.notices]) if notices else chunk
            notices = ()


def workbook_parts(
    file: BinaryIO, options: FileOptions, member: str = "", limits: ArchiveLimits = DEFAULT_LIMITS
) -> list[PartSource]:
    """Return a part for each visible sheet with values, or for the sheet that `options` name; raise FileRejected.

    `member` is the path of the workbook where it is in an archive. The file must stay open and seekable.
    """
    workbook = Workbook(file, limits, what=f"the workbook {member}" if member else "the workbook")
    if options.sheet is not None:
        return [SheetPart(workbook, workbook.sheet(options.sheet).title, member)]
    visible = [sheet for sheet in workbook.sheets if sheet.visible]
    filled = [sheet for sheet in visible[: MAX_PARTS * 2] if not workbook.is_empty(sheet)]
    hidden = [sheet for sheet in workbook.sheets if not sheet.visible]
    if not filled:
        known = f" (hidden: {listed(sheet.title for sheet in hidden)})" if hidden else ""
        raise file_rejected("EMPTY_WORKBOOK", hidden=known)
    if len(visible) > MAX_PARTS and len(filled) > MAX_PARTS:
        raise file_rejected("TOO_MANY_PARTS", what="the workbook", parts=len(visible), limit=MAX_PARTS)
    notices = [Notice("HIDDEN_SHEET", 0, data={"value": sheet.title}) for sheet in hidden]
    notices += [Notice("EMPTY_SHEET", 0, data={"value": sheet.title}) for sheet in visible if sheet not in filled]
    return [SheetPart(workbook, sheet.title, member, () if at else notices) for at, sheet in enumerate(filled)]
