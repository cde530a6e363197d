"""`sam build` makes what Lambda runs: arm64 and python3.13, whatever machine and interpreter it runs on."""

import _imp
import os
import struct
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).parents[2]
AARCH64 = 183
"""e_machine of an ELF header (ELF for the Arm 64-bit Architecture, section 5.2)."""
LAMBDA_LIMIT = 250 * 1024 * 1024
"""Bytes of a function and its layers, unzipped (Lambda developer guide, "Lambda quotas")."""
PYTHON_313 = 3571 | ord("\r") << 16 | ord("\n") << 24
"""Magic number of its bytecode (importlib/_bootstrap_external.py)."""
HASH_BASED_UNCHECKED = 0b01
"""Flags of a module that is imported without a look at its source (PEP 552)."""

pytestmark = pytest.mark.slow  # fetches the wheels of another platform, unpacks and compiles them


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build into a folder of our own; only the interpreter of the tests and system commands are on the path."""
    if which("npm"):  # as `make build` does it; `sam build` alone uses what is there
        subprocess.run(["make", "--silent", "node_modules/.installed"], cwd=ROOT, check=True)
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


def compiled(layer: Path) -> dict[Path, bytes]:
    """Return the compiled modules of a layer."""
    return {p.relative_to(layer): p.read_bytes() for p in layer.rglob("*.pyc")}


def compiled_for_lambda(layer: Path) -> dict[Path, bytes]:
    """Return where the compiled form of each module has to be, and the header that Python 3.13 wants to see."""
    return {
        source.relative_to(layer).parent / f"__pycache__/{source.stem}.cpython-313.pyc": struct.pack(
            "<II8s", PYTHON_313, HASH_BASED_UNCHECKED, _imp.source_hash(PYTHON_313, source.read_bytes())
        )
        for source in layer.rglob("*.py")
    }


@pytest.mark.parametrize("layer", ["DependenciesLayer", "LongshoreLayer"])
def test_every_module_of_a_layer_is_compiled_for_lambda(built: Path, layer: str) -> None:
    modules = compiled(built / layer)
    if not modules and not which("node"):
        pytest.skip("this machine has neither Python 3.13 nor node")
    assert {path: module[:16] for path, module in modules.items()} == compiled_for_lambda(built / layer)


def some_layer(folder: Path) -> Path:
    package = folder / "python/package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('KINDS = frozenset({"a", "b", "c"})\n')
    (package / "module.py").write_text("def squares(n: int) -> list[int]:\n    return [i * i for i in range(n)]\n")
    return folder


def compile_layer(folder: Path, path: Path) -> str:
    """Compile a layer with the commands of one folder; return what the user reads."""
    command = [sys.executable, ROOT / "layers/compile_layer.py", folder]
    return subprocess.run(command, env={"PATH": str(path)}, stdout=subprocess.PIPE, text=True, check=True).stdout


def test_a_layer_is_compiled_alike_wherever_it_lies_and_without_a_python_of_that_version(tmp_path: Path) -> None:
    node = which("node")
    if not node:
        pytest.skip("node is not on the path")
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "node").symlink_to(node)
    shim = commands / "python3.13"  # as pyenv puts it there for a version that is not chosen
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    first, second = some_layer(tmp_path / "first"), some_layer(tmp_path / "second")
    assert [compile_layer(first, commands), compile_layer(second, commands)] == ["", ""]
    assert {path: module[:16] for path, module in compiled(first).items()} == compiled_for_lambda(first)
    assert compiled(first) == compiled(second)
    assert all(b"/opt/python/package/" in module for module in compiled(first).values())


@pytest.mark.skipif(sys.version_info[:2] == (3, 13), reason="this interpreter compiles for Lambda")
def test_a_layer_that_cannot_be_compiled_is_built_all_the_same(tmp_path: Path) -> None:
    layer = some_layer(tmp_path / "SomeLayer")
    assert compile_layer(layer, tmp_path).startswith("SomeLayer is built without bytecode: every cold start compiles")
    assert compiled(layer) == {}


def test_every_function_is_its_own_folder_and_no_more(built: Path) -> None:
    for source in (ROOT / "functions").glob("*/app.py"):
        name = "".join(word.capitalize() for word in source.parent.name.split("_")) + "Function"
        assert {p.name for p in (built / name).iterdir()} == {p.name for p in source.parent.glob("*.py")}


def test_a_function_with_its_layers_is_within_the_limit_of_lambda(built: Path) -> None:
    assert sum(p.stat().st_size for p in built.rglob("*") if p.is_file()) < LAMBDA_LIMIT
