"""A command without a Longshore to talk to starts an embedded AWS for its own duration, and leaves nothing of it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow  # starts an embedded AWS per command

TEMPLATE = {
    "name": "city",
    "record_type": "city",
    "key": ["code"],
    "fields": [{"name": "code", "required": True}],
}


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Import 20 batches of rows with a template document, from a folder that holds nothing else."""
    (tmp_path / "city.json").write_text(json.dumps(TEMPLATE))
    (tmp_path / "rows.csv").write_text("code\n" + "".join(f"c{n}\n" for n in range(20_000)))
    return [str(Path(sys.executable).parent / "longshore"), "import", "rows.csv", "--template", "city.json"]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("LONGSHORE_", "AWS_"))}


def test_it_imports_and_says_that_nothing_is_kept(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("code\nBRN\nZRH\n")
    done = subprocess.run(
        [*command, "--json"], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    job = json.loads(done.stdout)
    assert (job["status"], job["counts"]["rows"], job["counts"]["loaded"]) == ("COMPLETED", 2, 2)
    assert "nothing in it is kept" in done.stderr.splitlines()[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city.json", "rows.csv"]


def test_interrupted_it_says_so_and_ends_with_every_process(command: list[str], tmp_path: Path) -> None:
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as importing:
        assert importing.stderr is not None
        said = ""
        while "PROCESSING" not in said:
            said = importing.stderr.readline()
            assert said, "it ended before it could be interrupted"
        started = psutil.Process(importing.pid).children(recursive=True)
        assert started
        importing.send_signal(signal.SIGINT)
        last = importing.stderr.read().splitlines()[-1]
        assert importing.wait(60) == 130
    assert last == "longshore: interrupted; the embedded AWS of this command ends, and the import with it"
    assert psutil.wait_procs(started, timeout=10)[1] == []
