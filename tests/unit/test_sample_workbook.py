"""A sample workbook of a template, filled in by a person, imports clean."""

import io

import openpyxl
import pytest
from report_making import run

from longshore.domain.templates.template import parse_template
from longshore.readers.reports.sample_workbook import write_sample

FILLED = {
    "code": ({"required": True, "pattern": "[0-9]{3}"}, "007"),
    "count": ({"type": "integer", "min": 1, "max": 99}, 12),
    "price": ({"type": "decimal", "decimal_comma": True}, 12.5),
    "gift": ({"type": "boolean", "column": "=Gift?"}, True),
    "due": ({"type": "date"}, "2026-03-01"),
    "at": ({"type": "datetime", "zone": "Europe/Berlin"}, "2026-03-01T12:30:00"),
    "sent": ({"type": "datetime"}, "2026-03-01T12:30:00Z"),
    "opens": ({"type": "time"}, "12:30"),
    "mail": ({"type": "email"}, "name@example.com"),
    "phone": ({"type": "phone", "sensitive": True}, "030 123456"),
    "site": ({"type": "url"}, "https://example.com"),
    "id": ({"type": "uuid"}, "123e4567-e89b-12d3-a456-426614174000"),
    "size": ({"type": "json"}, '{"size":12}'),
    "tags": ({"type": "list", "separator": "|"}, "a|b"),
    "owner": ({"type": "reference", "references": "person"}, "0012"),
    "status": ({"enum": ["open", "paid"]}, "paid"),
    "long": ({"enum": [f"value, {n}" for n in range(100)]}, "value, 77"),
    "comment": ({"min_length": 2, "max_length": 200}, "ok"),
}
TYPED = {"count": "0", "price": "General", "gift": "General", "due": "yyyy-mm-dd", "at": "yyyy-mm-dd hh:mm:ss"}


def template(**changes):
    fields = [{"name": name, **field} for name, (field, _) in FILLED.items()]
    document = {"name": "orders", "title": "Orders [2026]", "record_type": "order", "key": ["code"], "fields": fields}
    return parse_template(document | changes)


def book_of(a_template):
    out = io.BytesIO()
    write_sample(a_template, out)
    return openpyxl.load_workbook(io.BytesIO(out.getvalue()))


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("changes", [{}, {"file": {"sheet": "Data", "header_row": 3}}])
def test_filled_in_it_imports_clean(changes):
    book = book_of(template(**changes))
    sheet = book.worksheets[0]
    sheet.append([value for _, value in FILLED.values()])
    (part,) = run(saved(book), template(**changes))
    assert part.kept.errors == []
    (row,) = part.kept.accepted
    assert (row["code"], row["count"], row["price"], row["gift"]) == ("007", 12, "12.5", True)
    assert (row["tags"], row["owner"], row["long"]) == (["a", "b"], "0012", "value, 77")
    assert part.name == ("Data" if changes else "Orders _2026_")


def test_columns_have_formats_notes_and_marks():
    sheet = book_of(template()).worksheets[0]
    headers = {FILLED_NAMES[at]: cell for at, cell in enumerate(sheet[1])}
    assert [cell.value for cell in sheet[1]][:4] == ["code", "count", "price", "=Gift?"]
    assert headers["gift"].data_type == "s"
    formats = {name: sheet.column_dimensions[cell.column_letter].number_format for name, cell in headers.items()}
    expected = {name: TYPED.get(name, "hh:mm:ss" if name == "opens" else "@") for name in FILLED}
    assert formats == expected
    assert "Required." in headers["code"].comment.text
    assert "Must match [0-9]{3}" in headers["code"].comment.text
    assert "At most 99." in headers["count"].comment.text
    assert headers["code"].fill != headers["count"].fill
    assert sheet.max_row == 1


FILLED_NAMES = list(FILLED)


def test_drop_downs_offer_what_is_allowed():
    book = book_of(template())
    sheet = book.worksheets[0]
    offered = {str(v.sqref).rstrip("0123456789").rpartition(":")[2]: v for v in sheet.data_validations.dataValidation}
    by_name = {name: offered.get(cell.column_letter) for name, cell in zip(FILLED, sheet[1], strict=True)}
    assert by_name["status"].formula1 == '"open,paid"'
    assert by_name["gift"].formula1 == '"true,false"'
    assert by_name["long"].formula1 == "'lists'!$A$1:$A$100"
    assert (by_name["count"].formula1, by_name["count"].formula2) == ("1", "99")
    assert (by_name["comment"].type, by_name["code"]) == ("textLength", None)
    assert book["lists"].sheet_state == "hidden"
    assert [cell.value for cell in book["lists"]["A"]][:2] == ["value, 0", "value, 1"]


def test_as_it_comes_it_has_no_rows_to_import():
    from longshore.errors import FileRejected

    with pytest.raises(FileRejected) as refused:
        run(saved(book_of(template())), template())
    assert refused.value.code == "HEADER_ONLY"
