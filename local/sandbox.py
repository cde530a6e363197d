"""One execution environment of a function: a process with the real runtime client, and the Runtime API it talks to."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.function_configuration import FunctionConfiguration
from local.process_keeper import ProcessKeeper, kill_group
from local.runtime_api import LARGEST_RESPONSE, Invocation, Report, RuntimeApi, new_trace_id

LONGEST_START = 60.0
"""Seconds that a process may take to ask for its first event. Lambda grants 10; a laptop under load may need more."""


@dataclass(frozen=True)
class Outcome:
    """What one invocation answered; a sandbox that is not reusable has been stopped."""

    payload: bytes
    function_error: str | None
    reusable: bool


class Sandbox:
    """A process that handles one event at a time. Its output goes to the end of `log_file`.

    `trace_id` is that of the event it handles, or handled last.
    """

    def __init__(
        self, function: FunctionConfiguration, environment: Mapping[str, str], log_file: Path, keeper: ProcessKeeper
    ) -> None:
        self.function = function
        self.log_file = log_file
        self._keeper = keeper
        self.trace_id = ""
        self._warm = False
        self._ended = threading.Event()
        self._api = RuntimeApi(function.arn, function.timeout)
        with log_file.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", function.handler],
                cwd=function.code,
                env={**self._lambda_environment(), **environment, **function.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        keeper.watch(self._process.pid)
        threading.Thread(target=self._report_exit, name=f"wait-{function.logical_id}", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def invoke(self, body: bytes, client_context: bytes | None = None, trace_id: str = "") -> Outcome:
        """Handle one event; never raises for what the function does."""
        invocation = Invocation(str(uuid.uuid4()), body, client_context, trace_id or new_trace_id())
        self.trace_id = invocation.trace_id
        begun = time.monotonic()
        self._log(f"START RequestId: {invocation.request_id} Version: $LATEST")
        self._api.offer(invocation)
        outcome = self._wait(invocation)
        if not outcome.reusable:
            self.stop()
            self._log(outcome.payload.decode())
        self._log(f"END RequestId: {invocation.request_id}")
        duration = f"{(time.monotonic() - begun) * 1000:.2f} ms"
        start = "warm" if self._warm else "cold start included"
        self._log(f"REPORT RequestId: {invocation.request_id}\tDuration: {duration} ({start})")
        self._warm = True
        return outcome

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal: SIGKILL is a crash, SIGSTOP and SIGCONT a machine that stalls and goes on."""
        self._process.send_signal(number)

    def stop(self) -> None:
        """Kill the process and whatever it started; once this returns, it writes nothing more."""
        kill_group(self._process.pid)
        self._ended.wait()
        self._api.close()

    def _wait(self, invocation: Invocation) -> Outcome:
        report = self._next_report(LONGEST_START)
        if report is not None and report.kind == "started":
            # 50 ms for the answer to come over the wire: the function's own clock is what counts.
            report = self._next_report(self.function.timeout + 0.05)
        if report is None:
            message = f"Error: Task timed out after {self.function.timeout:.2f} seconds"
            return failed("Sandbox.Timedout", f"RequestId: {invocation.request_id} {message}")
        return outcome_of(report, invocation.request_id)

    def _next_report(self, seconds: float) -> Report | None:
        try:
            return self._api.reports.get(timeout=seconds)
        except queue.Empty:
            return None

    def _report_exit(self) -> None:
        status = self._process.wait()
        self._ended.set()
        self._keeper.forget(self._process.pid)
        self._api.reports.put(Report("exit", status=status))

    def _log(self, line: str) -> None:
        with self.log_file.open("a", encoding="utf-8") as written:
            written.write(line + "\n")

    def _lambda_environment(self) -> dict[str, str]:
        """The variables that Lambda itself sets; its /opt/python is here the folders of the layers.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
        """
        function = self.function
        layers = [folder for layer in function.layers for folder in (layer / "python", layer) if folder.is_dir()]
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": os.pathsep.join(str(folder) for folder in (function.code, *layers)),
            "LAMBDA_TASK_ROOT": str(function.code),
            "_HANDLER": function.handler,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[$LATEST]{uuid.uuid4().hex}",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        }


def outcome_of(report: Report, request_id: str) -> Outcome:
    """What a final report means to the caller; a process that ended, or could not start, is not used again."""
    match report.kind:
        case "response":
            return Outcome(report.body, None, reusable=True)
        case "error":
            return Outcome(report.body, "Unhandled", reusable=True)
        case "init_error":
            return Outcome(report.body, "Unhandled", reusable=False)
        case "too_large":
            message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_RESPONSE} bytes)."
            return failed("Function.ResponseSizeTooLarge", message)
    ended = f"exit status {report.status}" if report.status >= 0 else f"signal: {-report.status}"
    reason = (
        f"Error: Runtime exited with error: {ended}"
        if report.status
        else "Error: Runtime exited without providing a reason"
    )
    return failed("Runtime.ExitError", f"RequestId: {request_id} {reason}")


def failed(error_type: str, message: str) -> Outcome:
    """The outcome of an invocation that did not answer by itself."""
    payload = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
    return Outcome(payload, "Unhandled", reusable=False)
