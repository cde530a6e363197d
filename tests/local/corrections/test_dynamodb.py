"""Single items, batches, queries and sizes, and the behaviour of the whole engine."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

PROBE = Path(__file__).parents[4] / "shared" / "probes" / "dynamodb_conformance.py"


def s(text):
    return {"S": text}


def n(number):
    return {"N": str(number)}


def key(pk, sk="0"):
    return {"pk": s(pk), "sk": s(sk)}


@pytest.mark.slow  # 1,800 requests of eight concurrent clients in a process of its own
@pytest.mark.skipif(not PROBE.exists(), reason="the conformance probe is not beside this checkout")
def test_conformance_probe_passes_25_of_25(url):
    command = [sys.executable, str(PROBE), "corrected", url, "checks-only"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "25/25" in done.stdout, done.stdout


def test_concurrent_additions_are_all_counted(ddb, table, get):
    add = {"TableName": table, "Key": key("a"), "UpdateExpression": "ADD v :o"}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ddb.update_item(**add, ExpressionAttributeValues={":o": n(1)}), range(200)))
    assert get("a")["v"] == n(200)


def test_update_item_returns_the_old_item_of_a_failed_condition(ddb, table, put):
    put("a", v=n(1))
    with pytest.raises(ddb.exceptions.ConditionalCheckFailedException) as refused:
        ddb.update_item(
            TableName=table,
            Key=key("a"),
            UpdateExpression="SET v = :w",
            ConditionExpression="v = :w",
            ExpressionAttributeValues={":w": n(2)},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refused.value.response["Item"] == {**key("a"), "v": n(1)}


def test_an_update_that_fails_leaves_nothing_behind(ddb, table, get, stream):
    for value in (s("x" * 420_000), {"BOOL": True}):
        with pytest.raises(ClientError):
            ddb.update_item(
                TableName=table,
                Key=key("a"),
                UpdateExpression="SET small = :s ADD v :v",
                ExpressionAttributeValues={":s": n(1), ":v": value},
            )
    assert (get("a"), stream()) == (None, [])


def test_an_update_that_creates_makes_one_stream_record(ddb, table, stream):
    ddb.update_item(
        TableName=table, Key=key("a"), UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": n(1)}
    )
    assert stream() == [("INSERT", "a")]


def test_batch_writes_are_checked_before_anything_is_written(ddb, table, get):
    write = lambda *requests: ddb.batch_write_item(RequestItems={table: list(requests)})  # noqa: E731
    good = {"PutRequest": {"Item": key("a")}}
    wrong = [
        [good, {"PutRequest": {"Item": {**key("a"), "v": n(1)}}}],
        [good, {"DeleteRequest": {"Key": key("a")}}],
        [good, {"PutRequest": {"Item": {**key("b"), "v": s("x" * 410_000)}}}],
        [good, {"PutRequest": {"Item": {"pk": s("b")}}}],
        [{"PutRequest": {"Item": key(str(i))}} for i in range(26)],
    ]
    for requests in wrong:
        with pytest.raises(ClientError, match="ValidationException"):
            write(*requests)
    assert get("a") is None


def test_a_sparse_index_holds_only_items_with_its_keys_in_order(ddb, table, put):
    put("a", queue=s("t1"), placed=s("2"))
    put("b", queue=s("t1"), placed=s("1"))
    put("c", queue=s("t1"))
    put("d", queue=s("t2"), placed=s("0"))
    put("e")
    ask = {"TableName": table, "IndexName": "queued", "KeyConditionExpression": "queue = :q"}
    first = ddb.query(**ask, ExpressionAttributeValues={":q": s("t1")}, Limit=1)
    rest = ddb.query(
        **ask, ExpressionAttributeValues={":q": s("t1")}, ExclusiveStartKey=first["LastEvaluatedKey"], Limit=5
    )
    assert [item["pk"] for item in (*first["Items"], *rest["Items"])] == [s("b"), s("a")]
    ddb.update_item(TableName=table, Key=key("b"), UpdateExpression="REMOVE queue, placed")
    left = ddb.query(**ask, ExpressionAttributeValues={":q": s("t1")})["Items"]
    assert [item["pk"] for item in left] == [s("a")]


def test_queries_see_their_item_collection_in_order(ddb, table, put):
    for pk, sk in (("a", "part#2"), ("a", "job"), ("a", "part#1"), ("b", "part#1")):
        put(pk, sk)
    found = ddb.query(
        TableName=table,
        KeyConditionExpression="pk = :p AND begins_with(sk, :s)",
        ExpressionAttributeValues={":p": s("a"), ":s": s("part#")},
        ScanIndexForward=False,
    )
    assert [item["sk"]["S"] for item in found["Items"]] == ["part#2", "part#1"]
    assert (
        ddb.query(TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": s("z")})["Count"]
        == 0
    )


def test_every_type_of_value_comes_back_as_it_was_sent(ddb, table, put, get):
    sent = {
        "b": {"B": b"\x00\xff"},
        "bs": {"BS": [b"\x01", b"\x02"]},
        "ss": {"SS": ["x", "y"]},
        "ns": {"NS": ["1", "2.5"]},
        "null": {"NULL": True},
        "deep": {"M": {"l": {"L": [{"M": {"b": {"B": b"\x00"}}}]}, "text": s("a=b&Action=DeleteTable&ü")}},
    }
    put("a", **sent)
    assert get("a") == {**key("a"), **sent}
    answer = ddb.batch_get_item(RequestItems={table: {"Keys": [key("a"), key("b")]}})["Responses"][table]
    assert answer == [{**key("a"), **sent}]


@pytest.mark.parametrize(
    ("attribute", "size"),
    [
        (s("é"), 2),
        (n("-12.50"), 4),
        (n("1000"), 2),
        ({"BOOL": True}, 1),
        ({"B": b"123"}, 3),
        ({"M": {"a": s("b")}}, 3 + 1 + 1 + 1),
        ({"L": [n(1), {"NULL": True}]}, 3 + 1 + 2 + 1 + 1),
    ],
)
def test_the_size_limit_counts_as_documented(put, attribute, size):
    fixed = len("pk" + "a" + "sk" + "0" + "pad" + "v") + size
    put("a", v=attribute, pad=s("x" * (400 * 1024 - fixed)))
    with pytest.raises(ClientError, match="Item size has exceeded"):
        put("a", v=attribute, pad=s("x" * (400 * 1024 - fixed + 1)))
