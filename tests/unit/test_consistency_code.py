"""The code keeps to its architecture: imports point one way, one reader of the environment, small files."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/longshore/longshore"
AWS_SDKS = {"boto3", "botocore", "pynamodb"}
MAY_USE_AWS = {"storage", "sources", "destinations"}

BASE = {"errors", "messages", "settings", "observability"}
MAY_IMPORT = {
    "domain": {"domain", "errors"},
    "readers": {"readers", "domain", "errors"},
    "steps": {"steps", "readers", "domain", *BASE},
    # Adapters implement the Protocols of steps/ports.py and know nothing else of the steps.
    "storage": {"storage", "steps.ports", "domain", *BASE},
    "sources": {"sources", "steps.ports", "domain", *BASE},
    "destinations": {"destinations", "steps.ports", "domain", *BASE},
    "errors": set(),
    "settings": {"errors"},
    "collector": set(),
    "messages": {"domain", "errors"},
    "observability": {"errors", "settings"},
    "bootstrap": {"storage", "sources", "destinations", "steps", "readers", "domain", "collector", *BASE},
}
FUNCTIONS_MAY_IMPORT = {"bootstrap", "steps", "domain", *BASE}

LIBRARY = sorted(PACKAGE.rglob("*.py"))
FUNCTIONS = sorted((ROOT / "functions").rglob("*.py"))
DEPLOYED = [*LIBRARY, *FUNCTIONS]
OURS = [*DEPLOYED, *(p for folder in ("cli", "local") for p in sorted((ROOT / folder).rglob("*.py")))]
EVERYTHING = [*OURS, *sorted((ROOT / "tests").rglob("*.py"))]


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text()))


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of everything that a file imports, wherever in the file."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within_library(path: Path) -> Iterator[str]:
    """Yield what a file imports of the library, without the leading "longshore."."""
    return (name.removeprefix("longshore.") for name in imported(path) if name.startswith("longshore."))


def top_level(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def beyond(names: Iterator[str], allowed: set[str]) -> list[str]:
    return [name for name in names if not any(name == a or name.startswith(f"{a}.") for a in allowed)]


def offenders(paths: Iterable[Path], fault: Callable[[Path], object]) -> dict[str, object]:
    """Return what is wrong with each file that has a fault."""
    return {str(p.relative_to(ROOT)): found for p in paths if (found := fault(p))}


def test_imports_of_the_library_point_one_way() -> None:
    inside = [p for p in LIBRARY if p != PACKAGE / "__init__.py"]
    assert offenders(inside, lambda p: beyond(within_library(p), MAY_IMPORT[layer_of(p)])) == {}


def test_functions_reach_storage_only_through_bootstrap() -> None:
    assert offenders(FUNCTIONS, lambda p: beyond(within_library(p), FUNCTIONS_MAY_IMPORT)) == {}


def test_nothing_that_is_deployed_imports_what_only_the_laptop_has() -> None:
    assert offenders(DEPLOYED, lambda p: top_level(p) & {"cli", "local", "moto", "tests"}) == {}


def test_aws_is_called_from_the_adapters_only() -> None:
    others = [p for p in DEPLOYED if p in FUNCTIONS or layer_of(p) not in MAY_USE_AWS]
    assert offenders(others, lambda p: top_level(p) & AWS_SDKS) == {}


def test_the_domain_is_pure() -> None:
    io = {"os", "io", "socket", "pathlib", "subprocess", "time", "requests", "urllib", "aws_lambda_powertools"}
    domain = [p for p in LIBRARY if layer_of(p) == "domain"]
    assert offenders(domain, lambda p: top_level(p) & (io | AWS_SDKS)) == {}
    assert offenders(domain, lambda p: re.findall(r"\b(?:datetime|date)\.(?:now|utcnow|today)\(", p.read_text())) == {}


def test_only_settings_reads_the_environment() -> None:
    def reads(path: Path) -> set[str]:
        attributes = {ast.unparse(node) for node in nodes(path) if isinstance(node, ast.Attribute)}
        return (attributes | set(imported(path))) & {"os.environ", "os.environb", "os.getenv"}

    assert offenders(DEPLOYED, reads).keys() == {"layers/longshore/longshore/settings.py"}


def test_handlers_are_short() -> None:
    handlers = [p for p in FUNCTIONS if p.name == "app.py"]
    assert offenders(handlers, lambda p: max(0, lines(p) - 40)) == {}


def test_files_are_small() -> None:
    assert offenders(EVERYTHING, lambda p: max(0, lines(p) - 300)) == {}


def test_functions_are_small() -> None:
    def long(path: Path) -> list[str]:
        functions = (n for n in nodes(path) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
        return [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno + 1 > 50]

    assert offenders(OURS, long) == {}


def test_names_of_modules_say_what_is_in_them() -> None:
    assert offenders(EVERYTHING, lambda p: re.findall(r"util|helper|common|constants|misc", p.stem)) == {}


def test_a_module_opens_with_one_sentence() -> None:
    def unlike_a_sentence(path: Path) -> str:
        first, *_ = (ast.get_docstring(ast.parse(path.read_text())) or "nothing").split("\n\n")
        return "" if re.search(r"[.:]$", first) else first

    assert offenders(OURS, unlike_a_sentence) == {}
