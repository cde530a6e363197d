"""Records are written under conditions, and nothing but a clear answer is believed."""

from dataclasses import replace

import pytest
from botocore.exceptions import ReadTimeoutError

from longshore.domain.records import Record, Write, WriteKind, WriteOutcome
from longshore.errors import ServiceUnavailable, UnexpectedFailure
from longshore.storage import clients
from longshore.storage.records import RecordStore
from tests.storage.faults import altering_replies, failing, losing_the_first_reply

INSERT, UPDATE = WriteKind.INSERT, WriteKind.UPDATE
DONE, EXISTS, CHANGED, UNCERTAIN = WriteOutcome
FAR = 10**15


@pytest.fixture
def records(stores, clock) -> RecordStore:
    return RecordStore(clients.dynamodb(), stores.records, clock)


@pytest.fixture
def record(tenant) -> Record:
    data = {"code": "CH", "name": "Schweiz ⛰", "area": 41285, "density": "208.10", "member": False, "note": ""}
    return Record(f"{tenant}#country#CH", data, "j1#0#1#1", 7, "2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z")


def many(record: Record, count: int) -> list[Record]:
    return [replace(record, key=f"{record.key}{n}", rev=f"j1#0#{n}#1") for n in range(count)]


def inserts(records: list[Record]) -> list[Write]:
    return [Write(INSERT, record) for record in records]


def test_a_record_comes_back_as_it_was_written(records, record):
    assert records.write(inserts([record]), FAR) == [DONE]
    assert records.read([record.key, f"{record.key}x"]) == {record.key: record}


def test_types_are_kept_and_a_decimal_stays_the_text_it_is(records, record, stores):
    records.write(inserts([record]), FAR)
    item = clients.dynamodb().get_item(TableName=stores.records, Key={"pk": {"S": record.key}})["Item"]
    assert item["data"]["M"]["area"] == {"N": "41285"}
    assert item["data"]["M"]["density"] == {"S": "208.10"}
    assert item["data"]["M"]["member"] == {"BOOL": False}
    assert set(item) == {"pk", "data", "rev", "token", "created_at", "updated_at"}


def test_a_field_without_a_value_is_left_out(records, record):
    records.write(inserts([replace(record, data={"code": "CH", "name": None})]), FAR)
    assert records.read([record.key])[record.key].data == {"code": "CH"}


def test_which_keys_have_a_record_is_asked_for_any_number_of_them(records, record):
    kept = many(record, 250)
    records.write(inserts(kept), FAR)
    keys = [item.key for item in kept]
    assert records.existing([*keys, *(f"{key}x" for key in keys)]) == set(keys)
    assert records.existing([]) == set()


def test_an_insert_overwrites_nothing(records, record):
    records.write(inserts([record]), FAR)
    other = replace(record, rev="j2#0#1#1", data={"code": "XX"})
    assert records.write(inserts([other]), FAR) == [EXISTS]
    assert records.read([record.key])[record.key] == record


def test_an_update_replaces_the_data_and_keeps_the_time_of_creation(records, record):
    records.write(inserts([record]), FAR)
    new = replace(record, rev="j2#0#1#1", token=8, data={"code": "CH"}, created_at="?", updated_at="2027")
    assert records.write([Write(UPDATE, new, record.rev)], FAR) == [DONE]
    assert records.read([record.key])[record.key] == replace(new, created_at=record.created_at)


@pytest.mark.parametrize(
    ("rev", "token", "outcome"),
    [("j1#0#1#1", 7, DONE), ("j1#0#1#1", 8, DONE), ("j1#0#1#1", 6, CHANGED), ("user#x", 8, CHANGED)],
    ids=["same token", "younger token of ours", "older token than the record's", "changed since read"],
)
def test_an_update_needs_the_rev_as_read_and_no_younger_token(records, record, rev, token, outcome):
    records.write(inserts([record]), FAR)
    new = replace(record, rev="j2#0#1#1", token=token)
    assert records.write([Write(UPDATE, new, rev)], FAR) == [outcome]
    assert records.read([record.key])[record.key].rev == (new.rev if outcome is DONE else record.rev)


def test_an_update_creates_nothing(records, record):
    assert records.write([Write(UPDATE, record, "j1#0#1#1")], FAR) == [CHANGED]
    assert records.read([record.key]) == {}


def test_a_record_made_elsewhere_without_token_and_times_can_be_updated(records, record, stores):
    item = {"pk": {"S": record.key}, "rev": {"S": "user#1"}, "data": {"M": {"n": {"N": "1.50"}, "x": {"NULL": True}}}}
    clients.dynamodb().put_item(TableName=stores.records, Item=item)
    there = records.read([record.key])[record.key]
    assert there == Record(record.key, {"n": "1.50", "x": None}, "user#1", 0, "", "")
    assert records.write([Write(UPDATE, record, "user#1")], FAR) == [DONE]


def test_a_thousand_records_are_written_and_read_in_order(records, record):
    rows = many(record, 1000)
    assert records.write(inserts(rows[::2]), FAR) == [DONE] * 500
    assert records.write(inserts(rows), FAR) == [EXISTS, DONE] * 500
    assert records.read([row.key for row in rows]) == {row.key: row for row in rows}
    assert records.read([]) == {}


def test_inserts_and_updates_may_share_a_call(records, record):
    old, new = many(record, 2)
    records.write(inserts([old]), FAR)
    update = Write(UPDATE, replace(old, rev="j2#0#0#1"), old.rev)
    assert records.write([update, Write(INSERT, new)], FAR) == [DONE, DONE]


def test_no_call_starts_after_the_deadline(records, record, clock):
    rows = many(record, 60)
    with altering_replies(clients.dynamodb(), "BatchExecuteStatement", lambda _: clock.pass_seconds(10)):
        outcomes = records.write(inserts(rows), until=clock.ms + 15_000)
    assert outcomes == [DONE] * 50 + [UNCERTAIN] * 10
    assert len(records.read([row.key for row in rows])) == 50


@pytest.mark.parametrize(
    "code", ["ThrottlingError", "TransactionConflict", "InternalServerError", "ProvisionedThroughputExceeded", "New"]
)
def test_what_hides_in_a_successful_answer_is_uncertain(records, record, code):
    def second_fails(answer: dict) -> None:
        answer["Responses"][1] = {"Error": {"Code": code, "Message": "not now"}}

    with altering_replies(clients.dynamodb(), "BatchExecuteStatement", second_fails):
        assert records.write(inserts(many(record, 3)), FAR) == [DONE, UNCERTAIN, DONE]


@pytest.mark.parametrize("code", ["AccessDenied", "ValidationError", "ResourceNotFound"])
def test_what_never_can_succeed_is_a_failure_that_says_why(records, record, code):
    def fails(answer: dict) -> None:
        answer["Responses"][0] = {"Error": {"Code": code, "Message": "never"}}

    with altering_replies(clients.dynamodb(), "BatchExecuteStatement", fails):
        with pytest.raises(UnexpectedFailure, match=f"{code}: never"):
            records.write(inserts([record]), FAR)


def test_a_lost_reply_is_no_answer_but_a_retry_meets_its_own_write(records, record):
    with losing_the_first_reply(clients.dynamodb(), "BatchExecuteStatement"):
        assert records.write(inserts([record]), FAR) == [EXISTS]
    assert records.read([record.key])[record.key].rev == record.rev


def test_a_call_that_fails_for_good_leaves_its_own_writes_uncertain(records, record):
    rows = many(record, 30)
    timeout = ReadTimeoutError(endpoint_url="http://x")
    with failing(clients.dynamodb(), "BatchExecuteStatement", timeout, times=clients.ATTEMPTS) as raised:
        assert records.write(inserts(rows), FAR) == [UNCERTAIN] * 25 + [DONE] * 5
    assert len(raised) == clients.ATTEMPTS


def test_a_key_twice_in_a_call_is_a_defect_of_the_caller(records, record):
    with pytest.raises(UnexpectedFailure, match="write records"):
        records.write(inserts([record, record]), FAR)


def test_keys_that_dynamodb_leaves_unprocessed_are_asked_for_again(records, record, stores):
    rows = many(record, 5)
    records.write(inserts(rows), FAR)
    replies = []

    def leave_some(answer: dict) -> None:
        replies.append(1)
        found = answer["Responses"][stores.records]
        if len(found) > 1:
            left = found.pop()
            keys = {"Keys": [{"pk": left["pk"]}], "ConsistentRead": True}
            answer["UnprocessedKeys"] = {stores.records: keys}

    with altering_replies(clients.dynamodb(), "BatchGetItem", leave_some):
        assert records.read([row.key for row in rows]) == {row.key: row for row in rows}
    assert len(replies) == 2


def test_reading_gives_up_where_keys_stay_unprocessed(records, record, stores, monkeypatch):
    monkeypatch.setattr("longshore.storage.backoff.FIRST", 0.0)

    def leave_all(answer: dict) -> None:
        answer["Responses"] = {}
        answer["UnprocessedKeys"] = {stores.records: {"Keys": [{"pk": {"S": record.key}}]}}

    with altering_replies(clients.dynamodb(), "BatchGetItem", leave_all):
        with pytest.raises(ServiceUnavailable, match="unprocessed"):
            records.read([record.key])
