"""A tenant's rule function: whose it is, what it is sent, and what its answers are held to."""

from datetime import UTC, datetime
from types import SimpleNamespace

import orjson
import pytest

from longshore.domain.rows.judging import SoundRows
from longshore.domain.templates.rule_function import foreign
from longshore.domain.templates.template import parse_template
from longshore.errors import RuleFunctionFailed
from longshore.readers.part_templates import Pinned
from longshore.steps.rule_judge import MESSAGE_LIMIT, PAYLOAD_BYTES, RuleFunctionJudge

NAME = "longshore-rule-acme-vat"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
ROWS = SoundRows([4, 7], [5, 9], {"id": ["a", "b"], "vat": ["X1", None]})


def pinned(function=NAME, **vat):
    fields = [{"name": "id", "required": True}, {"name": "vat", **vat}]
    document = {"name": "c", "record_type": "c", "key": ["id"], "fields": fields}
    return Pinned(parse_template(document | {"rule_function": {"function": function, "timeout_seconds": 10}}), 3)


class Function:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, answer):
        self.answer, self.events = answer, []

    def call(self, function, payload, seconds):
        assert (function, seconds) == (NAME, 10)
        assert len(payload) <= PAYLOAD_BYTES
        self.events.append(orjson.loads(payload))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if isinstance(self.answer, bytes) else orjson.dumps(self.answer)


def judged(answer, rows=ROWS, left_ms=60_000, **vat):
    function = Function(answer)
    job = SimpleNamespace(tenant="acme", job_id="j1", claimed_until=NOW_MS + left_ms)
    template = pinned(**vat)
    judge = RuleFunctionJudge(job, 2, template, template.template.rule_function, function, lambda: NOW)
    return list(judge.judge(rows)), function.events


@pytest.mark.parametrize(
    ("name", "tenant", "allowed"),
    [
        ("longshore-rule-acme-vat", "acme", True),
        ("longshore-rule-acme-eu-vat", "acme-eu", True),
        ("longshore-rule-acme-eu-vat", "acme", False),
        ("longshore-rule-acme-vat", "acm", False),
        ("longshore-rule-acme-", "acme", False),
        ("longshore-rule-acme", "acme", False),
        ("longshore-rule-vat", "vat", False),
        ("other-longshore-rule-acme-vat", "acme", False),
    ],
)
def test_a_function_belongs_to_the_tenant_in_its_name_alone(name, tenant, allowed):
    assert bool(foreign(pinned(name).template, tenant)) is not allowed


def test_it_is_sent_the_rows_with_their_values():
    rulings, (event,) = judged({"errors": []})
    assert rulings == []
    assert event == {
        "version": 1,
        "tenant": "acme",
        "job_id": "j1",
        "template": "c",
        "template_version": 3,
        "part": 2,
        "rows": [
            {"row": 4, "line": 5, "data": {"id": "a", "vat": "X1"}},
            {"row": 7, "line": 9, "data": {"id": "b", "vat": None}},
        ],
    }


def test_its_messages_become_errors_of_one_line():
    told = [{"row": 7, "field": "vat", "message": "un\nknown\x1b[0m " + "x" * 999}, {"row": 4, "message": "no"}]
    rulings, _ = judged({"errors": told, "more": 1})
    assert [(at, field, fault.code) for at, field, fault in rulings] == [
        (1, "vat", "RULE_FUNCTION"),
        (0, None, "RULE_FUNCTION"),
    ]
    message = rulings[0].fault.data["message"]
    assert message.startswith("un known [0m xxx")
    assert len(message) == MESSAGE_LIMIT
    assert rulings[1].fault.data == {"function": NAME, "message": "no"}


def test_a_message_does_not_show_a_sensitive_value():
    rulings, _ = judged({"errors": [{"row": 4, "message": "X1 is unknown"}]}, sensitive=True)
    assert rulings[0].fault.data["message"] == "••••• is unknown"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [],
        b"not json",
        {"errors": None},
        {"errors": [{"row": "4", "message": "no"}]},
        {"errors": [{"row": 4}]},
        {"errors": [{"row": 5, "message": "a row that it was not asked about"}]},
        {"errors": [{"row": 4, "field": "nothing", "message": "no"}]},
    ],
)
def test_any_other_answer_is_a_failure_of_one_line(answer):
    with pytest.raises(RuleFunctionFailed) as failure:
        judged(answer)
    assert failure.value.function == NAME
    assert "\n" not in failure.value.problem


def test_what_a_function_says_of_its_failure_is_quoted_unless_it_may_quote_a_sensitive_value():
    crash = RuleFunctionFailed(NAME, "failed with KeyError", "'X1'\nat line 3")
    with pytest.raises(RuleFunctionFailed) as failure:
        judged(crash)
    assert failure.value.problem == "failed with KeyError: 'X1' at line 3"
    with pytest.raises(RuleFunctionFailed) as failure:
        judged(crash, sensitive=True)
    assert failure.value.problem == "failed with KeyError"


def test_many_rows_and_large_ones_are_sent_in_several_calls():
    count = 2500
    rows = SoundRows(range(1, count + 1), range(2, count + 2), {"id": ["é" * 5000] * count, "vat": [None] * count})
    rulings, events = judged({"errors": []}, rows)
    assert rulings == []
    assert [row["row"] for event in events for row in event["rows"]] == list(range(1, count + 1))
    assert max(len(event["rows"]) for event in events) <= 1000


def test_no_call_is_begun_that_the_validation_would_not_outlive():
    with pytest.raises(RuleFunctionFailed, match="left no time"):
        judged({"errors": []}, left_ms=15_000)
