"""Records as they stand in the table, as they stood before, and what an undo by the journals would make of them.

Written from the documented layout of records and journals alone, so that it can catch the product out.
"""

import gzip
import json
from collections.abc import Mapping
from typing import Any

from still_aws import StillAws, Upload

Records = dict[str, dict[str, Any]]
"""Records by partition key: data, rev, token, created_at, updated_at."""


def put_records(still: StillAws, tenant: str, record_type: str, rows: list[dict[str, Any]]) -> None:
    """Have records there that an earlier import wrote."""
    made = {"S": "2026-01-01T00:00:00.000Z"}
    requests = [
        {
            "PutRequest": {
                "Item": {
                    "pk": {"S": f"{tenant}#{record_type}#{row['id']}"},
                    "data": {"M": {n: {"N": str(v)} if isinstance(v, int) else {"S": v} for n, v in row.items()}},
                    "rev": {"S": f"earlier#0#{row['id']}#1"},
                    "token": {"N": "0"},
                    "created_at": made,
                    "updated_at": made,
                }
            }
        }
        for row in rows
    ]
    for start in range(0, len(requests), 25):
        table = {still.aws.outputs["RecordsTable"]: requests[start : start + 25]}
        assert not still.aws.client("dynamodb").batch_write_item(RequestItems=table)["UnprocessedItems"]


def records_of(still: StillAws, tenant: str) -> Records:
    """Every record of a tenant."""
    pages = still.aws.client("dynamodb").get_paginator("scan").paginate(TableName=still.aws.outputs["RecordsTable"])
    items = [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith(f"{tenant}#")]
    return {item["pk"]["S"]: {name: _plain(value) for name, value in item.items() if name != "pk"} for item in items}


def undone(still: StillAws, upload: Upload, records: Records) -> Records:
    """Return what the records would be after an undo of the job: created ones gone, others as their journal has them.

    The `rev` of a record, job#part#row#generation, names the claim whose journal holds its before-image.
    """
    before = _before_images(still, upload)
    left: Records = {}
    for key, record in records.items():
        job_id, part, _, generation = record["rev"].rsplit("#", 3)
        if job_id != upload.job_id:
            left[key] = record
        elif image := before.get((part, generation, key)):
            assert not image["rev"].startswith(f"{upload.job_id}#"), f"the before-image of {key} is the job's own write"
            left[key] = {name: value for name, value in image.items() if name != "key"}
    return left


def _before_images(still: StillAws, upload: Upload) -> Mapping[tuple[str, str, str], dict[str, Any]]:
    """Return the before-images by part, generation and record key; of several passes the last one counts."""
    images = {}
    prefix = f"journal/{upload.tenant}/{upload.job_id}/"
    for key in sorted(still.keys(prefix), key=lambda key: int(key.rpartition(".")[2])):
        part, name = key.removeprefix(prefix).split("/")
        _, generation, _ = name.split(".")
        for image in json.loads(gzip.decompress(still.object(key))):
            images[part, generation, image["key"]] = image
    return images


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    if kind == "M":
        return {name: _plain(inner) for name, inner in content.items()}
    return int(content) if kind == "N" else content
