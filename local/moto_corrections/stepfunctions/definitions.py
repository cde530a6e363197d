"""State machine definitions: what moto would run wrongly is refused, what it refuses wrongly is rewritten.

A feature that is not needed here and that moto gets wrong must fail when the state machine is created, not run wrongly.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local.moto_corrections.patching import replace

READERS = ("s3:getObject", "s3:listObjectsV2")
READER_FORMATS = ("JSON", "CSV", "MANIFEST")


def apply() -> None:
    """Check definitions before moto does, and parse each text once."""
    moto_parse, moto_validate = AmazonStateLanguageParser.parse, StepFunctionsParserBackend._validate_definition

    @lru_cache(maxsize=256)
    def parse(definition: str) -> Any:
        # The components of a program keep no state of an execution: moto itself shares them between a Map's workers.
        return moto_parse(rewritten(definition))

    def validate(definition: str) -> None:
        refuse_unsupported(definition)
        moto_validate(definition)

    replace(AmazonStateLanguageParser, "parse", staticmethod(parse))
    replace(StepFunctionsParserBackend, "_validate_definition", staticmethod(validate))


def rewritten(definition: str) -> str:
    """The definition as moto takes it: ToleratedFailurePercentage as a decimal, each ItemReader with its format."""
    tree = json.loads(definition)
    for _, node in _objects(tree, "$"):
        if isinstance(node.get("ToleratedFailurePercentage"), int):
            node["ToleratedFailurePercentage"] = float(node["ToleratedFailurePercentage"])
        if str(node.get("ItemReader", {}).get("Resource", "")).endswith("s3:getObject"):
            node["ItemReader"].setdefault("ReaderConfig", {}).setdefault("InputType", "JSON")
    return json.dumps(tree)


def refuse_unsupported(definition: str) -> None:
    """Raise InvalidDefinition, naming place and feature, for what the embedded AWS does not run as AWS does."""
    try:
        tree = json.loads(definition)
    except ValueError:
        return  # moto names the place
    for place, node in _objects(tree, "$"):
        for feature in _unsupported(node):
            raise InvalidDefinition(f"{feature} at {place} is not part of the embedded AWS")


def _unsupported(node: dict[str, Any]) -> Iterator[str]:
    if node.get("QueryLanguage") == "JSONata":
        yield "QueryLanguage JSONata"
    if node.get("Type") and "Assign" in node:
        yield "Assign"
    if str(node.get("Resource", "")).startswith("arn:aws:states:::states:startExecution"):
        yield "a nested execution"
    if node.get("Type") != "Map":
        return
    if "ItemBatcher" in node:
        yield "ItemBatcher"
    if node.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("ExecutionType") == "EXPRESS":
        yield "ExecutionType EXPRESS of a distributed Map"
    reader = node.get("ItemReader")
    if reader is None:
        return
    if not str(reader.get("Resource", "")).endswith(READERS):
        yield f"the ItemReader resource {reader.get('Resource')}"
    input_type = reader.get("ReaderConfig", {}).get("InputType", "JSON")
    if input_type not in READER_FORMATS:
        yield f"the InputType {input_type} of an ItemReader"


def _objects(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a definition with its place; the constant data of Pass states and parameters is left alone."""
    if isinstance(node, dict):
        yield place, node
        for name, child in node.items():
            if name not in ("Result", "Parameters", "ItemSelector", "ResultSelector"):
                yield from _objects(child, f"{place}.{name}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _objects(child, f"{place}[{index}]")
