"""Compile the modules of a built layer for Lambda, where /opt is read-only and each cold start would compile them anew.

Bytecode depends on the version of CPython, not on the processor. The first of these that works compiles: a Python 3.13
of this machine, or Pyodide, which is CPython 3.13 for WebAssembly, in node (package.json pins it). Where neither is,
the layer stays as it is: correct, but slower to start. The Makefiles of the layers call this with the layer's folder.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parents[1]
COMPILE = """
import compileall, importlib.util, py_compile, sys

if importlib.util.MAGIC_NUMBER != b"\\xf3\\r\\r\\n":
    raise RuntimeError(f"{sys.version} does not write the bytecode of Python 3.13")
# Sources have any time of change in Lambda, and never change there: nothing is to be compared (PEP 552).
unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
compileall.compile_dir(folder, quiet=2, stripdir=folder, prependdir="/opt", invalidation_mode=unchecked)
"""
"""Compiles what is below `folder`; what does not compile is left to whoever imports it. The magic number, 3571, is that
of every release of 3.13 (importlib/_bootstrap_external.py)."""
IN_PYTHON = f"import sys\nfolder = sys.argv[1]\n{COMPILE}"
IN_NODE = """
import { loadPyodide } from "pyodide";
const [, folder, program] = process.argv;
const python = await loadPyodide();
python.mountNodeFS("/opt", folder);
python.globals.set("folder", "/opt");
python.runPython(program);
"""


def main(folder: str) -> None:
    """Compile the layer in a folder (absolute), or say what it costs that this machine cannot."""
    if not any(succeeds(command) for command in compilers(folder)):
        print(  # `sam build` shows what a Makefile says on this stream only
            f"{Path(folder).name} is built without bytecode: every cold start compiles its modules, for 2.6 times the "
            "CPU time. Install Python 3.13, or node 20 and run `npm ci`, then build again.",
            flush=True,
        )


def compilers(folder: str) -> Iterator[list[str]]:
    """Yield commands that compile the folder, the best first; none is certain to work."""
    # A python3.13 may be a shim that only says which versions pyenv has: the real one may come later on the path.
    on_path = [which("python3.13", path=place) for place in os.get_exec_path()]
    # Isolated (-I), so that nobody's PYTHONOPTIMIZE or PYTHONPATH changes what is built.
    for python in (sys.executable, *on_path, managed_by_uv()):
        if python:
            yield [python, "-I", "-c", IN_PYTHON, folder]
    if node := which("node"):
        yield [node, "--input-type=module", "--eval", IN_NODE, "--", folder, COMPILE]


def managed_by_uv() -> str | None:
    """Return the Python 3.13 that uv has installed earlier; it installs none now."""
    uv = which("uv")
    if not uv:
        return None
    command = [uv, "python", "find", "--managed-python", "--no-python-downloads", "3.13"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None


def succeeds(command: list[str]) -> bool:
    """Return whether a command ends well; it runs where node finds the packages of this repository."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    main(sys.argv[1])
