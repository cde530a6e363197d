"""`.longshore/local.json` leads to a running `longshore up` and never to one that is gone."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cli import local_file


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_was_written_is_found_and_private() -> None:
    path = local_file.write({"endpoint": "http://x", "tokens": {"admin": "t"}})
    found = local_file.read()
    assert found is not None
    assert found["endpoint"] == "http://x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_gone_once_removed() -> None:
    path = local_file.write({})
    local_file.remove()
    assert not path.exists()
    assert local_file.read() is None


def test_the_file_of_a_process_that_ended_is_removed() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    started = psutil.Process(ended.pid).create_time()
    ended.wait()
    assert_stale({"pid": ended.pid, "started": started})


def test_the_file_of_a_process_whose_number_is_used_again_is_removed() -> None:
    assert_stale({"pid": os.getpid(), "started": psutil.Process().create_time() - 60})


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "started": 0}'])
def test_a_broken_file_is_removed(content: str) -> None:
    local_file.FOLDER.mkdir()
    (local_file.FOLDER / local_file.NAME).write_text(content)
    assert local_file.read() is None
    assert not (local_file.FOLDER / local_file.NAME).exists()


def test_another_process_does_not_remove_it() -> None:
    path = local_file.write({})
    document = json.loads(path.read_text())
    parent = psutil.Process(os.getppid())
    path.write_text(json.dumps({**document, "pid": parent.pid, "started": parent.create_time()}))
    local_file.remove()
    assert path.exists()


def assert_stale(owner: dict[str, float]) -> None:
    local_file.FOLDER.mkdir()
    path = local_file.FOLDER / local_file.NAME
    path.write_text(json.dumps({"endpoint": "http://x", **owner}))
    assert local_file.read() is None
    assert not path.exists()
