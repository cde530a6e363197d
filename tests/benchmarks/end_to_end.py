"""Rows a second from the upload to COMPLETED, beside a bare loop that writes the same items into the same DynamoDB.

The loop is what an import with one writer cannot undercut: it has the items in memory as finished statements and sends
them in the same BatchExecuteStatement calls of 25 through the same client. It reads, checks, claims, journals and
reports nothing. It runs in a process of its own, as the workers do; there are two of those.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from typing import Any
from unittest import mock

from longshore.storage import clients
from tests.benchmarks.engines import NotAvailable, dynamodb_local
from tests.benchmarks.figures import Figure
from tests.benchmarks.imports import IN_LAMBDA, Importer, importer
from tests.benchmarks.sample_records import AttributeValue, contact
from tests.benchmarks.write_path import new_table

ROWS = 10_000
ROUNDS = 2
STATEMENTS = 25

Item = dict[str, AttributeValue]


def bare_loop(table: str, items: Sequence[Item], environment: dict[str, str]) -> float:
    """Write the items and return the seconds that it took; the client is the workers' own."""
    os.environ |= environment
    client = clients.dynamodb()
    client.describe_table(TableName=table)  # the connection is there, as it is in a warm worker
    statements = [statement(table, item) for item in items]
    started = time.perf_counter()
    for start in range(0, len(statements), STATEMENTS):
        answer = client.batch_execute_statement(Statements=statements[start : start + STATEMENTS])
        if any("Error" in response for response in answer["Responses"]):
            raise AssertionError("the bare loop met an error")
    return time.perf_counter() - started


def statement(table: str, item: Item) -> dict[str, Any]:
    """Return the INSERT of an item as it is stored."""
    names = ", ".join(f"'{name}': ?" for name in item)
    return {"Statement": f'INSERT INTO "{table}" VALUE {{{names}}}', "Parameters": list(item.values())}


def stored(on: Importer, tenant: str) -> list[Item]:
    """Return the record items of a tenant."""
    pages = on.aws.client("dynamodb").get_paginator("scan").paginate(TableName=on.aws.outputs["RecordsTable"])
    return [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith(f"{tenant}#")]


def rates() -> dict[str, float]:
    """Return rows a second of both, the best of rounds in which they take turns."""
    imports, loops = [], []
    with importer() as on, multiprocessing.get_context("spawn").Pool(1) as other_process:
        for number in range(ROUNDS):
            tenant = f"round{number}"
            on.new_tenant(tenant)
            imports.append(on.load(tenant, [contact(n) for n in range(ROWS)]).seconds)
            task = (new_table(on.aws.client("dynamodb")), stored(on, tenant), {**on.aws.environment(), **IN_LAMBDA})
            loops.append(other_process.apply(bare_loop, task))
    return {"import": ROWS / min(imports), "bare_loop": ROWS / min(loops)}


def figures_of(engine: str) -> list[Figure]:
    """Return the rates with the engine that the environment names, and their ratio."""
    rate = rates()
    return [
        *(Figure(f"end_to_end.{engine}.{name}", value, "rows/s") for name, value in rate.items()),
        Figure(f"end_to_end.{engine}.speed", rate["import"] / rate["bare_loop"], "x bare loop", ">= 0.333"),
    ]


def measure() -> list[Figure]:
    """Return the figures with the embedded AWS's own DynamoDB, and with DynamoDB Local where it can be started."""
    figures = figures_of("embedded")
    try:
        with dynamodb_local() as url, mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL_DYNAMODB": url}):
            figures += figures_of("dynamodb_local")
    except NotAvailable as e:
        print(f"end_to_end: dynamodb_local left out: {e}", file=sys.stderr)
    return figures
