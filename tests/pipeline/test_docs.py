"""Every command and every request in the documentation is carried out, or is marked as one that cannot be here.

`console` and `python` blocks run beside the `longshore up` of the README; `http` blocks are sent to the API, which must
answer as the `json` block after them says; `sh deploy` blocks need a cloud account or a container engine and are only
parsed.
"""

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from cli import local_file
from local.embedded_aws import EmbeddedAws

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*) ?(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)
RUN_HERE = {"console", "python", "http"}
NO_COMMANDS = {"json", "text", "csv"}
UP = "longshore up"
ENDING_SECONDS = 60
pytestmark = pytest.mark.slow  # starts `longshore up`, and a process per command


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what follows it (`deploy`, a status), its text, and where it stands."""

    language: str
    info: str
    text: str
    place: str

    @property
    def commands(self) -> list[str]:
        return [line.removeprefix("$ ") for line in self.text.splitlines() if line.startswith("$ ")]


def blocks() -> Iterator[Block]:
    for page in PAGES:
        content = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(content):
            line = content.count("\n", 0, match.start()) + 1
            yield Block(match[1], match[2], match[3], f"{page.relative_to(ROOT)}:{line}")


BLOCKS = list(blocks())
COMMANDS = [pytest.param(c, id=f"{b.place} {c}") for b in BLOCKS if b.language == "console" for c in b.commands]
LONGSHORE = [c for c in COMMANDS if str(c.values[0]).startswith("longshore ") and c.values[0] != UP]
MAKE = [c for c in COMMANDS if str(c.values[0]).startswith("make ")]


def of(language: str) -> list[Any]:
    return [pytest.param(block, id=block.place) for block in BLOCKS if block.language == language]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LONGSHORE_", "AWS_"))}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@contextmanager
def running_up(folder: Path, end: signal.Signals) -> Iterator[None]:
    """Run `longshore up` in a folder; end it by a signal, and see that every process of it is gone."""
    with subprocess.Popen(UP.split(), cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True) as up:
        try:
            assert up.stdout is not None
            assert up.stdout.readline().startswith("API "), "it says where it is once it can be used"
            yield
        finally:
            started = psutil.Process(up.pid).children(recursive=True)
            up.send_signal(end)
            status = up.wait(ENDING_SECONDS)
    assert status == 0
    assert started
    assert psutil.wait_procs(started, timeout=10)[1] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the samples, in which the README's `longshore up` runs; ends it as Ctrl-C does."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "events").symlink_to(ROOT / "events")
    with running_up(folder, signal.SIGINT):
        yield folder


@pytest.fixture
def place(folder: Path) -> dict[str, Any]:
    """What the running `longshore up` tells other commands."""
    document: dict[str, Any] = json.loads((folder / local_file.FOLDER / local_file.NAME).read_text())
    return document


@pytest.fixture
def waiting_job(place: dict[str, Any]) -> str:
    """A job that waits for its file."""
    headers = {"Authorization": f"Bearer {place['tokens']['importer']}"}
    body = {"template": "contact", "file_name": "x.csv"}
    answer = requests.post(f"{place['endpoint']}/imports", json=body, headers=headers, timeout=30)
    return str(answer.json()["job_id"])


def test_no_command_is_left_out_without_saying_so() -> None:
    """Every block is of a kind that is run, shows no command, or is marked `sh deploy`."""
    known = RUN_HERE | NO_COMMANDS
    unmarked = [b.place for b in BLOCKS if b.language not in known and (b.language, b.info) != ("sh", "deploy")]
    assert unmarked == []
    not_commands = [
        b.place for b in BLOCKS if b.language in NO_COMMANDS and re.search(r"^\$ |^longshore ", b.text, re.M)
    ]
    assert not_commands == []
    silent = [b.place for b in BLOCKS if b.language == "console" and len(b.commands) != len(b.text.splitlines())]
    assert silent == []
    run = {c.values[0] for c in [*LONGSHORE, *MAKE]} | {UP}
    assert {c.values[0] for c in COMMANDS} == run


@pytest.mark.parametrize("command", MAKE)
def test_a_make_command_is_a_target(command: str) -> None:
    """The target is only looked up: `make test` is what runs this."""
    subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, env=environment(), check=True, capture_output=True)


@pytest.mark.parametrize("block", of("sh"))
def test_what_needs_an_account_is_at_least_a_shell_script(block: Block) -> None:
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True, capture_output=True)


@pytest.mark.parametrize("command", LONGSHORE)
def test_a_longshore_command(command: str, folder: Path, waiting_job: str) -> None:
    variables = {**environment(), "JOB": waiting_job}
    done = subprocess.run(command, shell=True, cwd=folder, env=variables, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("block", of("python"))
def test_a_python_example(block: Block, folder: Path) -> None:
    example = [sys.executable, "-W", "ignore::ResourceWarning", "-c", block.text]
    subprocess.run(example, cwd=folder, env=environment(), check=True, capture_output=True, timeout=60)


def test_the_local_file_leads_only_its_owner_there(folder: Path, place: dict[str, Any]) -> None:
    path = folder / local_file.FOLDER / local_file.NAME
    assert path.stat().st_mode & 0o077 == 0
    assert set(place["tokens"]) == {"viewer", "importer", "admin"}


def test_a_second_one_in_the_same_folder_is_refused(folder: Path, place: dict[str, Any]) -> None:
    second = subprocess.run(UP.split(), cwd=folder, env=environment(), capture_output=True, text=True, timeout=60)
    assert second.returncode == 3
    assert second.stderr == (
        f"longshore: `longshore up` runs in this folder already, as process {place['pid']}; end that first\n"
    )


def test_nothing_is_left_when_it_is_told_to_end(tmp_path: Path) -> None:
    with running_up(tmp_path, signal.SIGTERM):
        path = tmp_path / local_file.FOLDER / local_file.NAME
        assert path.exists()
    assert not path.exists()


def test_the_http_examples(aws: EmbeddedAws) -> None:
    """They are one story: sent in order by one tenant, each answers what the page says."""
    page = [b for b in BLOCKS if b.place.startswith("docs/http-api.md") and b.language in {"http", "json"}]
    headers = {"Authorization": f"Bearer {aws.token('admin', f't-{uuid.uuid4().hex[:8]}', 'ada')}"}
    job_id = ""
    assert len(page) % 2 == 0
    for request, expected in zip(page[::2], page[1::2], strict=True):
        head, _, body = request.text.replace("{job_id}", job_id).partition("\n\n")
        first, *fields = head.splitlines()
        method, path = first.split(" ")
        sent = headers | dict(field.split(": ", 1) for field in fields)
        answer = requests.request(method, aws.api_url + path, data=body or None, headers=sent, timeout=30)
        assert answer.status_code == int(expected.info), request.place
        assert_shown(json.loads(expected.text), answer.json(), request.place)
        job_id = answer.json().get("job_id", job_id)


VOLATILE = {"job_id", "at", "created_at", "updated_at", "expires_at"}


def assert_shown(example: Any, actual: Any, place: str) -> None:
    """Assert that the answer has all that the example shows; an ellipsis or a time stands for any text."""
    if isinstance(example, dict):
        for name, value in example.items():
            assert name in actual, place
            if name not in VOLATILE:
                assert_shown(value, actual[name], f"{place} {name}")
    elif isinstance(example, list):
        assert len(example) == len(actual), place
        for one, other in zip(example, actual, strict=True):
            assert_shown(one, other, place)
    elif "…" not in str(example):
        assert example == actual, place
