"""Intrinsic functions of CloudFormation."""

import pytest

from local.intrinsics import Resolver
from local.sam_template import Template, TemplateError

TEMPLATE = Template(
    parameters={},
    mappings={"Sizes": {"small": {"memory": 128}}},
    conditions={
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
        "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
    },
    resources={},
    outputs={},
    local_paths={},
)


@pytest.fixture
def resolver() -> Resolver:
    known = {"Table": {"Ref": "table-1", "Arn": "arn:table-1"}}
    return Resolver(TEMPLATE, {"Stage": "dev", "Count": "2"}, {"AWS::Region": "eu-west-1"}, lambda name: known[name])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Stage"}, "dev"),
        ({"Ref": "Table"}, "table-1"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "arn:table-1"),
        ({"Fn::GetAtt": "Table.Arn"}, "arn:table-1"),
        ({"Fn::Sub": "${Table}/${Table.Arn}/${AWS::Region}/${!literal}"}, "table-1/arn:table-1/eu-west-1/${literal}"),
        ({"Fn::Sub": ["${own}-${Stage}", {"own": {"Ref": "Count"}}]}, "2-dev"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 3]]}, "a-dev-3"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", "small", "memory"]}, 128),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::ToJsonString": {"a": {"Ref": "Count"}}}, '{"a": "2"}'),
        ({"Fn::If": ["IsProd", {"Ref": "Missing"}, "dev only"]}, "dev only"),
        ({"a": {"Fn::If": ["IsProd", 1, {"Ref": "AWS::NoValue"}]}, "b": None}, {"b": None}),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        (
            {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ),
    ],
)
def test_an_intrinsic_function_gives_its_value(resolver: Resolver, value: object, expected: object) -> None:
    assert resolver.resolve(value) == expected


@pytest.mark.parametrize(("name", "holds"), [("IsProd", False), ("IsDev", True), ("Both", False), ("Either", True)])
def test_a_condition_holds_or_not(resolver: Resolver, name: str, holds: bool) -> None:
    assert resolver.condition(name) is holds


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Fn::GetAtt": ["Table", "Colour"]}, "Table has no attribute Colour here, only Arn, Ref"),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, "Fn::Cidr is not known to the embedded AWS"),
        ({"Fn::If": ["Nope", 1, 2]}, "the condition Nope is not defined"),
        ({"Fn::FindInMap": ["Sizes", "large", "memory"]}, "Fn::FindInMap: Sizes.large.memory is not in Mappings"),
    ],
)
def test_what_cannot_be_resolved_is_an_error_that_names_it(resolver: Resolver, value: object, message: str) -> None:
    with pytest.raises(TemplateError) as refused:
        resolver.resolve(value)
    assert str(refused.value) == message
