"""Rows that the load refuses are counted and listed even when the file is gone from which their texts would come."""

import gzip
import json
from collections.abc import Callable

from batch_cases import ITEM, counts_of
from record_states import put_records
from still_aws import StillAws
from tenants import Tenant

from longshore.steps.refused_rows import GONE


def test_without_the_upload_the_text_is_missing_and_nothing_else(
    still: StillAws, new_tenant: Callable[..., Tenant]
) -> None:
    tenant = new_tenant({**ITEM, "mode": "insert"})
    rows = [{"id": str(i), "name": "n", "amount": i} for i in range(3)]
    put_records(still, tenant.name, "item", rows[:2])
    upload = still.dispatched(tenant, "item", rows)
    pinned = upload.event["detail"]["object"]
    still.aws.client("s3").delete_object(
        Bucket=upload.event["detail"]["bucket"]["name"], Key=pinned["key"], VersionId=pinned["version-id"]
    )
    (task,) = still.tasks(upload)
    assert still.invoke("LoadBatchFunction", task).error == ""
    (batch,) = still.batches(upload)
    assert counts_of(batch) == {"created": 1, "rejected": 2}
    errors = json.loads(gzip.decompress(still.object(batch["rejects"]["M"]["key"]["S"])))
    assert [(error["row"], error["code"], error["raw_data"]) for error in errors] == [
        (1, "RECORD_EXISTS", GONE),
        (2, "RECORD_EXISTS", GONE),
    ]
