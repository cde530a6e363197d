"""What is wrong with a command is one line that says what and what to do, exit status 3, before anything is created."""

import os
import socket
from pathlib import Path

import pytest

from cli.main import run
from cli.outcome import Exit
from longshore import __version__


@pytest.fixture(autouse=True)
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An endpoint at which nothing listens: a command that gets as far as calling it ends with 4, not with 3."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("LONGSHORE_ENDPOINT", url)
    monkeypatch.setenv("LONGSHORE_TOKEN", "t")
    monkeypatch.chdir(tmp_path)
    return url


@pytest.fixture
def rows(tmp_path: Path) -> str:
    path = tmp_path / "rows.csv"
    path.write_text("code\nCH\n")
    return str(path)


def problem(arguments: list[str], capsys: pytest.CaptureFixture[str], status: int = Exit.USAGE) -> str:
    """Run a command that must fail with `status`; return its one line."""
    assert run(arguments) == status
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("longshore: ")
    return lines[0]


def test_a_missing_file(capsys: pytest.CaptureFixture[str], rows: str) -> None:
    line = problem(["import", rows, "nowhere.csv", "--template", "t"], capsys)
    assert "nowhere.csv does not exist; check the name" in line


def test_a_directory(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "is a directory; name the files in it" in problem(["import", str(tmp_path), "--template", "t"], capsys)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file(capsys: pytest.CaptureFixture[str], rows: str) -> None:
    Path(rows).chmod(0)
    assert "may not be read by you; check its permissions" in problem(["import", rows, "--template", "t"], capsys)


def test_an_empty_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    assert "empty.csv is empty" in problem(["import", "empty.csv", "--template", "t"], capsys)


def test_a_pipe_is_not_waited_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "pipe is no plain file" in problem(["import", "pipe", "--template", "t"], capsys)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "Missing option '--template'"),
        (["--template", "t", "--priority", "11"], "11 is not in the range 1<=x<=10"),
        (["--template", "t", "--mode", "replace"], "'replace' is not one of 'insert', 'upsert'"),
        (["--template", "t", "--start-at", "tomorrow"], "'tomorrow' is no time with an offset"),
        (["--template", "t", "--start-at", "2027-01-31T06:00:00"], "is no time with an offset"),
        (["--template", "t", "--frobnicate"], "No such option: --frobnicate"),
    ],
)
def test_a_bad_option(capsys: pytest.CaptureFixture[str], rows: str, options: list[str], says: str) -> None:
    line = problem(["import", rows, *options], capsys)
    assert says in line
    assert line.endswith("see `longshore import --help`")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            b'{"name": "x",\n  oops}',
            "t.json is not JSON: Expecting property name enclosed in double quotes at line 2, column 3",
        ),
        (b"[]", "must be a JSON object with a name"),
        (b'{"title": "x"}', "must be a JSON object with a name"),
        (b'{"name": "\xff"}', "t.json is not UTF-8 text"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_template_document_that_is_none(
    capsys: pytest.CaptureFixture[str], rows: str, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "t.json").write_bytes(content)
    assert says in problem(["import", rows, "--template", "t.json"], capsys)
    assert says in problem(["templates", "push", "t.json"], capsys)


def test_a_template_document_that_is_missing(capsys: pytest.CaptureFixture[str], rows: str) -> None:
    assert "nowhere.json does not exist" in problem(["import", rows, "--template", "nowhere.json"], capsys)


def test_an_endpoint_without_a_token(
    capsys: pytest.CaptureFixture[str], rows: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LONGSHORE_TOKEN")
    line = problem(["import", rows, "--template", "t"], capsys)
    assert "LONGSHORE_TOKEN is not; set it to a token" in line


def test_an_endpoint_that_is_no_url(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGSHORE_ENDPOINT", "example")
    assert "'example' is no URL" in problem(["list"], capsys)


@pytest.mark.parametrize(
    "command", [["list"], ["status", "j1"], ["errors", "j1"], ["cancel", "j1"], ["templates", "list"]]
)
def test_nothing_answers(capsys: pytest.CaptureFixture[str], endpoint: str, command: list[str]) -> None:
    line = problem(command, capsys, Exit.UNREACHABLE)
    assert f"nothing answers at {endpoint} (connection refused)" in line
    assert "check LONGSHORE_ENDPOINT" in line


@pytest.mark.parametrize("given", ["longshore-rule-demo-vat", "longshore-rule-demo-vat=nowhere", "vat=.", "=."])
def test_a_rule_function_that_is_none(capsys: pytest.CaptureFixture[str], tmp_path: Path, given: str) -> None:
    (tmp_path / "app.py").touch()
    assert "write NAME=FOLDER" in problem(["up", "--rule-function", given], capsys)


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert problem(["improt"], capsys) == "longshore: No such command 'improt'.; see `longshore --help`"


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == Exit.COMPLETED
    assert capsys.readouterr().out == f"longshore {__version__}\n"


@pytest.mark.parametrize("command", ["up", "import", "status", "list", "errors", "cancel", "templates"])
def test_help_names_every_command(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run(["--help"]) == Exit.COMPLETED
    assert f"\n  {command} " in capsys.readouterr().out
    assert run([command, "--help"]) == Exit.COMPLETED


@pytest.mark.parametrize("option", ["--no-wait", "--start-at=2099-01-01T00:00:00Z"])
def test_what_would_outlive_an_embedded_aws_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, rows: str, option: str
) -> None:
    monkeypatch.delenv("LONGSHORE_ENDPOINT")
    line = problem(["import", rows, "--template", "t", option], capsys)
    assert line.endswith(f"{option.partition('=')[0]} needs a Longshore that goes on; run `longshore up` beside it")
