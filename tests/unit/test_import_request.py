"""A request for an import is checked field by field before anything is created."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.domain.job import Mode
from longshore.errors import InvalidRequest
from longshore.steps.import_request import ImportRequest

LEAST = {"template": "country", "file_name": "a.csv"}


def test_two_fields_are_enough() -> None:
    request = ImportRequest.parse(LEAST)
    assert (request.mode, request.priority, request.force, request.preview) == (None, 5, False, False)


def test_all_fields() -> None:
    start = "2027-01-31T06:00:00+01:00"
    request = ImportRequest.parse({**LEAST, "mode": "insert", "priority": 10, "force": True, "start_at": start})
    assert request.mode is Mode.INSERT
    assert request.start_at == datetime(2027, 1, 31, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"template": None}, "template: "),
        ({"template": 7}, "template: "),
        ({"priority": 0}, "priority: "),
        ({"priority": 11}, "priority: "),
        ({"priority": "5"}, "priority: "),
        ({"priority": True}, "priority: "),
        ({"force": "yes"}, "force: "),
        ({"mode": "delete"}, "mode: "),
        ({"start_at": "2027-01-31T06:00:00"}, "start_at: "),
        ({"start_at": 1800000000}, "start_at: must be a text"),
        ({"tenant": "other"}, "tenant: "),
        ({"file_name": ""}, "file_name: must be a plain file name"),
        ({"file_name": "x" * 256}, "file_name: must not be longer than 255 bytes"),
        ({"file_name": "ü" * 128}, "file_name: must not be longer than 255 bytes"),
        ({"file_name": "${filename}"}, "file_name: must not contain ${"),
    ],
)
def test_a_fault_is_named(fault: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        ImportRequest.parse({**LEAST, **fault})
    assert str(raised.value).startswith(says)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_a_body_that_is_no_object(body: object) -> None:
    with pytest.raises(InvalidRequest, match="must be a JSON object"):
        ImportRequest.parse(body)


@given(st.text(max_size=300))
def test_no_accepted_name_can_leave_its_folder_or_break_a_line(name: str) -> None:
    try:
        accepted = ImportRequest.parse({**LEAST, "file_name": name}).file_name
    except InvalidRequest:
        return
    assert accepted == name
    assert not set(accepted) & set("/\\\n\r\0")
    assert accepted not in {"", ".", ".."}
    assert len(accepted.encode()) <= 255


def test_the_same_body_has_the_same_digest_however_it_is_written() -> None:
    spelt_out = {"priority": 5, "force": False, **LEAST, "start_at": "2027-01-31T06:00:00Z"}
    shorter = {**LEAST, "start_at": "2027-01-31T06:00:00+00:00"}
    assert ImportRequest.parse(spelt_out).digest == ImportRequest.parse(shorter).digest
    assert ImportRequest.parse(LEAST).digest != ImportRequest.parse({**LEAST, "force": True}).digest


def test_a_start_in_the_past_is_refused() -> None:
    start = datetime(2027, 1, 31, tzinfo=UTC)
    request = ImportRequest.parse({**LEAST, "start_at": start.isoformat()})
    request.check_start(start - timedelta(seconds=1))
    with pytest.raises(InvalidRequest, match="has passed; leave it out to start at once"):
        request.check_start(start)
