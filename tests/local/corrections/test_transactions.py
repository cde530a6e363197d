"""Transactions: reasons, no trace of a cancelled one, request tokens, and PynamoDB's use of them."""

import uuid

import pytest
from botocore.exceptions import ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, VersionAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite


def s(text):
    return {"S": text}


def n(number):
    return {"N": str(number)}


def key(pk, sk="0"):
    return {"pk": s(pk), "sk": s(sk)}


def transaction_put(table, pk, **more):
    return {"Put": {"TableName": table, "Item": {**key(pk), **more}}}


def test_a_cancelled_transaction_gives_a_reason_per_item_and_leaves_no_trace(ddb, table, put, get, stream):
    put("old", v=n(1))
    put("text", v=s("x"))
    check = {
        "TableName": table,
        "Key": key("old"),
        "ConditionExpression": "v = :v",
        "ExpressionAttributeValues": {":v": n(2)},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(ddb.exceptions.TransactionCanceledException) as refused:
        ddb.transact_write_items(TransactItems=[transaction_put(table, "new"), {"ConditionCheck": check}])
    reasons = refused.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == {**key("old"), "v": n(1)}
    add = {"TableName": table, "Key": key("text"), "UpdateExpression": "ADD v :o"}
    items = [transaction_put(table, "old"), {"Update": {**add, "ExpressionAttributeValues": {":o": n(1)}}}]
    with pytest.raises(ClientError, match=r"None, ValidationError|ValidationException"):
        ddb.transact_write_items(TransactItems=items)
    assert (get("new"), get("old")["v"], len(stream())) == (None, n(1), 2)


def test_all_kinds_of_transaction_items(ddb, table, put, get):
    for pk in ("check", "update", "delete"):
        put(pk, v=n(1))
    exists = {"ConditionExpression": "attribute_exists(pk)"}
    values = {"ExpressionAttributeValues": {":n": n(2)}, "UpdateExpression": "SET v = v + :n"}
    of = lambda pk: {"TableName": table, "Key": key(pk)}  # noqa: E731
    ddb.transact_write_items(
        TransactItems=[
            {"ConditionCheck": {**of("check"), **exists}},
            {"Update": {**of("update"), **values, **exists}},
            {"Delete": {**of("delete"), **exists}},
            transaction_put(table, "put"),
        ]
    )
    assert (get("update")["v"], get("delete"), get("put")) == (n(3), None, key("put"))
    answer = ddb.transact_get_items(
        TransactItems=[
            {"Get": {**of("update"), "ProjectionExpression": "v"}},
            {"Get": of("delete")},
            *({"Get": of(f"none{i}")} for i in range(40)),
        ]
    )["Responses"]
    assert answer[:2] == [{"Item": {"v": n(3)}}, {}]


def test_the_same_request_token_does_not_write_twice(ddb, table, get):
    add = {"TableName": table, "Key": key("a"), "UpdateExpression": "ADD v :o"}
    items = [{"Update": {**add, "ExpressionAttributeValues": {":o": n(1)}}}]
    token = uuid.uuid4().hex
    for _ in range(3):
        ddb.transact_write_items(TransactItems=items, ClientRequestToken=token)
    assert get("a")["v"] == n(1)
    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        ddb.transact_write_items(TransactItems=[transaction_put(table, "b")], ClientRequestToken=token)


def test_a_cancelled_transaction_may_be_tried_again_with_its_token(ddb, table, put, get):
    put("a")
    absent = {"Put": {"TableName": table, "Item": key("a"), "ConditionExpression": "attribute_not_exists(pk)"}}
    token = uuid.uuid4().hex
    with pytest.raises(ddb.exceptions.TransactionCanceledException):
        ddb.transact_write_items(TransactItems=[absent], ClientRequestToken=token)
    ddb.delete_item(TableName=table, Key=key("a"))
    ddb.transact_write_items(TransactItems=[absent], ClientRequestToken=token)
    assert get("a") == key("a")


def test_pynamodb_transactions(url, table, put):
    class Job(Model):
        class Meta:
            table_name = table
            host = url
            region = "us-east-2"
            aws_access_key_id = "test"
            aws_secret_access_key = "test"

        pk = UnicodeAttribute(hash_key=True)
        sk = UnicodeAttribute(range_key=True)
        rows = NumberAttribute(default=0)
        version = VersionAttribute()

    connection = Connection(region="us-east-2", host=url)
    connection.session.set_credentials("test", "test")
    with TransactWrite(connection=connection, client_request_token=uuid.uuid4().hex) as transaction:
        transaction.save(Job("job", "job"))
        transaction.save(Job("job", "part#1"), condition=Job.pk.does_not_exist())
    job = Job.get("job", "job", consistent_read=True)
    assert (job.version, len(list(Job.query("job", consistent_read=True)))) == (1, 2)
    stale = Job.get("job", "job")
    job.update(actions=[Job.rows.set(5)])
    transaction = TransactWrite(connection=connection)
    transaction.save(Job("other", "job"))
    transaction.update(stale, actions=[Job.rows.set(7)])
    with pytest.raises(TransactWriteError) as refused:
        transaction._commit()
    assert [reason and reason.code for reason in refused.value.cancellation_reasons] == [None, "ConditionalCheckFailed"]
    assert (Job.get("job", "job").rows, Job.count("other")) == (5, 0)
