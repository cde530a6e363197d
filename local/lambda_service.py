"""The local Lambda service: which execution environment handles an event, and who has to wait or is refused."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from local.function_configuration import FunctionConfiguration
from local.lambda_answer import Answer, Throttled
from local.process_keeper import ProcessKeeper
from local.sandbox import Sandbox, failed


class LambdaService:
    """Invokes functions, each event in a process of its own function.

    environment: variables that every function gets besides its own. log_dir: each function logs to `<name>.log` there.
    A function with reserved concurrency has as many processes as it reserves, and a call beyond them is Throttled, as
    on AWS. Any other is bounded to `processes` so that it cannot starve the rest of a laptop, and a call waits its
    turn. When calls end, at most `warm` idle processes are kept in all.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        log_dir: Path,
        keeper: ProcessKeeper,
        processes: int = 2,
        warm: int = 8,
    ) -> None:
        self.environment = environment
        self.log_dir = log_dir
        self.keeper = keeper
        self.processes = processes
        self.warm = warm
        self.functions: dict[str, FunctionConfiguration] = {}
        self._changed = threading.Condition()
        self._busy: Counter[str] = Counter()
        self._idle: list[Sandbox] = []  # the longest idle first
        self._running: set[Sandbox] = set()
        self._stopped = False

    def register(self, function: FunctionConfiguration) -> None:
        """Make a function, or a change of its configuration, known; its log begins anew."""
        if function.name not in self.functions:
            self.log_file(function.name).unlink(missing_ok=True)
        self.functions[function.name] = function

    def invoke(self, name: str, body: bytes, client_context: bytes | None = None, trace_id: str = "") -> Answer:
        """Handle an event and return the answer; raises Throttled if the function's reservation is used up."""
        function = self.functions[name]
        self._take_place(function)
        try:
            return self._run(function, body, client_context, trace_id)
        finally:
            with self._changed:
                self._busy[name] -= 1
                self._changed.notify_all()

    def warm_up(self, names: Iterable[str]) -> None:
        """Start a process of each function now, so that its first event need not wait for a cold start."""
        for name in names:
            sandbox = self._sandbox(self.functions[name])
            if sandbox is not None:
                with self._changed:
                    self._running.discard(sandbox)
                self._keep_warm(sandbox)

    def busy(self) -> int:
        """The number of events being handled."""
        with self._changed:
            return self._busy.total()

    def process(self, trace_id: str) -> Sandbox | None:
        """The process that handles the event of this trace now; None where none does."""
        with self._changed:
            return next((sandbox for sandbox in self._running if sandbox.trace_id == trace_id), None)

    def log_file(self, name: str) -> Path:
        """Where the function's output goes."""
        return self.log_dir / f"{name}.log"

    def stop(self) -> None:
        """Kill every process; calls in flight are answered with an error."""
        with self._changed:
            self._stopped = True
            sandboxes = [*self._idle, *self._running]
            self._idle.clear()
            self._changed.notify_all()
        for sandbox in sandboxes:
            sandbox.stop()

    def _take_place(self, function: FunctionConfiguration) -> None:
        with self._changed:
            if function.reserved is not None:
                if self._busy[function.name] >= function.reserved:
                    raise Throttled(function.name)
            else:
                self._changed.wait_for(lambda: self._stopped or self._busy[function.name] < self.processes)
            self._busy[function.name] += 1

    def _run(self, function: FunctionConfiguration, body: bytes, client_context: bytes | None, trace_id: str) -> Answer:
        log_file = self.log_file(function.name)
        written = log_file.stat().st_size if log_file.exists() else 0
        sandbox = self._sandbox(function)
        if sandbox is None:
            return Answer(failed("Runtime.ExitError", "the embedded AWS has stopped").payload, "Unhandled")
        try:
            outcome = sandbox.invoke(body, client_context, trace_id)
        finally:
            with self._changed:
                self._running.discard(sandbox)
        if outcome.reusable:
            self._keep_warm(sandbox)
        return Answer(outcome.payload, outcome.function_error, tail(log_file, written))

    def _sandbox(self, function: FunctionConfiguration) -> Sandbox | None:
        """A warm sandbox of the function as it is now configured, else a new one; None once stopped."""
        with self._changed:
            if self._stopped:
                return None
            for sandbox in reversed(self._idle):
                if sandbox.function is function and sandbox.alive:
                    self._idle.remove(sandbox)
                    break
            else:
                sandbox = Sandbox(function, self.environment, self.log_file(function.name), self.keeper)
            self._running.add(sandbox)
            return sandbox

    def _keep_warm(self, sandbox: Sandbox) -> None:
        with self._changed:
            self._idle.append(sandbox)
            surplus = self._idle[: -self.warm] if not self._stopped else list(self._idle)
            self._idle = [kept for kept in self._idle if kept not in surplus]
        for idle in surplus:
            idle.stop()


def tail(log_file: Path, written: int) -> bytes:
    """The last 4 KB of what was added to the log; calls in parallel to the same function share it."""
    with log_file.open("rb") as log:
        end = log.seek(0, 2)
        log.seek(max(written, end - 4096))
        return log.read()
