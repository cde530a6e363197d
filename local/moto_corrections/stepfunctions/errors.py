"""The names of API errors: moto's interpreter gives its errors a `code`, but its server answers with their `TYPE`."""

from moto.core.exceptions import AWSError
from moto.stepfunctions.parser import api


def apply() -> None:
    """Answer InvalidDefinition, TaskTimedOut and their like under their names instead of none."""
    for error in vars(api).values():
        if isinstance(error, type) and issubclass(error, AWSError) and "code" in vars(error):
            error.TYPE, error.STATUS = vars(error)["code"], vars(error).get("status_code", 400)
