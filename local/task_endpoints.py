"""Leads the tasks of state machines to another engine than moto, for those services that have one."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from moto.stepfunctions.parser.asl.utils import boto_client

from local.moto_corrections.patching import replace_imported


def send_tasks_to(endpoints: Mapping[str, str]) -> None:
    """Have the integrations of these services (e.g. dynamodb:updateItem) call their endpoint, in this process."""
    others: dict[tuple[str, str], Any] = {}
    usual = boto_client.boto_client_for

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        if service not in endpoints:
            return usual(region, service, state_credentials)
        if (region, service) not in others:
            others[region, service] = boto3.client(  # type: ignore[call-overload]
                service,
                region_name=region,
                endpoint_url=endpoints[service],
                aws_access_key_id="local",
                aws_secret_access_key="local",
                config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
            )
        return others[region, service]

    replace_imported("moto.stepfunctions.", "boto_client_for", usual, client_for)
