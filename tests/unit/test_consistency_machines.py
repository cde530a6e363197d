"""The state machines keep their contract with the code: errors by name, retries, and the keys of items they write."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longshore import errors
from longshore.messages import BatchTask, DispatchRequest, TurnWait
from longshore.storage.job_keys import batch_sk, job_pk

ROOT = Path(__file__).parents[2]
MACHINES = sorted((ROOT / "statemachines").glob("*.asl.json"))

# Amazon States Language, "Error names"; those that a Retry or Catch may name.
STATES_ERROR = re.compile(
    r"States\.(ALL|BranchFailed|DataLimitExceeded|ExceedToleratedFailureThreshold|HeartbeatTimeout|Http\.Socket|"
    r"IntrinsicFailure|ItemReaderFailed|NoChoiceMatched|ParameterPathFailure|Permissions|QueryEvaluationError|"
    r"ResultPathMatchFailure|ResultWriterFailed|Runtime|TaskFailed|Timeout)"
)
AWS_ERROR = re.compile(r"(Lambda|Sandbox|Runtime|DynamoDB|S3)\.[A-Z]\w+")
LIBRARY_ERRORS = {name: e for name, e in vars(errors).items() if isinstance(e, type) and issubclass(e, Exception)}


def definition(machine: Path) -> dict[str, Any]:
    """Return a definition; a quoted placeholder stays text, a bare one becomes 1."""
    text = re.sub(r'(?<!")\$\{\w+\}(?!")', "1", machine.read_text())
    return json.loads(text)


def states(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every state of a definition, those of Maps and Parallels too."""
    for name, state in node.get("States", {}).items():
        yield name, state
        yield from states(state.get("ItemProcessor", {}))
        for branch in state.get("Branches", []):
            yield from states(branch)


def all_states(kind: str) -> list[Any]:
    return [
        pytest.param(state, id=f"{machine.name}:{name}")
        for machine in MACHINES
        for name, state in states(definition(machine))
        if state["Type"] == kind
    ]


def names_in(state: dict[str, Any], *where: str) -> set[str]:
    return {name for key in where for entry in state.get(key, []) for name in entry["ErrorEquals"]}


def kinds_of(base: type[Exception]) -> set[str]:
    return {name for name, error in LIBRARY_ERRORS.items() if issubclass(error, base)}


TASKS = all_states("Task")
LAMBDA_TASKS = [p for p in TASKS if p.values[0]["Resource"] == "arn:aws:states:::lambda:invoke"]
DISTRIBUTED = [p for p in all_states("Map") if p.values[0]["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"]


@pytest.mark.parametrize("state", [*TASKS, *all_states("Map")])
def test_every_error_that_is_named_exists(state: dict[str, Any]) -> None:
    foreign = names_in(state, "Retry", "Catch") - set(LIBRARY_ERRORS)
    assert {name for name in foreign if not (STATES_ERROR.fullmatch(name) or AWS_ERROR.fullmatch(name))} == set()


@pytest.mark.parametrize("state", LAMBDA_TASKS)
def test_every_retryable_error_is_retried(state: dict[str, Any]) -> None:
    assert kinds_of(errors.Retryable) - {"Retryable"} <= names_in(state, "Retry")


@pytest.mark.parametrize("state", LAMBDA_TASKS)
def test_no_permanent_error_is_retried(state: dict[str, Any]) -> None:
    everything = {"LongshoreError", "States.ALL", "States.TaskFailed"}
    assert names_in(state, "Retry").isdisjoint(kinds_of(errors.Permanent) | everything)


@pytest.mark.parametrize("state", LAMBDA_TASKS)
def test_a_function_without_a_free_worker_is_called_again(state: dict[str, Any]) -> None:
    assert "Lambda.TooManyRequestsException" in names_in(state, "Retry")


@pytest.mark.parametrize("state", TASKS)
def test_every_retry_has_full_jitter_and_an_end(state: dict[str, Any]) -> None:
    assert state["Retry"]
    assert [r for r in state["Retry"] if r["JitterStrategy"] != "FULL" or "MaxDelaySeconds" not in r] == []


@pytest.mark.parametrize("state", DISTRIBUTED)
def test_a_distributed_map_says_its_limits_and_is_never_retried(state: dict[str, Any]) -> None:
    assert "Retry" not in state, "it would start every child again"
    assert {"MaxConcurrency", "MaxConcurrencyPath"} & set(state)
    assert "ToleratedFailurePercentage" in state


def test_a_run_ends_in_finish_run_for_success_and_catch_alike() -> None:
    top = definition(ROOT / "statemachines/run_import.asl.json")["States"]
    to_finish = [name for name, s in top.items() if s.get("Next") == "FinishRun"]
    caught = [name for name, s in top.items() if any(c["Next"] == "FinishRun" for c in s.get("Catch", []))]
    assert to_finish
    assert caught == to_finish
    assert all(top[name]["Catch"][-1]["ErrorEquals"] == ["States.ALL"] for name in caught)


def evaluated(expression: str, payload: dict[str, Any]) -> str:
    """Evaluate States.Format over plain paths, which is all that keys are made of, and a plain path."""
    call = re.fullmatch(r"States\.Format\('([^']*)'((?:, \$\.\w+)*)\)", expression)
    text, paths = (call[1], re.findall(r"\$\.(\w+)", call[2])) if call else ("{}", [expression.removeprefix("$.")])
    for path in paths:
        text = text.replace("{}", str(payload[path]), 1)
    return text


def test_the_batch_that_is_marked_failed_is_the_one_that_storage_keeps() -> None:
    document = json.loads((ROOT / "events/load_batch.open-batch.json").read_text())
    task = BatchTask.model_validate(document)
    found = dict(states(definition(ROOT / "statemachines/run_import.asl.json")))["MarkBatchFailed"]
    key = {name: evaluated(value["S.$"], document) for name, value in found["Parameters"]["Key"].items()}
    assert key == {"pk": job_pk(task.tenant, task.job_id), "sk": batch_sk(task.attempt, task.part, task.batch)}


def test_a_wait_for_a_turn_takes_what_dispatch_jobs_starts_it_with_and_asks_it_again() -> None:
    states_of = definition(ROOT / "statemachines/await_turn.asl.json")["States"]
    given = TurnWait(tenant="acme", seconds=7).model_dump()
    assert evaluated(states_of["Wait"]["SecondsPath"], given) == "7"
    detail = states_of["DispatchJobs"]["Parameters"]["Payload"]["detail"]
    asked = DispatchRequest.model_validate({"detail": {"tenant": evaluated(detail["tenant.$"], given)}})
    assert asked.detail.tenant == "acme"
