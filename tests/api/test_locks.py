"""Locks, conflicts and slots through the API and the command line, of items as runs and the queue leave them."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from cli.main import run
from cli.outcome import Exit
from local.embedded_aws import EmbeddedAws
from longshore.domain.job import Job
from longshore.domain.locks import Lease, Lock, LockMode, Slots, lease_key, lock_key, slot_key
from longshore.domain.status import JobStatus
from longshore.storage.items import encode_fields
from longshore.storage.job_keys import JOB, index_keys, job_pk

NOW = datetime.now(UTC).replace(microsecond=0)
LATER, LONG_AGO = NOW + timedelta(minutes=15), NOW - timedelta(hours=1)


class Holder:
    """A tenant whose locks, slots and queue are put by hand."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws, self.name = aws, f"t-{uuid.uuid4().hex[:10]}"
        self.leases: dict[str, Lease] = {}

    def run(self, job_id: str, ends: datetime = LATER, writes: str = "", reads: tuple[str, ...] = ()) -> str:
        """Have a run hold a slot and locks."""
        key, tokens = lease_key(self.name, job_id, 1), {writes: 7} if writes else {}
        self.leases[key] = Lease(key, int(ends.timestamp() * 1000), tokens, shared=frozenset(reads))
        return key

    def put(self) -> None:
        """Write what the runs hold."""
        held: dict[str, Lock] = {}
        for key, lease in self.leases.items():
            self._put("LocksTable", lease, pk=key)
            for resource in lease.resources:
                mode = LockMode.SHARED if resource in lease.shared else LockMode.EXCLUSIVE
                sharers = held[resource].holders if resource in held else frozenset()
                held[resource] = Lock(lock_key(self.name, resource), mode, sharers | {key}, 7, 9)
        for lock in held.values():
            self._put("LocksTable", lock, pk=lock.key)
        slots = Slots(slot_key(self.name), dict.fromkeys(self.leases, 1), 3)
        self._put("LocksTable", slots, pk=slots.key)

    def queue(self, job_id: str, writes: tuple[str, ...], reads: tuple[str, ...] = (), priority: int = 5) -> None:
        """Have a job wait for its turn; Sweep does not look at it."""
        names = {"tenant": self.name, "job_id": job_id, "template": "t", "actor": "ada", "file_name": f"{job_id}.csv"}
        times = {"created_at": NOW, "updated_at": NOW, "queued_at": NOW}
        job = Job(status=JobStatus.QUEUED, record_types=writes, refers_to=reads, priority=priority, **names, **times)
        keys = {k: v for k, v in index_keys(job, 3600).items() if not k.startswith("watch")}
        self._put("JobsTable", job, pk=job_pk(self.name, job_id), sk=JOB, **keys)

    def get(self, path: str, role: str = "viewer") -> Any:
        headers = {"Authorization": f"Bearer {self.aws.token(role, self.name)}"}
        answer = requests.get(self.aws.api_url + path, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _put(self, table: str, value: object, **keys: str) -> None:
        item = encode_fields(value) | {name: {"S": text} for name, text in keys.items()}
        self.aws.client("dynamodb").put_item(TableName=self.aws.outputs[table], Item=item)


@pytest.fixture
def tenant(aws: EmbeddedAws) -> Iterator[Holder]:
    """A tenant whose queued jobs are gone at the end, so that nobody dispatches them."""
    made = Holder(aws)
    yield made
    client, table = aws.client("dynamodb"), aws.outputs["JobsTable"]
    for job_id in ("writer", "reader", "third", "fourth"):
        client.delete_item(TableName=table, Key={"pk": {"S": job_pk(made.name, job_id)}, "sk": {"S": JOB}})


@pytest.fixture
def busy(tenant: Holder) -> Holder:
    """Three runs, of which one is dead, and two jobs that wait for the living."""
    tenant.run("j1", writes="city", reads=("country",))
    tenant.run("j2", writes="street", reads=("country",))
    tenant.run("dead", LONG_AGO, writes="region")
    tenant.put()
    tenant.queue("writer", ("country",), priority=9)
    tenant.queue("reader", ("city",), ("country",))
    return tenant


def at(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def holder(job_id: str) -> dict[str, Any]:
    free_at = at(LATER + timedelta(seconds=30))
    return {"job_id": job_id, "run": 1, "live": True, "expires_at": at(LATER), "free_at": free_at}


def test_a_tenant_that_does_nothing_holds_nothing(tenant: Holder) -> None:
    assert tenant.get("/locks") == {"locks": []}
    assert tenant.get("/locks/conflicts") == {"queue": [], "more": False}
    (slot,) = tenant.get("/slots")["slots"]
    assert (slot["name"], slot["limit"], slot["used"], slot["utilisation"]) == ("imports", 3, 0, 0)


def test_locks_are_shown_with_their_living_holders(busy: Holder) -> None:
    assert busy.get("/locks") == {
        "locks": [
            {"resource": "city", "mode": "EXCLUSIVE", "token": 7, "holders": [holder("j1")]},
            {"resource": "country", "mode": "SHARED", "token": 7, "holders": [holder("j1"), holder("j2")]},
            {"resource": "street", "mode": "EXCLUSIVE", "token": 7, "holders": [holder("j2")]},
        ]
    }


def test_conflicts_say_who_waits_for_whom_and_until_when(busy: Holder) -> None:
    shown = busy.get("/locks/conflicts")
    assert [(job["job_id"], job["position"]) for job in shown["queue"]] == [("writer", 1), ("reader", 2)]
    writer, reader = shown["queue"]
    lock = {"what": "lock", "token": 7}
    country = lock | {"resource": "country", "holders": [holder("j1"), holder("j2")]}
    assert writer["waits_for"] == [country | {"mode": "EXCLUSIVE", "after": []}]
    assert reader["waits_for"] == [
        lock | {"resource": "city", "mode": "EXCLUSIVE", "holders": [holder("j1")], "after": []},
        country | {"mode": "SHARED", "after": ["writer"]},
    ]
    assert {job["try_again_at"] for job in shown["queue"]} == {at(LATER + timedelta(seconds=30))}


def test_slots_are_shown_with_their_use_and_the_queue(busy: Holder) -> None:
    (slot,) = busy.get("/slots")["slots"]
    assert (slot["limit"], slot["used"], slot["utilisation"]) == (3, 2, 0.67)
    assert slot["holders"] == [holder("j1"), holder("j2")]
    assert [(job["job_id"], job["position"]) for job in slot["queue"]] == [("writer", 1), ("reader", 2)]
    busy.run("j3")
    busy.put()
    (full,) = busy.get("/locks/conflicts?limit=1")["queue"]
    assert {"what": "slot", "holders": [holder("j1"), holder("j2"), holder("j3")]} in full["waits_for"]
    assert busy.get("/slots?limit=1")["slots"][0]["more"] is True


def test_a_run_whose_lease_has_just_expired_still_holds_and_says_so(tenant: Holder) -> None:
    ends = datetime.now(UTC) - timedelta(seconds=5)
    tenant.run("j1", ends, writes="city")
    tenant.put()
    ((lock,),) = tenant.get("/locks").values()
    assert [(held["job_id"], held["live"]) for held in lock["holders"]] == [("j1", False)]


def test_no_tenant_sees_what_another_holds(busy: Holder, aws: EmbeddedAws) -> None:
    stranger = Holder(aws)
    assert stranger.get("/locks") == {"locks": []}
    assert stranger.get(f"/locks?tenant={busy.name}") == {"locks": []}
    assert stranger.get("/locks/conflicts")["queue"] == []
    assert stranger.get("/slots")["slots"][0]["holders"] == []


def test_of_the_workers_that_all_tenants_share_only_ones_own_runs_are_shown(busy: Holder, aws: EmbeddedAws) -> None:
    """Its pool is held by another tenant's run; the caller learns that it waits, not for whom."""
    table, client = aws.outputs["LocksTable"], aws.client("dynamodb")
    other = Holder(aws)
    lease = other.run("secret")
    other.put()
    pool = {"pk": {"S": "#slot#workers"}}
    units = {"units": {"M": {lease: {"N": "2"}}}, "revision": {"N": "99"}}
    client.put_item(TableName=table, Item=pool | units)
    try:
        shown = busy.get("/locks/conflicts")
    finally:
        client.put_item(TableName=table, Item=pool | {"units": {"M": {}}, "revision": {"N": "100"}})
    assert "secret" not in json.dumps(shown)
    assert {"what": "workers", "holders": []} in shown["queue"][0]["waits_for"]


def test_a_limit_that_is_none_is_refused(tenant: Holder) -> None:
    headers = {"Authorization": f"Bearer {tenant.aws.token('viewer', tenant.name)}"}
    answer = requests.get(f"{tenant.aws.api_url}/locks/conflicts?limit=0", headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidRequest")


@pytest.fixture
def here(busy: Holder, monkeypatch: pytest.MonkeyPatch) -> Holder:
    """The command line as a viewer of that tenant."""
    monkeypatch.setenv("LONGSHORE_ENDPOINT", busy.aws.api_url)
    monkeypatch.setenv("LONGSHORE_TOKEN", busy.aws.token("viewer", busy.name))
    return busy


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("locks --json", "/locks"),
        ("locks conflicts --json", "/locks/conflicts"),
        ("locks --json conflicts", "/locks/conflicts"),
        ("slots --json", "/slots"),
    ],
)
def test_the_commands_print_the_api_s_documents(
    here: Holder, capsys: pytest.CaptureFixture[str], command: str, path: str
) -> None:
    assert run(command.split()) == Exit.COMPLETED
    shown = json.loads(capsys.readouterr().out)
    wanted = here.get(path)
    assert shown.keys() == wanted.keys()
    assert len(shown[next(iter(shown))]) == len(wanted[next(iter(wanted))])


def test_the_commands_tell_a_person(here: Holder, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["locks"]) == Exit.COMPLETED
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["RESOURCE", "MODE", "TOKEN", "JOB", "RUN", "EXPIRES"]
    assert [line.split()[:4] for line in lines[1:]] == [
        ["city", "EXCLUSIVE", "7", "j1"],
        ["country", "SHARED", "7", "j1"],
        ["country", "SHARED", "7", "j2"],
        ["street", "EXCLUSIVE", "7", "j2"],
    ]
    assert run(["locks", "conflicts"]) == Exit.COMPLETED
    out = capsys.readouterr().out
    assert "1. writer writer.csv\n   waits for the lock of country (EXCLUSIVE), held by j1 (until " in out
    assert "after writer" in out
    assert run(["slots", "--limit", "1"]) == Exit.COMPLETED
    said = capsys.readouterr()
    assert said.out.startswith("imports: 2 of 3 used (67%)\n")
    assert said.err == "there are more; see --limit\n"


def test_the_commands_say_so_where_there_is_nothing(
    tenant: Holder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LONGSHORE_ENDPOINT", tenant.aws.api_url)
    monkeypatch.setenv("LONGSHORE_TOKEN", tenant.aws.token("viewer", tenant.name))
    said = []
    for command in ("locks", "locks conflicts", "slots"):
        assert run(command.split()) == Exit.COMPLETED
        said.append(capsys.readouterr().out)
    assert said == ["no locks are held\n", "nobody waits\n", "imports: 0 of 3 used (0%)\n"]
