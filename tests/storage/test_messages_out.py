"""Executions, messages and validations: at most once by name, told or logged, asked for again."""

import json
import logging

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto.events.models import Rule

from local.moto_corrections import events
from longshore.domain.job import Source
from longshore.errors import UnexpectedFailure
from longshore.messages import JobQueued, Level, ObjectCreated, RunEnded, RunInput
from longshore.observability import logger
from longshore.storage import clients
from longshore.storage.bus import EventBus
from longshore.storage.executions import RunExecutions
from longshore.storage.validations import LambdaValidations
from tests.storage.faults import altering_replies, failing
from tests.storage.jobs_made import a_job

WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
RUN = RunInput(tenant="acme", job_id="j1", run=1, workers=2, levels=[Level(bucket="b", key="k")])


@pytest.fixture
def executions(aws, tenant) -> RunExecutions:
    role = "arn:aws:iam::123456789012:role/none"
    machine = boto3.client("stepfunctions").create_state_machine(
        name=f"run_import-{tenant}", definition=json.dumps(WAIT), roleArn=role
    )
    return RunExecutions(clients.stepfunctions(), machine["stateMachineArn"])


def test_a_run_starts_once_by_its_name(executions):
    executions.start("j1-1", RUN)
    executions.start("j1-1", RUN)
    assert executions.status("j1-1") == "RUNNING"
    executions.stop("j1-1", "stalled")
    assert executions.status("j1-1") == "ABORTED"
    executions.stop("j1-1", "stalled")


def test_a_run_that_never_started_has_no_status_and_can_be_stopped(executions):
    assert executions.status("j9-1") == ""
    executions.stop("j9-1", "stalled")


def test_a_state_machine_that_is_not_there_is_a_failure(aws):
    arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:nowhere"
    with pytest.raises(UnexpectedFailure, match="start execution j1-1"):
        RunExecutions(clients.stepfunctions(), arn).start("j1-1", RUN)


@pytest.fixture
def told(aws, tenant, monkeypatch):
    """Return a bus and what a rule on it has handed to its target."""
    client = boto3.client("events")
    client.create_event_bus(Name=tenant)
    client.put_rule(Name=tenant, EventBusName=tenant, EventPattern=json.dumps({"source": ["longshore"]}))
    client.put_targets(
        Rule=tenant, EventBusName=tenant, Targets=[{"Id": "1", "Arn": "arn:aws:sqs:eu-west-1:123456789012:q"}]
    )
    # moto's hook belongs to the process: it is put back, for an embedded AWS may run beside this test.
    monkeypatch.setattr(Rule, "send_to_targets", Rule.send_to_targets)
    delivered: list[dict] = []
    events.install(lambda target, event: delivered.append(event))
    return EventBus(clients.events(), tenant), delivered


@pytest.fixture
def logged():
    """Return message, job id and reason of each line that is logged."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append((record.getMessage(), record.job_id, record.reason))
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def test_a_message_says_what_happened(told):
    bus, messages = told
    bus.publish(JobQueued(tenant="acme", job_id="j1"))
    bus.publish(RunEnded(tenant="acme", job_id="j1", run=2, status="COMPLETED"))
    assert [(m["source"], m["detail-type"], m["detail"]) for m in messages] == [
        ("longshore", "JobQueued", {"tenant": "acme", "job_id": "j1"}),
        ("longshore", "RunEnded", {"tenant": "acme", "job_id": "j1", "run": 2, "status": "COMPLETED"}),
    ]


def test_a_message_that_is_not_taken_is_logged(told, logged):
    bus, _ = told

    def refuse(answer: dict) -> None:
        answer["FailedEntryCount"] = 1
        answer["Entries"] = [{"ErrorCode": "ThrottlingException", "ErrorMessage": "not now"}]

    with altering_replies(clients.events(), "PutEvents", refuse):
        bus.publish(JobQueued(tenant="acme", job_id="j1"))
    assert logged == [("message JobQueued was lost", "j1", "ThrottlingException: not now")]


def test_a_bus_that_does_not_answer_is_logged(told, logged):
    bus, messages = told
    timeout = ReadTimeoutError(endpoint_url="http://x")
    with failing(clients.events(), "PutEvents", timeout):
        bus.publish(JobQueued(tenant="acme", job_id="j1"))
    ((message, job_id, reason),) = logged
    assert (message, job_id) == ("message JobQueued was lost", "j1")
    assert "Read timeout" in reason
    assert messages == []


@pytest.fixture
def sent(aws):
    """Return the invocations that Lambda was asked for."""
    asked = []

    def answered(**request):
        asked.append(request["params"])
        return type("Answer", (), {"status_code": 202})(), {"StatusCode": 202}

    client = clients.lambda_()
    client.meta.events.register("before-call.lambda.Invoke", answered)
    yield asked
    client.meta.events.unregister("before-call.lambda.Invoke", answered)


def test_a_lost_arrival_is_told_with_the_event_that_s3_would_send(sent, clock):
    source = Source("uploads", "acme/country/ä.csv", "v1", 12)
    LambdaValidations(clients.lambda_(), "validate", clock).arrived(source)
    event = ObjectCreated.model_validate_json(sent[0]["body"])
    assert (event.detail.bucket.name, event.detail.object.key) == ("uploads", "acme/country/ä.csv")
    assert (event.detail.object.version_id, event.detail.object.size) == ("v1", 12)
    assert sent[0]["headers"]["X-Amz-Invocation-Type"] == "Event"


def test_a_job_is_asked_for_by_its_name(sent, clock):
    job = a_job("acme")
    LambdaValidations(clients.lambda_(), "validate", clock).again(job)
    assert json.loads(sent[0]["body"]) == {"tenant": "acme", "job_id": job.job_id}
    assert sent[0]["headers"]["X-Amz-Invocation-Type"] == "Event"
