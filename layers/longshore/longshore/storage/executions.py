"""Runs of the state machine in Step Functions."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from longshore.messages import RunInput
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
        with aws_errors(f"start execution {name}"):
            try:
                self._client.start_execution(
                    stateMachineArn=self._state_machine, name=name, input=run_input.model_dump_json()
                )
            except ClientError as error:
                # Same name, same run: a duplicate dispatch, or Sweep after a dispatch that died before it could tell.
                if error_code(error) != "ExecutionAlreadyExists":
                    raise

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
