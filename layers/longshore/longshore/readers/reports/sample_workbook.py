"""A workbook to be filled in, made from a template: a header with notes, drop-downs and formats, and no rows.

It is imported as it is. Long drop-downs have their values in a hidden sheet, which is no part of an upload.
"""

from collections.abc import Sequence
from typing import BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from longshore.domain.cells.field_notes import field_notes
from longshore.domain.cells.value_types import FieldType
from longshore.domain.templates.template import Template
from longshore.domain.templates.template_field import TemplateField
from longshore.readers.reports.report_names import title_of
from longshore.readers.reports.sheet_text import escaped

LAST_ROW = 1_048_576
LISTS = "lists"

INLINE_LIST = 255
"""Longest list of a drop-down that stands in the validation itself (Excel specifications and limits)."""

DIGITS_KEPT = "999999999999999"
"""Greatest whole number that a spreadsheet keeps exactly."""

TEXT, WHOLE, GENERAL = "@", "0", "General"
FORMATS: dict[FieldType, str] = {
    "integer": WHOLE,
    "decimal": GENERAL,
    "boolean": GENERAL,
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm:ss",
    "time": "hh:mm:ss",
}
"""Of every other type cells are texts, so that leading zeros stay."""

REQUIRED = PatternFill("solid", start_color="FCE4D6")
OPTIONAL = PatternFill("solid", start_color="EDEDED")
NOTE_WIDTH, NOTE_LINE = 320, 22
WIDTHS = (12, 40)


def write_sample(template: Template, out: BinaryIO) -> None:
    """Write the workbook of a template."""
    book = Workbook()
    sheet = cast(Worksheet, book.active)
    sheet.title = title_of(template.file.sheet or template.title or template.name)
    lists = _Lists(book)
    sheet.freeze_panes = f"A{(template.file.header_row or 1) + 1}"
    for at, field in enumerate(template.fields, start=1):
        _add_column(sheet, at, field, template, lists)
    book.save(out)


def _add_column(sheet: Worksheet, at: int, field: TemplateField, template: Template, lists: "_Lists") -> None:
    row = template.file.header_row or 1
    letter = get_column_letter(at)
    column = sheet.column_dimensions[letter]
    column.number_format = _format_of(field)
    column.width = min(max(len(field.header) + 4, WIDTHS[0]), WIDTHS[1])
    header = sheet.cell(row, at)
    _put_text(header, field.header)
    header.font, header.alignment = Font(bold=True), Alignment(vertical="top")
    header.fill = REQUIRED if field.required else OPTIONAL
    notes = field_notes(field, template)
    if at == 1 and template.file.footer_rows:
        notes.append(f"The last {template.file.footer_rows} rows of the sheet are no data.")
    header.comment = Comment("\n".join(notes), "Longshore", NOTE_LINE * (len(notes) + 1), NOTE_WIDTH)
    validation = _validation(field, lists)
    if validation:
        validation.allow_blank = not field.required
        validation.error = "\n".join(notes)[:INLINE_LIST]
        validation.errorTitle = field.header[:32]
        # A transform may make a value of what is typed, which the spreadsheet cannot know.
        validation.errorStyle = "warning" if field.transforms else "stop"
        validation.add(f"{letter}{row + 1}:{letter}{LAST_ROW}")
        sheet.add_data_validation(validation)


def _put_text(cell: Cell | MergedCell, text: str) -> None:
    cell.value = escaped(text)
    # A header that begins with = is no formula.
    cell.data_type = "s"
    cell.number_format = TEXT


def _format_of(field: TemplateField) -> str:
    if field.type == "datetime" and not field.zone:
        # A date of a spreadsheet has no offset, and without one nobody knows what time is meant.
        return TEXT
    return FORMATS.get(field.type, TEXT)


def _validation(field: TemplateField, lists: "_Lists") -> DataValidation | None:
    """Return what a spreadsheet checks by itself; everything else is checked at the import."""
    if field.type == "list":
        return None
    if field.enum:
        return DataValidation(type="list", formula1=lists.formula(field.enum))
    if field.type == "boolean":
        return DataValidation(type="list", formula1='"true,false"')
    if field.type == "integer" and not field.transforms:
        least, most = ("" if bound is None else str(bound) for bound in (field.min, field.max))
        return DataValidation(
            type="whole", operator="between", formula1=least or f"-{DIGITS_KEPT}", formula2=most or DIGITS_KEPT
        )
    if field.type == "string" and not field.transforms and (field.min_length or field.max_length):
        bounds = str(field.min_length or 0), str(field.max_length or 32_767)
        return DataValidation(type="textLength", operator="between", formula1=bounds[0], formula2=bounds[1])
    return None


class _Lists:
    """Values of drop-downs: short ones stand in the formula itself, others in the columns of a hidden sheet."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._sheet: Worksheet | None = None
        self._columns = 0

    def formula(self, values: Sequence[str]) -> str:
        """Return the formula of a drop-down with these values."""
        inline = ",".join(values)
        if len(inline) <= INLINE_LIST and not any(set(value) & set(',"') or value != value.strip() for value in values):
            return f'"{inline}"'
        if self._sheet is None:
            self._sheet = cast(Worksheet, self._book.create_sheet(LISTS))
            self._sheet.sheet_state = "hidden"
        self._columns += 1
        for row, value in enumerate(values, start=1):
            _put_text(self._sheet.cell(row, self._columns), value)
        letter = get_column_letter(self._columns)
        return f"{quote_sheetname(self._sheet.title)}!${letter}$1:${letter}${len(values)}"
