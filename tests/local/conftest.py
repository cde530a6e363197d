"""Fixtures of the embedded AWS's own tests: tiny functions, a Lambda service without moto, small templates."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from local.embedded_aws import EmbeddedAws
from local.function_configuration import FunctionConfiguration
from local.lambda_service import LambdaService
from local.process_keeper import ProcessKeeper

REGION = "us-west-2"
"""Not the region of the `aws` fixture: moto keeps its state by region, and these tests start and stop many stacks."""

numbers = itertools.count(1)


@pytest.fixture
def keeper() -> Iterator[ProcessKeeper]:
    keeper = ProcessKeeper()
    yield keeper
    keeper.stop()


@pytest.fixture
def lambda_service(tmp_path: Path, keeper: ProcessKeeper) -> Iterator[Callable[..., LambdaService]]:
    """lambda_service(**arguments) -> a Lambda service that is stopped after the test."""
    started = []

    def start(**arguments: object) -> LambdaService:
        service = LambdaService({"AWS_REGION": REGION}, tmp_path, keeper, **arguments)
        started.append(service)
        return service

    yield start
    for service in started:
        service.stop()


@pytest.fixture
def function(tmp_path: Path) -> Callable[..., FunctionConfiguration]:
    """function(source, **configuration) -> a function whose app.py is that source."""

    def make(source: str, **configuration: object) -> FunctionConfiguration:
        name = f"function-{next(numbers)}"
        code = tmp_path / name
        code.mkdir()
        (code / "app.py").write_text(dedent(source))
        arn = f"arn:aws:lambda:{REGION}:123456789012:function:{name}"
        defaults = {"name": name, "logical_id": name, "arn": arn, "handler": "app.handler", "code": code}
        return FunctionConfiguration(**{**defaults, **configuration})

    return make


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Callable[..., EmbeddedAws]]:
    """stack(template, parameters={}, app="...", files={}, **arguments) -> an embedded AWS of that template, and up.

    template: the YAML text of everything but the header. app: the text of code/app.py. files: more texts by path.
    """
    started = []

    def start(
        template: str,
        parameters: dict[str, str] | None = None,
        app: str = "",
        files: dict[str, str] | None = None,
        **arguments: object,
    ) -> EmbeddedAws:
        root = tmp_path / f"root-{next(numbers)}"
        (root / "code").mkdir(parents=True)
        (root / "code" / "app.py").write_text(dedent(app))
        for name, text in (files or {}).items():
            (root / name).write_text(text)
        (root / "template.yaml").write_text("Transform: AWS::Serverless-2016-10-31\n" + dedent(template))
        options = {"region": REGION, "stack_name": f"test{next(numbers)}", "time_scale": 0.01, **arguments}
        aws = EmbeddedAws(root, parameters or {}, tmp_path / "logs", **options)
        started.append(aws)
        aws.start()
        return aws

    yield start
    for aws in started:
        aws.stop()
