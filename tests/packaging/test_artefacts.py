"""`sam build` makes what Lambda runs: arm64 and python3.13, whatever machine and interpreter it runs on."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AARCH64 = 183
"""e_machine of an ELF header (ELF for the Arm 64-bit Architecture, section 5.2)."""
LAMBDA_LIMIT = 250 * 1024 * 1024
"""Bytes of a function and its layers, unzipped (Lambda developer guide, "Lambda quotas")."""

pytestmark = pytest.mark.slow  # fetches the wheels of another platform and unpacks them


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build into a folder of our own; only the interpreter of the tests and system commands are on the path."""
    folder = tmp_path_factory.mktemp("build")
    commands = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{commands}:{os.environ['PATH']}", "SAM_CLI_TELEMETRY": "0"}
    command = [commands / "sam", "build", "--build-dir", folder / "artefacts", "--cache-dir", folder / "cache"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "artefacts"


def machine(path: Path) -> int:
    header = path.read_bytes()[:20]
    assert header[:4] == b"\x7fELF"
    (e_machine,) = struct.unpack("<H", header[18:20])
    return e_machine


def test_every_compiled_module_is_for_lambda(built: Path) -> None:
    modules = sorted((built / "DependenciesLayer/python").rglob("*.so"))
    names = {m.name.partition(".")[0] for m in modules}
    assert {"_pydantic_core", "orjson", "_re2"} <= names
    assert {m.name: machine(m) for m in modules if machine(m) != AARCH64} == {}
    assert [m.name for m in modules if "x86_64" in m.name] == []
    assert [m.name for m in modules if "cpython-" in m.name and "cpython-313-aarch64" not in m.name] == []


def test_layers_are_unpacked_where_python_looks(built: Path) -> None:
    assert (built / "DependenciesLayer/python/boto3/__init__.py").exists()
    assert (built / "LongshoreLayer/python/longshore/settings.py").exists()
    assert list(built.glob("*/python/python")) == []


def test_nothing_that_this_machine_compiled_is_shipped(built: Path) -> None:
    assert list(built.rglob("*.pyc")) == []


def test_every_function_is_its_own_folder_and_no_more(built: Path) -> None:
    for source in (ROOT / "functions").glob("*/app.py"):
        name = "".join(word.capitalize() for word in source.parent.name.split("_")) + "Function"
        assert {p.name for p in (built / name).iterdir()} == {p.name for p in source.parent.glob("*.py")}


def test_a_function_with_its_layers_is_within_the_limit_of_lambda(built: Path) -> None:
    assert sum(p.stat().st_size for p in built.rglob("*") if p.is_file()) < LAMBDA_LIMIT
