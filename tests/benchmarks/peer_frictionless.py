"""frictionless validate on a file of students, in an environment of its own under build/."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.engines import NotAvailable
from tests.benchmarks.students import BLANK, FALSE, HEADER, PHONE, SPELLED_STATUSES, STUDENT_ID, TRUE

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
FOLDER = Path("build/bench-venv")
PYTHON = FOLDER / "bin" / "python"
STAMP = FOLDER / "installed.lock"

RULES: dict[str, dict[str, Any]] = {
    "Student ID": {"type": "string", "constraints": {"required": True, "pattern": STUDENT_ID, "unique": True}},
    "First Name": {"type": "string", "constraints": {"required": True, "maxLength": 60}},
    "Last Name": {"type": "string", "constraints": {"required": True, "maxLength": 60}},
    "E-mail": {"type": "string", "format": "email", "constraints": {"required": True}},
    "Birth Date": {
        "type": "date",
        "format": "%d/%m/%Y",
        "constraints": {"required": True, "minimum": "01/01/1930", "maximum": "31/12/2020"},
    },
    "Enrolled At": {"type": "datetime", "constraints": {"required": True}},
    "Balance": {"type": "number", "constraints": {"minimum": -10_000, "maximum": 1_000_000}},
    "Credits": {"type": "integer", "constraints": {"required": True, "minimum": 0, "maximum": 400}},
    "Active": {
        "type": "boolean",
        "trueValues": list(TRUE),
        "falseValues": list(FALSE),
        "constraints": {"required": True},
    },
    "Status": {"type": "string", "constraints": {"required": True, "enum": list(SPELLED_STATUSES)}},
    "Phone": {"type": "string", "constraints": {"pattern": PHONE}},
    "Notes": {"type": "string", "constraints": {"maxLength": 1000}},
}
SCHEMA = {"fields": [{"name": name, **RULES[name]} for name in HEADER], "missingValues": ["", BLANK]}
"""The rules of students.TEMPLATE but for the one between two fields, which frictionless has not."""


@dataclass(frozen=True)
class Verdict:
    """What frictionless took, and the (row, header) of its errors."""

    rows: int
    cpu: float
    faulty: frozenset[tuple[int, str]]


def check(path: Path, places: Path) -> Verdict:
    """Validate a file; raise NotAvailable where frictionless cannot be installed."""
    install()
    script = HERE / "students_frictionless.py"
    command = [str(PYTHON), str(script), str(path), str(places)]
    done = subprocess.run(command, input=json.dumps(SCHEMA), stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    faulty = frozenset((row, header) for row, header in json.loads(places.read_text()))
    return Verdict(found["rows"], found["cpu"], faulty)


def install() -> None:
    """Make the environment that requirements.lock describes, unless it is there."""
    if STAMP.exists() and STAMP.read_bytes() == LOCK.read_bytes():
        return
    uv = str(Path(sys.executable).with_name("uv"))
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER)],
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), str(LOCK)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotAvailable(f"frictionless could not be installed: {done.stderr.strip()[-200:]}")
    shutil.copy(LOCK, STAMP)
