"""Executions in Step Functions: the runs of jobs, and the waits for their turn."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from longshore.messages import RunInput, TurnWait
from longshore.storage.translate import aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class RunExecutions:
    """ports.Executions. A STANDARD execution runs at most once per name (for 90 days after it closed)."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine = state_machine_arn

    def start(self, name: str, run_input: RunInput) -> None:
        """Start run_import under this name; that it was started before is success."""
        # Same name, same run: a duplicate dispatch, or Sweep after a dispatch that died before it could tell.
        _start_once(self._client, self._state_machine, name, run_input.model_dump_json())

    def status(self, name: str) -> str:
        """Return RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE, "" where it never started."""
        with aws_errors(f"read execution {name}"):
            try:
                return self._client.describe_execution(executionArn=self._arn(name))["status"]
            except ClientError as error:
                if error_code(error) != "ExecutionDoesNotExist":
                    raise
                return ""

    def stop(self, name: str, why: str) -> None:
        """Stop an execution; that it has ended already, or never began, is success."""
        with aws_errors(f"stop execution {name}"):
            try:
                self._client.stop_execution(executionArn=self._arn(name), cause=why)
            except ClientError as error:
                if error_code(error) != "ExecutionDoesNotExist":
                    raise

    def _arn(self, name: str) -> str:
        return f"{self._state_machine.replace(':stateMachine:', ':execution:')}:{name}"


class TurnExecutions:
    """turn_port.Turns: executions of await_turn, which does nothing but wait and then ask DispatchJobs."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine = state_machine_arn

    def wait(self, name: str, wait: TurnWait) -> None:
        """Have DispatchJobs look again after the wait; that one of this name is or was waited is success."""
        _start_once(self._client, self._state_machine, name, wait.model_dump_json())


def _start_once(client: "SFNClient", state_machine: str, name: str, given: str) -> None:
    """Start an execution unless one of its name is running or has run."""
    with aws_errors(f"start execution {name}"):
        try:
            client.start_execution(stateMachineArn=state_machine, name=name, input=given)
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise
