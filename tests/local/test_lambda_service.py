"""The local Lambda service: each test runs real processes with the real runtime client."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from local.function_configuration import FunctionConfiguration
from local.lambda_answer import Throttled
from local.lambda_service import LambdaService

Function = Callable[..., FunctionConfiguration]
Service = Callable[..., LambdaService]

WAITS_FOR_A_FILE = """
    import os, pathlib, time
    def handler(event, context):
        pathlib.Path(event["mine"]).touch()
        while not pathlib.Path(event["go"]).exists():
            time.sleep(0.01)
        return os.getpid()
"""


def call(service: LambdaService, function: FunctionConfiguration, event: object = None) -> object:
    answer = service.invoke(function.name, json.dumps(event).encode())
    assert answer.function_error is None, answer.payload
    return json.loads(answer.payload)


def error_of(service: LambdaService, function: FunctionConfiguration, event: object = None) -> dict[str, str]:
    answer = service.invoke(function.name, json.dumps(event).encode())
    assert answer.function_error == "Unhandled"
    return json.loads(answer.payload)


@pytest.fixture
def run(lambda_service: Service, function: Function) -> Callable[..., tuple[LambdaService, FunctionConfiguration]]:
    def start(source: str, **configuration: object) -> tuple[LambdaService, FunctionConfiguration]:
        service, made = lambda_service(), function(source, **configuration)
        service.register(made)
        return service, made

    return start


def test_a_process_serves_one_event_after_the_other(run: Callable) -> None:
    service, counter = run("""
        import os
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            return {"calls": calls, "event": event, "pid": os.getpid()}
    """)
    first, second = call(service, counter, {"a": "ä"}), call(service, counter, None)
    assert (first["calls"], first["event"]) == (1, {"a": "ä"})
    assert (second["calls"], second["event"], second["pid"]) == (2, None, first["pid"])


def test_an_exception_keeps_its_type_and_the_process(run: Callable) -> None:
    service, failing = run("""
        import os
        class ClaimHeld(Exception): ...
        def handler(event, context):
            if event: raise ClaimHeld("until 5")
            return os.getpid()
    """)
    pid = call(service, failing)
    error = error_of(service, failing, {"fail": True})
    assert (error["errorType"], error["errorMessage"]) == ("ClaimHeld", "until 5")
    assert call(service, failing) == pid


def test_a_function_that_takes_too_long_is_killed(run: Callable) -> None:
    service, slow = run(
        """
        import os, time
        def handler(event, context):
            if event: time.sleep(60)
            return os.getpid()
        """,
        timeout=1.0,
    )
    pid = call(service, slow)
    error = error_of(service, slow, {"hang": True})
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].startswith("RequestId: ")
    assert error["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")
    assert not alive(pid)
    assert call(service, slow) != pid


def test_a_cold_start_is_not_charged_to_the_deadline(run: Callable) -> None:
    service, late = run(
        """
        import time
        time.sleep(1.5)
        def handler(event, context):
            return context.get_remaining_time_in_millis()
        """,
        timeout=1.0,
    )
    assert 0 < call(service, late) <= 1000


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("os._exit(3)", "exit status 3"),
        ("os.kill(os.getpid(), 9)", "signal: 9"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
    ],
)
def test_a_crash_is_reported_as_lambda_reports_it(run: Callable, ending: str, reason: str) -> None:
    service, crashing = run(f"""
        import os
        def handler(event, context):
            {ending}
    """)
    error = error_of(service, crashing)
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith(reason)


@pytest.mark.parametrize(
    ("source", "error_type"),
    [
        ("import nothing_of_this_name", "Runtime.ImportModuleError"),
        ("def other(event, context): ...", "Runtime.HandlerNotFound"),
        ("def handler(event, context:", "Runtime.UserCodeSyntaxError"),
    ],
)
def test_code_that_cannot_start_is_reported_as_lambda_reports_it(run: Callable, source: str, error_type: str) -> None:
    service, broken = run(source)
    assert error_of(service, broken)["errorType"] == error_type


def test_an_answer_larger_than_lambda_allows_is_an_error(run: Callable) -> None:
    service, verbose = run("def handler(event, context): return 'x' * (6 * 1024 * 1024 + 200)")
    assert error_of(service, verbose)["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_function_sees_the_environment_that_lambda_gives_and_its_layers(
    run: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_LAPTOP", "1")
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / "of_the_layer.py").write_text("VALUE = 7")
    service, curious = run(
        """
        import os, of_the_layer
        def handler(event, context):
            return {"value": of_the_layer.VALUE, "memory": context.memory_limit_in_mb,
                    "arn": context.invoked_function_arn, **os.environ}
        """,
        layers=(tmp_path / "layer",),
        environment={"LONGSHORE_JOBS_TABLE": "jobs"},
        memory=512,
        log_group="/aws/lambda/curious",
    )
    seen = call(service, curious)
    assert seen["value"] == 7
    assert seen["memory"] == "512"
    assert seen["arn"] == curious.arn
    assert seen["LONGSHORE_JOBS_TABLE"] == "jobs"
    assert seen["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert seen["LAMBDA_TASK_ROOT"] == str(curious.code)
    assert seen["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/curious"
    assert "SECRET_OF_THE_LAPTOP" not in seen


def test_output_goes_to_the_log_of_the_function(run: Callable) -> None:
    service, talking = run("def handler(event, context): print('said', event)")
    answer = service.invoke(talking.name, b'"this"')
    log = service.log_file(talking.name).read_text()
    assert "said this\n" in log
    assert log.startswith("START RequestId: ")
    assert "\nREPORT RequestId: " in log
    assert b"said this" in answer.log_tail


def test_reserved_concurrency_throttles_the_call_beyond_it(run: Callable, tmp_path: Path) -> None:
    service, reserved = run(WAITS_FOR_A_FILE, reserved=1, timeout=30.0)
    event = {"mine": str(tmp_path / "begun"), "go": str(tmp_path / "go")}
    with ThreadPoolExecutor() as pool:
        first = pool.submit(call, service, reserved, event)
        wait_for(tmp_path / "begun")
        with pytest.raises(Throttled):
            service.invoke(reserved.name, b"{}")
        (tmp_path / "go").touch()
        pid = first.result()
    assert call(service, reserved, event) == pid


def test_a_function_that_reserves_nothing_waits_its_turn(
    lambda_service: Service, function: Function, tmp_path: Path
) -> None:
    service, waiting = lambda_service(processes=2), function(WAITS_FOR_A_FILE, timeout=30.0)
    service.register(waiting)
    events = [{"mine": str(tmp_path / f"begun-{n}"), "go": str(tmp_path / "go")} for n in range(4)]
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(call, service, waiting, event) for event in events]
        wait_for(tmp_path, "begun-*", count=2)
        assert service.busy() == 2
        (tmp_path / "go").touch()
        pids = {done.result() for done in calls}
    assert len(pids) == 2


def test_only_a_few_idle_processes_are_kept(lambda_service: Service, function: Function) -> None:
    service = lambda_service(warm=2)
    functions = [function("import os\ndef handler(event, context): return os.getpid()") for _ in range(3)]
    pids = []
    for each in functions:
        service.register(each)
        pids.append(call(service, each))
    assert [alive(pid) for pid in pids] == [False, True, True]
    assert call(service, functions[2]) == pids[2]


def test_a_function_may_be_warmed_up_before_its_first_event(run: Callable, tmp_path: Path) -> None:
    service, ready = run(f"""
        import os, pathlib
        pathlib.Path({str(tmp_path / "started")!r}).write_text(str(os.getpid()))
        def handler(event, context): return os.getpid()
    """)
    service.warm_up([ready.name])
    wait_for(tmp_path / "started")
    assert service.busy() == 0
    assert call(service, ready) == int((tmp_path / "started").read_text())


def test_a_stopped_service_leaves_no_process_and_answers_what_was_in_flight(run: Callable, tmp_path: Path) -> None:
    others = function_processes()
    service, hanging = run(WAITS_FOR_A_FILE, timeout=60.0)
    event = {"mine": str(tmp_path / "begun"), "go": str(tmp_path / "never")}
    with ThreadPoolExecutor() as pool:
        pending = pool.submit(error_of, service, hanging, event)
        wait_for(tmp_path / "begun")
        service.stop()
        assert pending.result()["errorType"] == "Runtime.ExitError"
    assert error_of(service, hanging, event)["errorMessage"] == "the embedded AWS has stopped"
    assert function_processes() <= others


def function_processes() -> set[int]:
    return {child.pid for child in psutil.Process().children() if "awslambdaric" in child.cmdline()}


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(path: Path, pattern: str | None = None, count: int = 1) -> None:
    """Wait until the file is there, or so many files of the pattern in the folder."""
    pause = threading.Event()
    for _ in range(2000):
        if (len(list(path.glob(pattern))) >= count) if pattern else path.exists():
            return
        pause.wait(0.01)
    raise AssertionError(f"{path} {pattern or ''} never appeared")
