"""Executions: names, stops, waits and retries, what is described and logged, and what is refused."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.backend.execution import Execution

from local.lambda_answer import Throttled
from local.moto_corrections import stepfunctions

DONE = {"Done": {"Type": "Pass", "End": True}}


@pytest.fixture
def gate(machines):
    """Set once a task was called; the tasks wait until the test is over."""
    entered, leave = threading.Event(), threading.Event()

    def handler(event):
        entered.set()
        leave.wait(30)
        return {}

    machines.handler = handler
    yield entered
    leave.set()


@pytest.mark.parametrize("mode", ["task", "inline map", "distributed map"])
def test_a_stopped_execution_is_aborted_at_once(machines, gate, mode):
    states = {
        "task": {"Work": machines.task(Next="After"), "After": machines.task()},
        "inline map": {"Each": {"Type": "Map", "ItemProcessor": machines.children(mode="INLINE"), "End": True}},
        "distributed map": {"Each": machines.distributed(MaxConcurrency=1)},
    }[mode]
    execution = machines.start(states, [{}, {}])
    assert gate.wait(20)
    machines.sfn.stop_execution(executionArn=execution, error="Cancelled", cause="asked for")
    found = machines.sfn.describe_execution(executionArn=execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Cancelled", "asked for")
    assert "stopDate" in found


def test_an_execution_can_be_stopped_as_soon_as_it_is_started(machines, gate):
    for _ in range(5):
        execution = machines.start({"Work": machines.task()})
        machines.sfn.stop_execution(executionArn=execution)
        assert machines.sfn.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_an_execution_is_running_as_soon_as_it_is_listed(machines, monkeypatch):
    arn, listed = machines.create(DONE), []
    moto_start = Execution.start

    def start(execution):
        listed.extend(machines.sfn.list_executions(stateMachineArn=arn)["executions"])
        moto_start(execution)

    monkeypatch.setattr(Execution, "start", start)
    machines.wait(machines.sfn.start_execution(stateMachineArn=arn)["executionArn"])
    assert [execution["status"] for execution in listed] == ["RUNNING"]


def test_stopping_a_finished_execution_changes_nothing(machines):
    execution = machines.start(DONE)
    assert machines.wait(execution)["status"] == "SUCCEEDED"
    machines.sfn.stop_execution(executionArn=execution)
    assert machines.sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"


def test_a_start_is_idempotent_by_name_and_input_while_running(machines, gate):
    arn = machines.create({"Work": machines.task()})

    def start(given):
        return machines.sfn.start_execution(stateMachineArn=arn, name="job-1", input=json.dumps(given))["executionArn"]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, [{"run": 1}] * 8))) == 1
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start({"run": 2})
    assert len(machines.sfn.list_executions(stateMachineArn=arn)["executions"]) == 1


def test_a_finished_execution_keeps_its_name(machines):
    arn = machines.create(DONE)
    machines.wait(machines.sfn.start_execution(stateMachineArn=arn, name="job-1")["executionArn"])
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machines.sfn.start_execution(stateMachineArn=arn, name="job-1")


def test_unnamed_executions_have_names_of_their_own_and_bad_names_are_refused(machines):
    arn = machines.create(DONE)
    names = {machines.sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(3)}
    assert len(names) == 3
    assert not any(name.endswith(":None") for name in names)
    for name in ("a b", "a/b", "x" * 81):
        with pytest.raises(ClientError, match="InvalidName"):
            machines.sfn.start_execution(stateMachineArn=arn, name=name)


def test_a_retry_with_full_jitter_covers_throttling_and_named_errors(machines):
    class ClaimHeld(Exception):
        pass

    left = [Throttled(), Throttled(), ClaimHeld("held")]

    def handler(event):
        if left:
            raise left.pop(0)
        return {}

    machines.handler = handler
    policy = {"IntervalSeconds": 10, "BackoffRate": 2, "MaxDelaySeconds": 30, "JitterStrategy": "FULL"}
    retry = [
        {"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 5, **policy},
        {"ErrorEquals": ["ClaimHeld"], "MaxAttempts": 1, **policy},
    ]
    assert machines.run({"Work": machines.task(Retry=retry)})["status"] == "SUCCEEDED"
    assert left == []


def test_a_time_scale_shortens_waits_and_retries(machines):
    machines.fail_items(1)
    wait = {"Type": "Wait", "Seconds": 100, "Next": "Work"}
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "MaxAttempts": 1}]
    # Unscaled, the execution would outlive the 50 seconds that run() waits for its end.
    done = machines.run({"Wait": wait, "Work": machines.task(Retry=retry)}, {"n": 1})
    assert (done["status"], done["error"]) == ("FAILED", "ValueError")


def test_a_negative_time_scale_is_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        stepfunctions.set_time_scale("us-east-2", -1)


def test_a_stop_ends_a_wait(machines):
    execution = machines.start({"Wait": {"Type": "Wait", "Seconds": 1_000_000, "Next": "Done"}, **DONE})
    machines.until(lambda: "WaitStateEntered" in machines.events(execution))
    machines.sfn.stop_execution(executionArn=execution)
    machines.until(lambda: "ExecutionAborted" in machines.events(execution))


def test_the_start_time_of_the_context_object_is_a_time_as_text(machines):
    shown = {"Type": "Pass", "Parameters": {"at.$": "$$.Execution.StartTime"}, "End": True}
    assert json.loads(machines.run({"Show": shown})["output"])["at"].endswith("Z")


def test_a_text_as_output_is_json(machines):
    assert json.loads(machines.run({"Say": {"Type": "Pass", "Result": "text", "End": True}})["output"]) == "text"


def test_a_failed_state_dumps_no_syntax_tree_into_the_log(machines, caplog):
    machines.fail_items(1)
    with caplog.at_level(logging.INFO):
        assert machines.run({"Work": machines.task()}, {"n": 1})["error"] == "ValueError"
    assert not [record for record in caplog.records if record.name.endswith("eval_component")]


def unsupported(machines):
    jsonl = {**machines.reader("rows.jsonl"), "ReaderConfig": {"InputType": "JSONL"}}
    express = {**machines.children(), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    return {
        "QueryLanguage JSONata": {"Type": "Pass", "QueryLanguage": "JSONata", "End": True},
        "Assign": {"Type": "Pass", "Assign": {"x": 1}, "End": True},
        "ItemBatcher": machines.distributed(ItemBatcher={"MaxItemsPerBatch": 2}),
        "InputType JSONL": machines.distributed(ItemReader=jsonl),
        "ExecutionType EXPRESS": machines.distributed(ItemProcessor=express),
        "a nested execution": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "End": True,
        },
    }


@pytest.mark.parametrize(
    "feature",
    [
        "QueryLanguage JSONata",
        "Assign",
        "ItemBatcher",
        "InputType JSONL",
        "ExecutionType EXPRESS",
        "a nested execution",
    ],
)
def test_what_would_run_wrongly_is_refused_when_it_is_created(machines, feature):
    with pytest.raises(ClientError, match=rf"InvalidDefinition.*{feature}.* at \$\.States\.Do.* is not part of"):
        machines.create({"Do": unsupported(machines)[feature]})


def test_a_definition_that_is_no_json_is_refused(machines):
    with pytest.raises(ClientError, match="InvalidDefinition"):
        machines.sfn.create_state_machine(name="broken", definition="{", roleArn=machines.function.role)
