"""The files of a distributed Map's ResultWriter: a manifest, and one file per outcome; moto writes an empty manifest.

Source: AWS Step Functions Developer Guide, "ResultWriter (Map)". Each entry has Input, Output, Name, Status and
StateMachineArn of one child.
"""

import json
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.resource_eval.resource_eval_s3 import (
    ResourceEvalS3,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local.moto_corrections.patching import replace
from local.moto_corrections.stepfunctions.maps import outcomes

STATUSES = {"succeeded": "SUCCEEDED", "failed": "FAILED", "timed_out": "FAILED", "aborted": "PENDING"}


def apply() -> None:
    """Write result files."""
    replace(ResourceEvalS3, "_handle_put_object", staticmethod(write_results))


def write_results(env: Environment, resource_runtime_part: Any, state_credentials: Any) -> None:
    """Write the outcomes of the last Map run; its result becomes the place of the manifest."""
    target = env.stack.pop()
    env.stack.pop()
    s3 = ResourceEvalS3._get_s3_client(resource_runtime_part, state_credentials)
    record: MapRunRecord = env.map_run_record_pool_manager.get_all()[-1]
    prefix = target.get("Prefix", "").rstrip("/")
    folder = f"{prefix}/" if prefix else ""
    folder += record.map_run_arn.rpartition(":")[2]
    files: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status, listed in files.items():
        entries = _entries(record, status)
        if entries:
            key, body = f"{folder}/{status}_0.json", json.dumps(entries).encode()
            s3.put_object(Bucket=target["Bucket"], Key=key, Body=body)
            listed.append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": target["Bucket"], "MapRunArn": record.map_run_arn, "ResultFiles": files}
    s3.put_object(Bucket=target["Bucket"], Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())
    place = {"Bucket": target["Bucket"], "Key": f"{folder}/manifest.json"}
    env.stack.append({"MapRunArn": record.map_run_arn, "ResultWriterDetails": place})


def _entries(record: MapRunRecord, status: str) -> list[dict[str, Any]]:
    found = []
    for index, (outcome, given, output) in sorted(outcomes.get(record, {}).items()):
        if STATUSES[outcome] != status:
            continue
        entry = {"Name": f"item-{index}", "Status": status, "Input": json.dumps(given)}
        if outcome == "succeeded":
            entry["Output"] = json.dumps(output)
        found.append({**entry, "StateMachineArn": record.map_state_machine_arn})
    return found
