"""A transaction names what refused it, waits for what passes and gives up on the rest."""

import pytest
from botocore.exceptions import ClientError

from longshore.errors import ServiceUnavailable, UnexpectedFailure
from longshore.storage import clients
from longshore.storage.transaction import LIMIT, Refused, Transaction
from tests.storage.faults import failing


@pytest.fixture
def transaction(stores, tenant) -> Transaction:
    """Return a transaction of two new items, "a" and "b"."""
    made = Transaction(clients.dynamodb(), "write two items")
    for name in ("a", "b"):
        made.put(name, a_put(stores.locks, f"{tenant}#{name}"))
    return made


def a_put(table: str, pk: str) -> dict:
    return {"TableName": table, "Item": {"pk": {"S": pk}}, "ConditionExpression": "attribute_not_exists(pk)"}


def items(stores, tenant) -> list[str]:
    keys = [{"pk": {"S": f"{tenant}#{name}"}} for name in ("a", "b")]
    found = clients.dynamodb().batch_get_item(RequestItems={stores.locks: {"Keys": keys, "ConsistentRead": True}})
    return sorted(item["pk"]["S"][-1] for item in found["Responses"][stores.locks])


def cancelled(*codes: str) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    error = {"Error": {"Code": "TransactionCanceledException", "Message": "x"}, "CancellationReasons": reasons}
    return ClientError(error, "TransactWriteItems")


def test_a_refusal_names_the_writes_that_refused_and_nothing_is_written(transaction, stores, tenant):
    clients.dynamodb().put_item(TableName=stores.locks, Item={"pk": {"S": f"{tenant}#b"}})
    with pytest.raises(Refused, match="could not write two items: b changed") as refused:
        transaction.commit()
    assert refused.value.names == {"b"}
    assert items(stores, tenant) == ["b"]


def test_another_transaction_in_the_way_is_waited_for(transaction, stores, tenant):
    with failing(clients.dynamodb(), "TransactWriteItems", cancelled("TransactionConflict", "None"), times=2):
        transaction.commit()
    assert items(stores, tenant) == ["a", "b"]


def test_one_that_stays_in_the_way_is_given_up_on(transaction, monkeypatch):
    monkeypatch.setattr("longshore.storage.backoff.FIRST", 0.0)
    with failing(clients.dynamodb(), "TransactWriteItems", cancelled("None", "TransactionConflict")):
        with pytest.raises(ServiceUnavailable, match="'b': 'TransactionConflict'"):
            transaction.commit()


def test_what_no_repetition_cures_is_not_repeated(transaction):
    with failing(clients.dynamodb(), "TransactWriteItems", cancelled("ValidationError", "None")) as raised:
        with pytest.raises(UnexpectedFailure, match="'a': 'ValidationError'"):
            transaction.commit()
    assert len(raised) == 1


def test_more_items_than_a_transaction_takes_are_refused_before_the_call(stores, tenant):
    transaction = Transaction(clients.dynamodb(), "write too much")
    for n in range(LIMIT + 1):
        transaction.put(str(n), a_put(stores.locks, f"{tenant}#{n}"))
    with pytest.raises(UnexpectedFailure, match="101 items, 100 are allowed"):
        transaction.commit()
