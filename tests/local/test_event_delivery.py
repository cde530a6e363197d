"""What a target receives of an event."""

import json

import pytest

from local.event_delivery import target_input

EVENT = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "resources": ["arn:bucket"],
    "detail": {"object": {"key": 'a "quoted" key', "size": 3}, "parts": [{"n": 1}, {"n": 2}]},
}


def test_without_settings_a_target_receives_the_event() -> None:
    assert json.loads(target_input({}, EVENT)) == EVENT


def test_a_constant_input_replaces_the_event() -> None:
    assert target_input({"Input": '{"a": 1}'}, EVENT) == '{"a": 1}'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.detail.object", EVENT["detail"]["object"]),
        ("$.detail.parts[1].n", 2),
        ("$.detail.nothing", None),
        ("$", EVENT),
    ],
)
def test_an_input_path_takes_a_part_of_the_event(path: str, expected: object) -> None:
    assert json.loads(target_input({"InputPath": path}, EVENT)) == expected


def test_an_input_transformer_fills_its_template() -> None:
    transformer = {
        "InputPathsMap": {"key": "$.detail.object.key", "object": "$.detail.object", "size": "$.detail.object.size"},
        "InputTemplate": '{"key": <key>, "text": "key <key> of <size> bytes", "object": <object>, "other": "<none>"}',
    }
    assert json.loads(target_input({"InputTransformer": transformer}, EVENT)) == {
        "key": 'a "quoted" key',
        "text": 'key a "quoted" key of 3 bytes',
        "object": {"key": 'a "quoted" key', "size": 3},
        "other": "<none>",
    }


def test_an_input_transformer_may_pass_the_whole_event_on() -> None:
    template = {"InputTemplate": '{"event": <aws.events.event.json>}'}
    assert json.loads(target_input({"InputTransformer": template}, EVENT)) == {"event": EVENT}
