"""No process outlives the embedded AWS, however it ends: each test starts it in a process of its own and ends that."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

PARENT = """
    import pathlib, sys, threading, json
    from local.function_configuration import FunctionConfiguration
    from local.lambda_service import LambdaService
    from local.process_keeper import ProcessKeeper

    root = pathlib.Path(sys.argv[1])
    service = LambdaService({"AWS_REGION": "eu-west-1"}, root, ProcessKeeper())
    for name in ("idle", "busy"):
        service.register(FunctionConfiguration(name, name, name, f"{name}.handler", root, timeout=60))
    print(json.loads(service.invoke("idle", b"{}").payload), flush=True)
    threading.Thread(target=service.invoke, args=("busy", b"{}"), daemon=True).start()
    threading.Event().wait()
"""

IDLE = """
    import os
    def handler(event, context):
        return os.getpid()
"""

# Deaf to every polite signal, busy in a child of its own: what is hardest to get rid of.
BUSY = """
    import os, signal, subprocess, sys
    def handler(event, context):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
        with open("pids", "w") as pids:
            pids.write(f"{os.getpid()} {child.pid}\\n")
        while True:
            pass
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen, list[psutil.Process]]]]:
    """parent() -> the process that runs the Lambda service, and every process it started."""
    (tmp_path / "idle.py").write_text(dedent(IDLE))
    (tmp_path / "busy.py").write_text(dedent(BUSY))
    started = []

    def start() -> tuple[subprocess.Popen, list[psutil.Process]]:
        command = [sys.executable, "-c", dedent(PARENT), str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        started.append(process)
        process.stdout.readline()
        pids = tmp_path / "pids"
        while not (pids.exists() and pids.read_text().endswith("\n")):
            assert process.poll() is None
        return process, psutil.Process(process.pid).children(recursive=True)

    yield start
    for process in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
        process.kill()
        process.wait()


@pytest.mark.slow  # starts an interpreter that starts three more
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_every_process_is_gone_after_the_parent_was_ended(parent: Callable, end: signal.Signals) -> None:
    process, children = parent()
    assert len(children) == 4  # the keeper, the idle function, the busy one and its child
    os.kill(process.pid, end)
    process.wait(timeout=10)
    psutil.wait_procs(children, timeout=10)
    assert [child for child in children if running(child)] == []


def running(process: psutil.Process) -> bool:
    """Whether it still runs; one that ended but was not yet collected by its new parent does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
