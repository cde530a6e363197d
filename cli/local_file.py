"""`.longshore/local.json`: how other commands of a folder find its running `longshore up`."""

import json
import os
from pathlib import Path
from typing import Any

import psutil

FOLDER = Path(".longshore")
NAME = "local.json"


def write(document: dict[str, Any]) -> Path:
    """Write the file, readable by its owner alone because it holds tokens; return its path."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    path = FOLDER / NAME
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    owner = {"pid": os.getpid(), "started": psutil.Process().create_time()}
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({**document, **owner}, file, indent=2)
    fresh.replace(path)
    return path


def read() -> dict[str, Any] | None:
    """Return what the running `longshore up` of this folder wrote; remove a file whose process is gone."""
    path = FOLDER / NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if _alive(int(document["pid"]), float(document["started"])):
            return dict(document)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        pass
    path.unlink(missing_ok=True)
    return None


def remove() -> None:
    """Remove the file if it is this process's own."""
    document = read()
    if document and document["pid"] == os.getpid():
        (FOLDER / NAME).unlink(missing_ok=True)


def _alive(pid: int, started: float) -> bool:
    # A pid is used again sooner or later; the time its process began tells the two apart.
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
