"""Parameters of a template and their constraints."""

import pytest

from local.parameters import parameter_values
from local.sam_template import TemplateError

DECLARED = {
    "Workers": {"Type": "Number", "Default": 10, "MinValue": 1, "MaxValue": 20},
    "Protect": {"Type": "String", "Default": True, "AllowedValues": [True, False]},
    "Name": {"Type": "String", "Default": "abc", "AllowedPattern": "[a-z]+", "MinLength": 2, "MaxLength": 4},
    "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
}


def test_defaults_are_text_as_cloudformation_has_it() -> None:
    assert parameter_values(DECLARED, {}) == {"Workers": "10", "Protect": "true", "Name": "abc", "Zones": ["a", "b"]}


def test_an_override_replaces_the_default() -> None:
    assert parameter_values(DECLARED, {"Workers": "3"})["Workers"] == "3"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"Worker": "3"}, "the template has no parameter Worker; it has Workers, Protect, Name, Zones"),
        ({"Workers": "many"}, "the parameter Workers = 'many': must be a number"),
        ({"Workers": "0"}, "the parameter Workers = '0': must be at least 1"),
        ({"Workers": "21"}, "the parameter Workers = '21': must be at most 20"),
        ({"Protect": "maybe"}, "the parameter Protect = 'maybe': must be one of true, false"),
        ({"Name": "A1"}, "the parameter Name = 'A1': must match [a-z]+"),
        ({"Name": "a"}, "the parameter Name = 'a': must have at least 2 characters"),
        ({"Name": "abcde"}, "the parameter Name = 'abcde': must have at most 4 characters"),
    ],
)
def test_a_value_that_the_template_refuses_is_an_error(override: dict[str, str], message: str) -> None:
    with pytest.raises(TemplateError) as refused:
        parameter_values(DECLARED, override)
    assert str(refused.value) == message


def test_a_parameter_without_default_must_be_given() -> None:
    with pytest.raises(TemplateError, match="the parameter Issuer has no default: give it a value"):
        parameter_values({"Issuer": {"Type": "String"}}, {})
