"""Functions that belong to no stack, as tenants have them beside Longshore; they may do nothing to what is its own."""

import json
from pathlib import Path

from local.function_configuration import FunctionConfiguration
from local.resources.creator import Environment
from local.resources.functions import known, stand_in

HANDLER = "app.lambda_handler"
TIMEOUT = 60
"""Seconds; Longshore waits no longer for a rule function."""

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def add_function(environment: Environment, name: str, code: Path, timeout: float = TIMEOUT) -> None:
    """Create a function of a folder with an app.py that has a lambda_handler; its role allows it nothing.

    Raises FileNotFoundError where there is no such file.
    """
    if not (code / "app.py").is_file():
        raise FileNotFoundError(f"{code / 'app.py'} is not there; a function is a folder with an app.py in it")
    role = environment.call("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    request = {"FunctionName": name, "Role": role["Arn"], "Handler": HANDLER, "Runtime": "python3.13"}
    arn = environment.call("lambda", "create_function", Code=stand_in(), **request)["FunctionArn"]
    known(
        environment,
        FunctionConfiguration(
            name=name,
            logical_id=name,
            arn=arn,
            role=role["Arn"],
            handler=HANDLER,
            code=code.resolve(),
            timeout=timeout,
            log_group=f"/aws/lambda/{name}",
        ),
    )
