"""One name everywhere: the tree, template.yaml, the state machines, the settings and the sample events agree."""

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from longshore.domain.templates.template import parse_template
from longshore.messages import (
    BUS_SOURCE,
    BatchTask,
    DispatchRequest,
    FinishRequest,
    JobQueued,
    ObjectCreated,
    RunEnded,
    ScheduleFired,
    ValidationEvent,
    ValidationRequest,
)
from longshore.settings import Settings
from longshore.steps.import_request import ImportRequest
from longshore.steps.upload_key import parse_upload_key

ROOT = Path(__file__).parents[2]
EVENTS = sorted((ROOT / "events").glob("*.json"))
FUNCTIONS = sorted(p.name for p in (ROOT / "functions").iterdir() if (p / "app.py").exists())


class CloudFormation(yaml.SafeLoader):
    """Reads !Ref X as {"Ref": "X"} and any other !Tag X as {"Fn::Tag": X}."""


def _intrinsic(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag == "Ref" else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


CloudFormation.add_multi_constructor("!", _intrinsic)
TEMPLATE: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), CloudFormation)
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]


def of_type(kind: str) -> dict[str, Any]:
    return {name: r["Properties"] for name, r in RESOURCES.items() if r["Type"] == f"AWS::Serverless::{kind}"}


def logical_name(function: str) -> str:
    return "".join(word.capitalize() for word in function.split("_")) + "Function"


def environment(properties: dict[str, Any]) -> dict[str, Any]:
    return properties.get("Environment", {}).get("Variables", {})


def placeholders(machine: dict[str, Any]) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", (ROOT / machine["DefinitionUri"]).read_text()))


def events_of(function: str) -> list[Path]:
    return [p for p in EVENTS if p.name.partition(".")[0] == function]


def read(event: str) -> dict[str, Any]:
    return json.loads((ROOT / "events" / f"{event}.json").read_text())


def triggers(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield function and properties of each event source of a kind."""
    for function, properties in of_type("Function").items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == kind:
                yield function, event["Properties"]


def test_every_folder_of_functions_is_a_resource_and_nothing_else_is() -> None:
    assert {logical_name(f): f"functions/{f}" for f in FUNCTIONS} == {
        name: properties["CodeUri"].rstrip("/") for name, properties in of_type("Function").items()
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_the_step_of_its_name(function: str) -> None:
    assert (ROOT / "layers/longshore/longshore/steps" / f"{function}.py").exists()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_a_sample_event(function: str) -> None:
    assert events_of(function)


def test_every_sample_event_belongs_to_a_function_and_names_its_case() -> None:
    assert [p.name for p in EVENTS if not re.fullmatch(rf"({'|'.join(FUNCTIONS)})\.[a-z-]+\.json", p.name)] == []


def test_every_state_machine_file_is_a_resource() -> None:
    files = {f"statemachines/{p.name}" for p in (ROOT / "statemachines").iterdir()}
    assert files == {machine["DefinitionUri"] for machine in of_type("StateMachine").values()}


@pytest.mark.parametrize("name", of_type("StateMachine"))
def test_a_state_machine_uses_exactly_what_it_is_given(name: str) -> None:
    machine = of_type("StateMachine")[name]
    assert placeholders(machine) == set(machine["DefinitionSubstitutions"])


@pytest.mark.parametrize("name", of_type("StateMachine"))
def test_a_placeholder_of_a_function_names_that_function(name: str) -> None:
    given = of_type("StateMachine")[name]["DefinitionSubstitutions"]
    arns = {placeholder: value for placeholder, value in given.items() if placeholder.endswith("FunctionArn")}
    assert arns == {p: {"Fn::GetAtt": f"{p.removesuffix('Arn')}.Arn"} for p in arns}
    assert {p.removesuffix("Arn") for p in arns} <= set(of_type("Function"))


def test_settings_and_template_name_the_same_variables() -> None:
    given = set(environment(TEMPLATE["Globals"]["Function"]))
    for properties in of_type("Function").values():
        given |= set(environment(properties))
    assert {v for v in given if v.startswith("LONGSHORE_")} == {f"LONGSHORE_{f.name.upper()}" for f in fields(Settings)}


@pytest.mark.parametrize("function", of_type("Function"))
def test_every_function_is_given_what_has_no_default(function: str) -> None:
    given = environment(TEMPLATE["Globals"]["Function"]) | environment(of_type("Function")[function])
    needed = {f"LONGSHORE_{f.name.upper()}" for f in fields(Settings) if f.default is MISSING}
    assert needed <= set(given)


def test_a_worker_ends_before_its_task_and_its_task_before_its_claim() -> None:
    default = {name: parameter.get("Default") for name, parameter in TEMPLATE["Parameters"].items()}
    assert default["LoadBatchTimeout"] < default["LoadBatchTaskTimeout"] <= default["BatchTimeout"]


@pytest.mark.parametrize("layer", of_type("LayerVersion"))
def test_every_layer_is_built_by_its_makefile(layer: str) -> None:
    content = ROOT / of_type("LayerVersion")[layer]["ContentUri"]
    assert RESOURCES[layer]["Metadata"]["BuildMethod"] == "makefile"
    assert f"build-{layer}:" in (content / "Makefile").read_text()
    assert not (content / "python").exists(), "sam build would make python/python of it"


@pytest.mark.parametrize("event", ["object-created", "presigned"])
def test_uploads_of_the_samples_are_understood_and_match_the_rule(event: str) -> None:
    document = read(f"validate_upload.{event}")
    (rule,) = [
        properties for function, properties in triggers("EventBridgeRule") if function == "ValidateUploadFunction"
    ]
    upload = parse_upload_key(ObjectCreated.model_validate(document).detail.object.key)
    assert upload is not None
    assert bool(upload.job_id) is (event == "presigned")
    assert document["source"] in rule["Pattern"]["source"]
    assert document["detail-type"] in rule["Pattern"]["detail-type"]


def test_the_sample_that_asks_for_a_validation_names_a_job() -> None:
    document = read("validate_upload.asked")
    assert ValidationEvent.validate_python(document) == ValidationRequest(**document)
    assert isinstance(ValidationEvent.validate_python(read("validate_upload.object-created")), ObjectCreated)


def test_the_sample_firing_is_what_an_entry_sends() -> None:
    document = read("run_schedule.fired")
    assert ScheduleFired.model_validate(document).model_dump(mode="json") == document


def test_scheduler_may_run_schedules_and_is_the_only_one_that_the_api_gives_this_role_to() -> None:
    role = RESOURCES["ScheduleRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    statements = of_type("Function")["ApiFunction"]["Policies"][0]["Statement"]
    (passed,) = [s for s in statements if s["Action"] == "iam:PassRole"]
    assert passed["Resource"] == {"Fn::GetAtt": "ScheduleRole.Arn"}
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


def test_dispatch_jobs_is_woken_by_the_messages_of_the_bus() -> None:
    ((function, rule),) = [t for t in triggers("EventBridgeRule") if t[1].get("EventBusName") == {"Ref": "Bus"}]
    assert function == "DispatchJobsFunction"
    assert rule["Pattern"]["source"] == [BUS_SOURCE]
    assert set(rule["Pattern"]["detail-type"]) == {m.model_fields["detail_type"].default for m in (JobQueued, RunEnded)}


@pytest.mark.parametrize(("case", "message"), [("job-queued", JobQueued), ("run-ended", RunEnded)])
def test_sample_bus_events_carry_a_message(case: str, message: type[JobQueued | RunEnded]) -> None:
    document = read(f"dispatch_jobs.{case}")
    assert document["source"] == BUS_SOURCE
    assert document["detail-type"] == message.model_validate(document["detail"]).detail_type
    assert DispatchRequest.model_validate(document).detail.tenant == document["detail"]["tenant"]


def test_the_sample_without_a_tenant_asks_for_every_tenant() -> None:
    assert DispatchRequest.model_validate(read("dispatch_jobs.sweep")).detail.tenant == ""


def test_sample_task_is_one_item_of_a_manifest_and_nothing_else() -> None:
    document = read("load_batch.open-batch")
    assert BatchTask.model_validate(document).model_dump() == document


@pytest.mark.parametrize(("case", "error"), [("success", None), ("caught", "States.ItemReaderFailed")])
def test_sample_ends_of_runs_are_understood(case: str, error: str | None) -> None:
    request = FinishRequest.model_validate(read(f"finish_run.{case}"))
    assert (request.error or {}).get("Error") == error


def test_the_minute_of_sweep_comes_from_a_schedule() -> None:
    ((function, schedule),) = triggers("ScheduleV2")
    assert (function, schedule["ScheduleExpression"]) == ("SweepFunction", "rate(1 minute)")
    assert read("sweep.minute")["source"] == "aws.scheduler"


@pytest.mark.parametrize("path", events_of("api"), ids=lambda p: p.name)
def test_sample_requests_are_payload_2_of_a_route_with_a_verified_token(path: Path) -> None:
    event = json.loads(path.read_text())
    routes = {f"{r['Method']} {r['Path']}" for _, r in triggers("HttpApi")}
    assert event["version"] == "2.0"
    assert event["routeKey"] in routes
    assert {"sub", "tenant", "role"} <= set(event["requestContext"]["authorizer"]["jwt"]["claims"])


def test_sample_bodies_are_accepted() -> None:
    template = parse_template(json.loads(read("api.put-template")["body"]))
    request = ImportRequest.parse(json.loads(read("api.create-import")["body"]))
    assert read("api.put-template")["pathParameters"] == {"name": template.name}
    assert request.template == template.name
