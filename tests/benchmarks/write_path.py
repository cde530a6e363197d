"""Three ways to write new rows under the condition "only if absent", side by side on each engine.

All use a client of the same settings. Write units are computed by DynamoDB's published rule, because DynamoDB Local's
ConsumedCapacity is no bill: it reports two units for a whole transaction and none for PartiQL. What a way says about
each row is seen with one row in twenty already there. The decision that rests on this is
docs/decisions/0002-write-path.md.
"""

import statistics
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from longshore.domain.records import Record
from tests.benchmarks.engines import ENGINES, NotAvailable
from tests.benchmarks.figures import Figure
from tests.benchmarks.sample_records import insert, item, records

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROWS = 1_000
ROUNDS = 3
THREADS = (1, 4)
EXISTING = 20
"""One row in so many is there already when the outcomes are looked at."""


Call = Callable[["DynamoDBClient", str, Sequence[Record]], int]
"""Makes one request and returns how many rows it wrote."""


@dataclass(frozen=True)
class Way:
    """A way to write: its call, the rows of a call, and the write units of a row of at most 1 KB.

    Units: DynamoDB developer guide, "Read and write operations": one per write, two per write in a transaction.
    """

    call: Call
    size: int
    units: int


def put_item(client: "DynamoDBClient", table: str, rows: Sequence[Record]) -> int:
    """Write one row under its condition."""
    (row,) = rows
    try:
        client.put_item(TableName=table, Item=item(row), ConditionExpression="attribute_not_exists(pk)")
    except client.exceptions.ConditionalCheckFailedException:
        return 0
    return 1


def transact_write_items(client: "DynamoDBClient", table: str, rows: Sequence[Record]) -> int:
    """Write up to 100 rows, all or none."""
    condition = {"ConditionExpression": "attribute_not_exists(pk)"}
    puts = [{"Put": {"TableName": table, "Item": item(row), **condition}} for row in rows]
    try:
        client.transact_write_items(TransactItems=puts)
    except client.exceptions.TransactionCanceledException:
        return 0
    return len(rows)


def batch_execute_statement(client: "DynamoDBClient", table: str, rows: Sequence[Record]) -> int:
    """Write up to 25 rows, each with an outcome of its own."""
    answer = client.batch_execute_statement(Statements=[insert(table, row) for row in rows])
    return sum("Error" not in response for response in answer["Responses"])


WAYS = {
    "put_item": Way(put_item, 1, units=1),
    "transact_100": Way(transact_write_items, 100, units=2),
    "statements_25": Way(batch_execute_statement, 25, units=1),
}


def write_all(client: "DynamoDBClient", way: Way, table: str, rows: Sequence[Record], threads: int) -> int:
    """Write all rows in the way's calls, shared out over the threads; return how many were written."""
    chunks = [rows[start : start + way.size] for start in range(0, len(rows), way.size)]
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(lambda chunk: way.call(client, table, chunk), chunks))


def new_table(client: "DynamoDBClient") -> str:
    """Create an empty table with the key of the Records table."""
    name = f"records-{uuid.uuid4().hex[:8]}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return name


def cost_figures() -> list[Figure]:
    """Return calls and write units per 1,000 new rows of each way."""
    targets = {"statements_25": ("== 40", "== 1000")}
    figures = []
    for name, way in WAYS.items():
        calls, units = targets.get(name, ("", ""))
        figures.append(Figure(f"write_path.{name}.calls", 1000 / way.size, "per 1,000 rows", calls))
        figures.append(Figure(f"write_path.{name}.write_units", 1000 * way.units, "per 1,000 rows", units))
    return figures


def outcome_figures(client: "DynamoDBClient", engine: str, table: str) -> list[Figure]:
    """Return what each way wrote of 1,000 rows of which 50 exist: 950 is all. Also warms the engine up."""
    targets = {"statements_25": "== 950"}
    figures = []
    for number, (name, way) in enumerate(WAYS.items(), start=1):
        rows = list(records(ROWS, start=1_000_000 * number))
        for row in rows[::EXISTING]:
            client.put_item(TableName=table, Item=item(row))
        written = write_all(client, way, table, rows, threads=1)
        title = f"write_path.{engine}.{name}.written_beside_existing"
        figures.append(Figure(title, written, "of 950 rows", targets.get(name, "")))
    return figures


def speed_figures(client: "DynamoDBClient", engine: str, table: str, threads: int) -> list[Figure]:
    """Return rows a second and multiples of PutItem: the median of rounds in which the ways take turns."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    start = 100_000_000 * threads
    for _ in range(ROUNDS):
        for name, way in WAYS.items():
            rows = list(records(ROWS, start))
            started = time.perf_counter()
            written = write_all(client, way, table, rows, threads)
            rates[name].append(written / (time.perf_counter() - started))
            start += ROWS
    rate = {name: statistics.median(values) for name, values in rates.items()}
    title = f"write_path.{engine}.{{}}.threads_{threads}"
    targets = {("dynamodb_local", "statements_25"): ">= 2"}
    return [Figure(title.format(name), value, "rows/s") for name, value in rate.items()] + [
        Figure(f"{title.format(name)}.speed", value / rate["put_item"], "x put_item", targets.get((engine, name), ""))
        for name, value in rate.items()
        if name != "put_item"
    ]


def engine_client(url: str) -> "DynamoDBClient":
    """Return a client without retries, so that one row's write is one request."""
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=max(THREADS), read_timeout=30)
    return boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=config,
    )


def measure_engine(engine: str, url: str) -> list[Figure]:
    """Return every figure of one engine."""
    client = engine_client(url)
    table = new_table(client)
    figures = outcome_figures(client, engine, table)
    for threads in THREADS:
        figures += speed_figures(client, engine, table, threads)
    return figures


def measure() -> list[Figure]:
    """Return the figures of every engine that can be started here; say which cannot."""
    figures = cost_figures()
    for engine, start in ENGINES.items():
        try:
            with start() as url:
                figures += measure_engine(engine, url)
        except NotAvailable as e:
            print(f"write_path: {engine} left out: {e}", file=sys.stderr)
    return figures
