"""What a request touches is read out of the requests that Longshore makes."""

from datetime import UTC, datetime

import pytest

from longshore.domain.records import Write, WriteKind
from longshore.storage.records import RecordStore
from tests.benchmarks.requests_read import read, whole_items, written
from tests.benchmarks.sample_records import records

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
ITEM = {**KEY, "x": {"N": "1"}}


@pytest.mark.parametrize(
    ("operation", "body", "items", "transactional"),
    [
        ("PutItem", {"TableName": "t", "Item": ITEM}, [ITEM], False),
        ("UpdateItem", {"TableName": "t", "Key": KEY}, [KEY], False),
        ("BatchWriteItem", {"RequestItems": {"t": [{"PutRequest": {"Item": ITEM}}]}}, [ITEM], False),
        ("BatchWriteItem", {"RequestItems": {"t": [{"DeleteRequest": {"Key": KEY}}]}}, [KEY], False),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "t", "Item": ITEM}}, {"Delete": {"TableName": "t", "Key": KEY}}]},
            [ITEM, KEY],
            True,
        ),
        ("GetItem", {"TableName": "t", "Key": KEY}, [], False),
    ],
)
def test_what_is_written(operation: str, body: dict, items: list, transactional: bool) -> None:
    found = list(written(operation, body))
    assert [touched.item for touched in found] == items
    assert {touched.table for touched in found} <= {"t"}
    assert all(touched.transactional is transactional for touched in found)


@pytest.mark.parametrize(
    ("operation", "body", "consistent", "transactional"),
    [
        ("GetItem", {"TableName": "t", "Key": KEY}, False, False),
        ("GetItem", {"TableName": "t", "Key": KEY, "ConsistentRead": True}, True, False),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": [KEY], "ConsistentRead": True}}}, True, False),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "t", "Key": KEY}}]}, True, True),
    ],
)
def test_what_is_read(operation: str, body: dict, consistent: bool, transactional: bool) -> None:
    (touched,) = read(operation, body)
    assert touched == ("t", KEY, consistent, transactional)


@pytest.mark.parametrize("kind", WriteKind)
def test_the_statements_of_the_record_store_name_their_key(kind: WriteKind) -> None:
    """Whatever the statement looks like, the meter finds the record that it writes."""
    sent = []

    class Client:
        def batch_execute_statement(self, **request: object) -> dict:
            sent.append(request)
            return {"Responses": [{}]}

    (record,) = records(1)
    RecordStore(Client(), "records", lambda: datetime.fromtimestamp(0, UTC)).write(
        [Write(kind, record, "rev")], until=10**15
    )
    (touched,) = written("BatchExecuteStatement", sent[0])
    assert touched.table == "records"
    assert touched.item == {"pk": {"S": record.key}}


def test_a_statement_that_hides_its_key_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot tell"):
        list(
            written("BatchExecuteStatement", {"Statements": [{"Statement": 'UPDATE "t" SET x = 1', "Parameters": []}]})
        )


def test_a_query_is_charged_for_whole_items() -> None:
    asked = {
        "TableName": "t",
        "KeyConditionExpression": "pk = :pk AND #sk = :sk",
        "ProjectionExpression": "#status",
        "ExpressionAttributeNames": {"#status": "status", "#sk": "sk"},
    }
    assert whole_items(asked) == {
        "TableName": "t",
        "KeyConditionExpression": "pk = :pk AND #sk = :sk",
        "ExpressionAttributeNames": {"#sk": "sk"},
    }
