"""Batches whose first attempt meets a fault: a job with one batch per case, loaded, retried and checked as a whole."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from fault_kinds import Fault
from fault_proxy import Call
from record_states import Records, put_records, records_of, undone
from still_aws import StillAws, Upload
from tenants import Tenant

ITEM = {
    "name": "item",
    "record_type": "item",
    "key": ["id"],
    "fields": [{"name": "id", "required": True}, {"name": "name"}, {"name": "amount", "type": "integer"}],
}
OUTCOME = {"new": "created", "changed": "updated", "unchanged": "unchanged", "there": "rejected"}
"""How a row is counted, by what is there of it before ("there" is for templates of mode insert)."""


@dataclass(frozen=True)
class Case:
    """A batch, and the fault that its first attempt meets.

    kinds: of each row, what is there before. error: what the first attempt answers. released: whether the batch may be
    claimed again at once after that, and not only when the claim's deadline has passed.
    """

    kinds: Sequence[str]
    fault: Fault | None = None
    error: str = ""
    released: bool = False

    def __str__(self) -> str:
        return f"{dict(Counter(self.kinds))} {self.fault}"

    def rows(self, number: int) -> list[dict[str, Any]]:
        """The rows of the file for this batch."""
        return [{"id": f"{number}-{i}", "name": f"name {i}", "amount": i} for i in range(len(self.kinds))]

    def before(self, number: int) -> list[dict[str, Any]]:
        """The records that are there before."""
        rows = zip(self.kinds, self.rows(number), strict=True)
        return [{**row, "name": row["name"] if kind == "unchanged" else "old"} for kind, row in rows if kind != "new"]

    def after(self, number: int) -> list[dict[str, Any]]:
        """The records that shall be there in the end."""
        old = {row["id"]: row for row in self.before(number)}
        rows = zip(self.kinds, self.rows(number), strict=True)
        return [old[row["id"]] if kind == "there" else row for kind, row in rows]


def load(still: StillAws, tenant: Tenant, cases: Sequence[Case]) -> list[list[Call]]:
    """Load one job with a batch per case, check everything, and return the AWS calls of each first attempt."""
    put_records(still, tenant.name, "item", [row for n, case in enumerate(cases) for row in case.before(n)])
    before = records_of(still, tenant.name)
    upload = still.dispatched(tenant, "item", [row for n, case in enumerate(cases) for row in case.rows(n)])
    tasks = still.tasks(upload)
    assert len(tasks) == len(cases)
    with ThreadPoolExecutor(4) as pool:
        calls = list(pool.map(lambda task, case: _attempts(still, task, case), tasks, cases))
    _check(still, upload, cases, before)
    return calls


def finish_request(upload: Upload) -> dict[str, Any]:
    """What the state machine sends to FinishRun."""
    return {"tenant": upload.tenant, "job_id": upload.job_id, "run": 1}


def counts_of(item: dict[str, Any]) -> Counter[str]:
    """The counts of a job or batch that are not 0, but for the sum of them."""
    return Counter({name: int(n["N"]) for name, n in item["counts"]["M"].items() if name != "rows" and n["N"] != "0"})


def _attempts(still: StillAws, task: dict[str, Any], case: Case) -> list[Call]:
    """Make the first attempt with its fault; after an error, the retry, once the batch may be claimed again."""
    first = still.invoke("LoadBatchFunction", task, case.fault)
    assert case.fault is None or first.watched.struck.is_set(), f"{case} never struck"
    assert first.error == case.error, f"{case}: {first.payload}"
    if first.error:
        if not case.released:
            still.pass_time_of_batch(task, 60)
        retry = still.invoke("LoadBatchFunction", task)
        assert retry.error == "", f"{case}: {retry.payload}"
    return first.watched.calls


def _check(still: StillAws, upload: Upload, cases: Sequence[Case], before: Records) -> None:
    """Every record once and right, every batch and the job counted right, and the journals would give all back."""
    after = records_of(still, upload.tenant)
    wanted = {f"{upload.tenant}#item#{row['id']}": row for n, case in enumerate(cases) for row in case.after(n)}
    assert {key: record["data"] for key, record in after.items()} == wanted
    for batch, case in zip(still.batches(upload), cases, strict=True):
        assert batch["status"]["S"] == "COMPLETED", str(case)
        assert counts_of(batch) == Counter(OUTCOME[kind] for kind in case.kinds), str(case)
    assert undone(still, upload, after) == before
    assert still.invoke("FinishRunFunction", finish_request(upload)).error == ""
    totals = Counter(OUTCOME[kind] for case in cases for kind in case.kinds)
    assert counts_of(still.job(upload)) == totals
    assert still.status(upload) == ("COMPLETED_WITH_ERRORS" if totals["rejected"] else "COMPLETED")
