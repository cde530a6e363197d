"""The corrections of moto's Step Functions, through a real server and boto3; tasks call Python functions of the
test."""

import io
import json
import logging
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from local import moto_corrections
from local.lambda_answer import Answer, Throttled
from local.moto_corrections import lambdas

ROLE = "arn:aws:iam::123456789012:role/test"
END_STATUSES = ("SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT")


class Aws:
    """A server with one Lambda function, whose behaviour each test sets."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.handler = lambda event: event
        self.machines = 0
        self.sfn, self.s3, self.lam = self.client("stepfunctions"), self.client("s3"), self.client("lambda")
        lambdas.install(self.invoke)
        self.client("iam").create_role(RoleName="test", AssumeRolePolicyDocument="{}")
        self.s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "")
        self.lam.create_function(
            FunctionName="work", Runtime="python3.13", Role=ROLE, Handler="app.f", Code={"ZipFile": code.getvalue()}
        )

    def client(self, service):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.url, region_name="eu-west-1", **keys)

    def invoke(self, name, body, kind, context):
        try:
            return Answer(json.dumps(self.handler(json.loads(body))).encode())
        except Throttled:
            raise
        except Exception as problem:
            error = {"errorType": type(problem).__name__, "errorMessage": str(problem)}
            return Answer(json.dumps(error).encode(), "Unhandled")

    def machine(self, states, start=None):
        definition = {"StartAt": start or next(iter(states)), "States": states}
        self.machines += 1
        created = self.sfn.create_state_machine(
            name=f"machine{self.machines}", definition=json.dumps(definition), roleArn=ROLE
        )
        return created["stateMachineArn"]

    def start(self, states, given=None, **options):
        arn = self.machine(states)
        return self.sfn.start_execution(stateMachineArn=arn, input=json.dumps(given or {}), **options)["executionArn"]

    def wait(self, execution, seconds=50):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.sfn.describe_execution(executionArn=execution)
            if found["status"] in END_STATUSES:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{execution} still runs after {seconds} s")

    def run(self, states, given=None):
        return self.wait(self.start(states, given))

    def events(self, execution):
        pages = self.sfn.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event["type"] for page in pages for event in page["events"]]

    def manifest(self, key, items):
        self.s3.put_object(Bucket="data", Key=key, Body=json.dumps(items).encode())


@pytest.fixture(scope="module")
def aws():
    moto_corrections.apply(time_scale=0.01)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_PORT", str(port))
        yield Aws(port)
    server.stop()
    moto_corrections.apply()


def task(**more):
    parameters = {"FunctionName": "work", "Payload.$": "$"}
    invoke = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters}
    return {**invoke, "ResultPath": None, **({} if "Next" in more else {"End": True}), **more}


def children(states=None, mode="DISTRIBUTED"):
    config = {"Mode": mode, **({"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {})}
    states = states or {"Work": task()}
    return {"ProcessorConfig": config, "StartAt": next(iter(states)), "States": states}


def reader(key="manifest.json"):
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "data", "Key": key},
    }


def distributed(**more):
    return {"Type": "Map", "Label": "Batches", "ItemProcessor": children(), "MaxConcurrency": 8, "End": True, **more}


PASS_CHILD = {"Done": {"Type": "Pass", "Result": {}, "End": True}}


@pytest.mark.slow  # 3,000 children, each in threads of its own
def test_distributed_map_over_3000_items_of_a_manifest_runs_through(aws):
    aws.manifest("manifest.json", [{"n": n} for n in range(3000)])
    each = distributed(ItemReader=reader(), ItemProcessor=children(PASS_CHILD), MaxConcurrency=2)
    execution = aws.start({"Each": each})
    assert aws.wait(execution)["status"] == "SUCCEEDED"
    [run] = aws.sfn.list_map_runs(executionArn=execution)["mapRuns"]
    counts = aws.sfn.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
    assert (counts["total"], counts["succeeded"], counts["pending"], counts["running"]) == (3000, 3000, 0, 0)


@pytest.mark.slow  # 3,000 iterations, each in threads of its own
def test_inline_map_over_3000_items_runs_through_in_order(aws):
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": children(mode="INLINE"), "End": True}
    each["ItemProcessor"]["States"] = {"Same": {"Type": "Pass", "End": True}}
    each["ItemProcessor"]["StartAt"] = "Same"
    done = aws.run({"Each": {**each, "MaxConcurrency": 2}}, {"items": list(range(3000))})
    assert json.loads(done["output"]) == list(range(3000))


def fail_some(failing):
    def handler(event):
        if event["n"] in failing:
            raise ValueError(f"item {event['n']}")
        return {}

    return handler


@pytest.mark.parametrize(
    ("tolerance", "failing", "status"),
    [
        ({}, set(), "SUCCEEDED"),
        ({}, {3}, "FAILED"),
        ({"ToleratedFailureCount": 2}, {3, 5}, "SUCCEEDED"),
        ({"ToleratedFailureCount": 2}, {3, 5, 7}, "FAILED"),
        ({"ToleratedFailurePercentage": 20}, {3, 5}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 20}, {3, 5, 7}, "FAILED"),
        ({"ToleratedFailurePercentage": 12.5}, {3, 5}, "FAILED"),
        ({"ToleratedFailurePercentage": 100}, set(range(10)), "SUCCEEDED"),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 90}, {3, 5}, "FAILED"),
    ],
)
def test_distributed_map_honours_its_tolerance(aws, tolerance, failing, status):
    aws.handler = fail_some(failing)
    aws.manifest("ten.json", [{"n": n} for n in range(10)])
    execution = aws.start({"Each": distributed(ItemReader=reader("ten.json"), **tolerance)})
    done = aws.wait(execution)
    assert done["status"] == status
    if status == "FAILED":
        assert done["error"] == "States.ExceedToleratedFailureThreshold"
        assert "MapRunFailed" in aws.events(execution)


def test_exceeded_tolerance_is_caught_by_its_name_and_by_states_all(aws):
    aws.handler = fail_some({0})
    for name in ("States.ExceedToleratedFailureThreshold", "States.ALL"):
        catch = [{"ErrorEquals": [name], "ResultPath": "$.error", "Next": "Finish"}]
        each = distributed(ItemsPath="$.items", Catch=catch)
        done = aws.run({"Each": each, "Finish": {"Type": "Pass", "End": True}}, {"items": [{"n": 0}]})
        assert json.loads(done["output"])["error"]["Error"] == "States.ExceedToleratedFailureThreshold"


def test_catch_inside_the_item_processor_keeps_the_map_going(aws):
    aws.handler = fail_some({1})
    inside = {
        "Work": task(Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Mark"}]),
        "Mark": {"Type": "Pass", "Result": {"marked": True}, "End": True},
    }
    done = aws.run({"Each": distributed(ItemsPath="$", ItemProcessor=children(inside))}, [{"n": n} for n in range(3)])
    assert json.loads(done["output"]) == [{"n": 0}, {"marked": True}, {"n": 2}]


def test_levels_in_order_around_a_distributed_map_with_its_concurrency_from_the_input(aws):
    seen, busy, peak, lock = [], [], [], threading.Lock()

    def handler(event):
        with lock:
            seen.append(event["level"])
            busy.append(1)
            peak.append(len(busy))
        time.sleep(0.01)
        with lock:
            busy.pop()
        return {}

    aws.handler = handler
    for level in range(3):
        aws.manifest(f"level-{level}.json", [{"level": level} for _ in range(12)])
    inner = distributed(ResultPath=None, MaxConcurrencyPath="$.concurrency", ToleratedFailurePercentage=100)
    del inner["MaxConcurrency"]
    inner["ItemReader"] = {
        **reader(),
        "Parameters": {"Bucket": "data", "Key.$": "States.Format('level-{}.json', $.level)"},
    }
    levels = {
        "Type": "Map",
        "ItemsPath": "$.levels",
        "ItemSelector": {"level.$": "$$.Map.Item.Value", "concurrency.$": "$.concurrency"},
        "MaxConcurrency": 1,
        "ItemProcessor": children({"Batches": inner}, mode="INLINE"),
        "ResultPath": None,
        "End": True,
    }
    done = aws.run({"Levels": levels}, {"levels": [0, 1, 2], "concurrency": 3})
    assert done["status"] == "SUCCEEDED", done
    assert seen == [0] * 12 + [1] * 12 + [2] * 12
    assert max(peak) == 3


def test_retry_with_full_jitter_covers_throttling_and_named_errors(aws):
    class ClaimHeld(Exception):
        pass

    left = [Throttled(), Throttled(), ClaimHeld("held")]

    def handler(event):
        if left:
            raise left.pop(0)
        return {}

    aws.handler = handler
    policy = {"IntervalSeconds": 10, "BackoffRate": 2, "MaxDelaySeconds": 30, "JitterStrategy": "FULL"}
    retry = [
        {"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 5, **policy},
        {"ErrorEquals": ["ClaimHeld"], "MaxAttempts": 1, **policy},
    ]
    assert aws.run({"Work": task(Retry=retry)})["status"] == "SUCCEEDED"
    assert left == []


def test_time_scale_shortens_waits_and_refuses_negative_values(aws):
    started = time.monotonic()
    done = aws.run({"Wait": {"Type": "Wait", "Seconds": 300, "End": True}})
    assert done["status"] == "SUCCEEDED"
    assert time.monotonic() - started < 100
    with pytest.raises(ValueError, match="must not be negative"):
        moto_corrections.apply(time_scale=-1)


@pytest.fixture
def gate(aws):
    """A handler that reports that it was called, and waits until the test is over."""
    entered, leave = threading.Event(), threading.Event()

    def handler(event):
        entered.set()
        leave.wait(30)
        return {}

    aws.handler = handler
    yield entered
    leave.set()


@pytest.mark.parametrize("mode", ["task", "inline map", "distributed map"])
def test_a_stopped_execution_is_aborted_at_once_and_stays_it(aws, gate, mode):
    states = {
        "task": {"Work": task(Next="After"), "After": task()},
        "inline map": {"Each": {"Type": "Map", "ItemProcessor": children(mode="INLINE"), "End": True}},
        "distributed map": {"Each": distributed(MaxConcurrency=1)},
    }[mode]
    execution = aws.start(states, [{}, {}])
    assert gate.wait(20)
    aws.sfn.stop_execution(executionArn=execution, error="Cancelled", cause="asked for")
    found = aws.sfn.describe_execution(executionArn=execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Cancelled", "asked for")
    assert "stopDate" in found


def test_a_stop_lets_no_other_child_begin(aws):
    begun, release = [], threading.Event()

    def handler(event):
        begun.append(event["n"])
        release.wait(20)
        return {}

    aws.handler = handler
    execution = aws.start({"Each": distributed(MaxConcurrency=1)}, [{"n": n} for n in range(5)])
    while not begun:
        time.sleep(0.01)
    aws.sfn.stop_execution(executionArn=execution)
    release.set()
    while "ExecutionAborted" not in aws.events(execution):
        time.sleep(0.01)
    [run] = aws.sfn.list_map_runs(executionArn=execution)["mapRuns"]
    described = aws.sfn.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (begun, described["status"], described["itemCounts"]["aborted"]) == ([0], "ABORTED", 5)
    assert aws.sfn.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_start_is_idempotent_by_name_and_input_while_running(aws, gate):
    arn = aws.machine({"Work": task()})

    def start(given):
        return aws.sfn.start_execution(stateMachineArn=arn, name="job-1", input=json.dumps(given))["executionArn"]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, [{"run": 1}] * 8))) == 1
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start({"run": 2})
    assert len(aws.sfn.list_executions(stateMachineArn=arn)["executions"]) == 1


def test_a_finished_execution_keeps_its_name(aws):
    arn = aws.machine({"Done": {"Type": "Pass", "End": True}})
    aws.wait(aws.sfn.start_execution(stateMachineArn=arn, name="job-1")["executionArn"])
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        aws.sfn.start_execution(stateMachineArn=arn, name="job-1")


def test_unnamed_executions_have_names_of_their_own_and_bad_names_are_refused(aws):
    arn = aws.machine({"Done": {"Type": "Pass", "End": True}})
    names = {aws.sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(3)}
    assert len(names) == 3
    assert not any(name.endswith(":None") for name in names)
    for name in ("a b", "a/b", "x" * 81):
        with pytest.raises(ClientError, match="InvalidName"):
            aws.sfn.start_execution(stateMachineArn=arn, name=name)


def test_start_time_of_the_context_object_is_a_time_as_text(aws):
    shown = {"Type": "Pass", "Parameters": {"at.$": "$$.Execution.StartTime"}, "End": True}
    assert json.loads(aws.run({"Show": shown})["output"])["at"].endswith("Z")


def test_a_text_as_output_is_json(aws):
    assert json.loads(aws.run({"Say": {"Type": "Pass", "Result": "text", "End": True}})["output"]) == "text"


@pytest.mark.parametrize(
    ("states", "named"),
    [
        ({"Do": {"Type": "Pass", "QueryLanguage": "JSONata", "End": True}}, "JSONata"),
        ({"Do": {"Type": "Pass", "Assign": {"x": 1}, "End": True}}, "Assign"),
        ({"Do": distributed(ItemBatcher={"MaxItemsPerBatch": 2})}, "ItemBatcher"),
        ({"Do": distributed(ItemReader={**reader(), "ReaderConfig": {"InputType": "JSONL"}})}, "JSONL"),
        (
            {
                "Do": distributed(
                    ItemProcessor={
                        **children(PASS_CHILD),
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                    }
                )
            },
            "EXPRESS",
        ),
        (
            {"Do": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}},
            "a nested execution",
        ),
    ],
)
def test_what_would_run_wrongly_is_refused_when_it_is_created(aws, states, named):
    with pytest.raises(ClientError, match=rf"InvalidDefinition.*{named}.* at \$\.States\.Do.* is not part of"):
        aws.machine(states)


def test_result_writer_writes_a_manifest_and_one_file_per_outcome(aws):
    aws.handler = fail_some({1})
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "data", "Prefix": "results"}}
    each = distributed(ToleratedFailurePercentage=100, ResultWriter=writer)
    place = json.loads(aws.run({"Each": each}, [{"n": n} for n in range(3)])["output"])["ResultWriterDetails"]
    files = json.loads(aws.s3.get_object(**place)["Body"].read())["ResultFiles"]
    contents = {
        status: [json.loads(aws.s3.get_object(Bucket="data", Key=f["Key"])["Body"].read()) for f in listed]
        for status, listed in files.items()
    }
    assert [entry["Input"] for entry in contents["SUCCEEDED"][0]] == ['{"n": 0}', '{"n": 2}']
    assert [entry["Input"] for entry in contents["FAILED"][0]] == ['{"n": 1}']
    assert contents["PENDING"] == []


def test_a_failed_state_dumps_no_syntax_tree_into_the_log(aws, caplog):
    aws.handler = fail_some({1})
    with caplog.at_level(logging.INFO):
        assert aws.run({"Work": task()}, {"n": 1})["error"] == "ValueError"
    assert not [record for record in caplog.records if record.name.endswith("eval_component")]


def test_tasks_share_one_client_per_service(aws, monkeypatch):
    made = []
    build = boto3.client
    monkeypatch.setattr(boto3, "client", lambda *args, **options: made.append(args) or build(*args, **options))
    aws.handler = lambda event: {}
    items = [{"n": n} for n in range(20)]
    assert aws.run({"Each": distributed()}, items)["status"] == "SUCCEEDED"
    assert len(made) <= 1
