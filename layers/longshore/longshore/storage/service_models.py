"""A boto3 session that loads the models of AWS's services in a fraction of the time.

Before it loads one, botocore looks into the folders of all 400 services, twice, and it parses each file into ordered
dictionaries with Python's own parser. Together that is a fifth of what bare clients cost a cold start.
"""

import gzip
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import orjson
from botocore.loaders import JSONFileLoader, Loader

SERVICES = ("dynamodb", "events", "lambda", "s3", "scheduler", "stepfunctions")


class ModelFiles(JSONFileLoader):
    """Reads the JSON files of botocore's data; a path is named without its `.json` or `.json.gz`."""

    def exists(self, file_path: str) -> bool:
        """Whether there is such a file."""
        return any(Path(file_path + suffix).is_file() for suffix in (".json.gz", ".json"))

    def load_file(self, file_path: str) -> Any:
        """Return the document, None where there is no such file."""
        try:
            return orjson.loads(gzip.decompress(Path(file_path + ".json.gz").read_bytes()))
        except FileNotFoundError:
            pass
        try:
            return orjson.loads(Path(file_path + ".json").read_bytes())
        except FileNotFoundError:
            return None


class ServiceModels(Loader):
    """botocore's loader, which knows beforehand what it may be asked for."""

    def __init__(self) -> None:
        super().__init__(file_loader=ModelFiles())

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services that Longshore calls; each has models of every type that a client loads."""
        return list(SERVICES)


def session() -> boto3.Session:
    """Return a new session; credentials and region are found as ever."""
    core = botocore.session.get_session()
    core.register_component("data_loader", ServiceModels())
    return boto3.Session(botocore_session=core)
