"""What a person and a script are shown of jobs."""

from typing import Any

import pytest

from cli.outcome import Exit, exit_for
from cli.progress import Progress
from cli.render import counted, counts_line, error_line, summary, table, warning_line

COUNTS = {
    "rows": 1200, "loaded": 1004, "created": 1000, "updated": 4, "deleted": 0,
    "unchanged": 100, "rejected": 96, "held": 0, "unprocessed": 0,
}  # fmt: skip
ERROR = {
    "line": 7,
    "column": 2,
    "field": "iso",
    "code": "REQUIRED",
    "message": "must not be empty",
    "raw_data": "a,,\nb",
}


def job(**changes: Any) -> dict[str, Any]:
    return {
        "job_id": "j1", "status": "COMPLETED_WITH_ERRORS", "file_name": "x.csv", "template": "country",
        "counts": COUNTS, "reason": None, "report": None, **changes,
    }  # fmt: skip


def test_counts_name_what_there_is() -> None:
    assert counts_line(COUNTS) == "1,200 rows: 1,004 loaded (1,000 created, 4 updated), 100 unchanged, 96 rejected"


def test_a_rejected_row_is_one_line() -> None:
    assert error_line(ERROR) == "line 7, column 2 (iso): REQUIRED: must not be empty | a,, b"


def test_a_file_cannot_send_control_characters_to_the_terminal() -> None:
    assert "\x1b" not in error_line({**ERROR, "raw_data": "\x1b]0;owned\x07", "column": None})


def test_a_long_raw_text_is_cut() -> None:
    assert error_line({**ERROR, "raw_data": "x" * 500}).endswith("| " + "x" * 79 + "…")


def test_a_summary_shows_reason_and_first_rejected_rows() -> None:
    reason = {"code": "X", "message": "too many rows", "detail": {}}
    text = summary(job(reason=reason, report={"rejected_sample": [ERROR]}))
    assert text.splitlines() == [
        "x.csv -> country: COMPLETED_WITH_ERRORS  (job j1)",
        "  1,200 rows: 1,004 loaded (1,000 created, 4 updated), 100 unchanged, 96 rejected",
        "  too many rows",
        "  first rejected rows:",
        "    line 7, column 2 (iso): REQUIRED: must not be empty | a,, b",
    ]


def test_a_table_is_aligned() -> None:
    assert table(("A", "LONG"), [("wide cell", 1), ("x", 22)]).splitlines() == [
        "A          LONG",
        "wide cell  1",
        "x          22",
    ]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], Exit.COMPLETED),
        (["COMPLETED"], Exit.COMPLETED),
        (["PROCESSING", "VALIDATED"], Exit.COMPLETED),
        (["COMPLETED", "COMPLETED_WITH_ERRORS"], Exit.WITH_ERRORS),
        (["COMPLETED_WITH_ERRORS", "REJECTED"], Exit.FAILED),
        (["FAILED"], Exit.FAILED),
        (["CANCELLED"], Exit.FAILED),
    ],
)
def test_the_exit_status_is_that_of_the_worst_job(statuses: list[str], expected: Exit) -> None:
    assert exit_for(job(status=status) for status in statuses) is expected


def test_progress_elsewhere_than_on_a_terminal_is_a_line_per_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    for open_rows in range(1000, -1, -10):
        progress.show([job(status="PROCESSING", counts={"rows": 1000, "unprocessed": open_rows})])
    progress.show([job(status="COMPLETED", counts={"rows": 1000, "unprocessed": 0})])
    progress.close()
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert said.out == ""
    assert lines[0] == "j1 x.csv: PROCESSING, 0 of 1,000 rows"
    assert lines[-1] == "j1 x.csv: COMPLETED, 1,000 of 1,000 rows"
    assert len(lines) == 12


@pytest.mark.parametrize(("count", "shown"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (2000, "2,000 rows")])
def test_what_is_counted_agrees_with_its_number(count: int, shown: str) -> None:
    assert counted(count, "row") == shown
    assert counts_line({**dict.fromkeys(COUNTS, 0), "rows": count}).startswith(f"{shown}: ")


def test_a_warning_says_how_often_and_where() -> None:
    met = {
        "code": "LEADING_ZEROS",
        "message": "not kept",
        "count": 1200,
        "column": 3,
        "lines": [2, 9],
        "example": "'007'",
    }
    assert warning_line(met) == ("LEADING_ZEROS: not kept (1,200 in column 3, first in line 2, 9, such as '007')")
    assert warning_line({**met, "column": None, "lines": [], "example": None}) == "LEADING_ZEROS: not kept (1,200)"


def test_several_parts_are_listed_with_their_warnings() -> None:
    warning = {"code": "FORMULA", "message": "taken", "count": 1, "column": None, "lines": [4], "example": None}
    parts = [
        {"name": "North", "template": "team", "counts": COUNTS, "warnings": [warning]},
        {"name": "So\nuth", "template": "team", "counts": COUNTS, "warnings": []},
    ]
    shown = summary(job(parts=parts)).splitlines()
    assert shown[2].startswith("  North -> team: 1,200 rows: ")
    assert shown[3] == "  warning: FORMULA: taken (1, first in line 4)"
    assert shown[4].startswith("  So uth -> team: ")
