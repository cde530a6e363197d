"""The example of docs/rule-functions.md answers its event as the page says, and Longshore takes that answer."""

import json
import re
from pathlib import Path

from longshore.domain.templates.rule_function import foreign
from longshore.domain.templates.template import parse_template
from longshore.messages import RuleAnswer, RuleRequest

PAGE = (Path(__file__).parents[2] / "docs" / "rule-functions.md").read_text(encoding="utf-8")
TEMPLATE, EVENT, ANSWER = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
(CODE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_answers_the_event_as_shown():
    namespace = {}
    exec(CODE, namespace)
    assert namespace["lambda_handler"](EVENT, None) == ANSWER


def test_the_event_is_what_is_sent_and_the_answer_what_is_taken():
    assert EVENT.keys() == RuleRequest.__annotations__.keys()
    fields = {field["name"] for field in TEMPLATE["fields"]}
    assert all(row["data"].keys() == fields for row in EVENT["rows"])
    assert RuleAnswer.model_validate(ANSWER).model_dump() == ANSWER


def test_the_template_is_one_and_its_function_belongs_to_the_tenant():
    assert foreign(parse_template(TEMPLATE), EVENT["tenant"]) == ""
