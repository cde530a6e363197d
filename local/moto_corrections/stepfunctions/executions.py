"""Starting, stopping and describing executions as the API documents it.

Source: AWS Step Functions API Reference, StartExecution, StopExecution, DescribeExecution.
"""

import datetime
import json
import re
import threading
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus, InvalidName
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local.moto_corrections.patching import replace

VALID_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")


def apply() -> None:
    """Correct the life of an execution."""
    _start()
    _running_from_the_start()
    _start_time()
    _environment_from_the_start()
    _stop()
    _output()


def _start() -> None:
    """moto names unnamed executions "None", and two requests at once may start two executions of one name."""
    moto_start, lock = StepFunctionsParserBackend.start_execution, threading.Lock()

    def start_execution(
        backend: StepFunctionsParserBackend, state_machine_arn: str, name: str | None = None, *args: Any, **options: Any
    ) -> Execution:
        chosen = name or str(uuid.uuid4())
        if not VALID_NAME.fullmatch(chosen):
            raise InvalidName(f"Invalid Name: '{chosen}'")
        with lock:
            return moto_start(backend, state_machine_arn, chosen, *args, **options)

    replace(StepFunctionsParserBackend, "start_execution", start_execution)


def _running_from_the_start() -> None:
    """moto lists an execution before it gives it a status: whoever looks in between is answered 500."""
    moto_init = Execution.__init__

    def init(execution: Execution, *args: Any, **options: Any) -> None:
        moto_init(execution, *args, **options)
        execution.exec_status = ExecutionStatus.RUNNING

    replace(Execution, "__init__", init)


def _start_time() -> None:
    """moto puts a datetime into $$.Execution.StartTime, which no JSON encoder takes."""
    moto_details = Execution.get_start_execution_details

    def details(execution: Execution) -> Any:
        found: Any = moto_details(execution)
        found.start_time = found.start_time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return found

    replace(Execution, "get_start_execution_details", details)


def _environment_from_the_start() -> None:
    """moto makes it in the execution's thread: a stop or a look at the history before that answers 500."""
    moto_start: Any = ExecutionWorker.start
    moto_environment = ExecutionWorker._get_evaluation_environment

    def start(worker: ExecutionWorker) -> None:
        worker.env = moto_environment(worker)
        worker.env.next_state_name = ""  # running: only a running environment can be stopped
        moto_start(worker)

    replace(ExecutionWorker, "start", start)
    replace(ExecutionWorker, "_get_evaluation_environment", lambda worker: worker.env or moto_environment(worker))


def _stop() -> None:
    """A stopped execution is ABORTED at once and stays it; in moto a stop during a Map ends as FAILED, and later."""
    moto_stop = Execution.stop
    moto_reflect: Any = BaseExecutionWorkerCommunication._reflect_execution_status
    moto_set_error, moto_set_timed_out = Environment.set_error, Environment.set_timed_out

    def stop(execution: Execution, stop_date: datetime.datetime, error: str | None, cause: str | None) -> None:
        moto_stop(execution, stop_date=stop_date, error=error, cause=cause)
        worker: Any = execution.exec_worker
        stopped = isinstance(worker.env.program_state(), ProgramStopped)
        if stopped and execution.exec_status == ExecutionStatus.RUNNING:
            execution.exec_status, execution.stop_date = ExecutionStatus.ABORTED, stop_date
            execution.error, execution.cause = error, cause

    def reflect(communication: BaseExecutionWorkerCommunication) -> None:
        if communication.execution.exec_status != ExecutionStatus.ABORTED:
            moto_reflect(communication)

    def is_over(environment: Environment) -> bool:
        return isinstance(environment._program_state, ProgramStopped | ProgramTimedOut)

    def set_error(environment: Environment, error: Any) -> None:
        if not is_over(environment):
            moto_set_error(environment, error)

    def set_timed_out(environment: Environment) -> None:
        if not is_over(environment):
            moto_set_timed_out(environment)

    def stop_execution(handler: StepFunctionResponse) -> ActionResult:
        execution = handler.stepfunction_backend.describe_execution(handler._get_param("executionArn"))
        now = datetime.datetime.now(tz=datetime.UTC)
        execution.stop(stop_date=now, error=handler._get_param("error"), cause=handler._get_param("cause"))
        return ActionResult({"stopDate": execution.stop_date})

    replace(Execution, "stop", stop)
    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect)
    replace(Environment, "set_error", set_error)
    replace(Environment, "set_timed_out", set_timed_out)
    replace(StepFunctionResponse, "stop_execution", stop_execution)


def _output() -> None:
    """A text as output is JSON too; moto describes it without its quotes."""
    moto_terminated = BaseExecutionWorkerCommunication.terminated

    def terminated(communication: BaseExecutionWorkerCommunication) -> None:
        moto_terminated(communication)
        if isinstance(communication.execution.output, str):
            communication.execution.output = json.dumps(communication.execution.output)

    replace(BaseExecutionWorkerCommunication, "terminated", terminated)
