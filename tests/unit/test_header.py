"""The policies of a template about its header: what is unknown, missing, repeated or blank."""

from typing import Any

import pytest

from longshore.domain.templates.header_matching import HeaderMatch
from longshore.domain.templates.template import Template, parse_template
from longshore.errors import FileRejected
from longshore.readers.header import match_header, unmapped_columns

FIELDS = [{"name": "id", "required": True}, {"name": "email"}, {"name": "population"}]


def template(fields: list[dict[str, Any]] = FIELDS, **policies: str) -> Template:
    return parse_template({"name": "t", "record_type": "t", "key": ["id"], "fields": fields, **policies})


def match(
    headers: list[str], a_template: Template | None = None, line: int = 3, **confirmed: str | None
) -> HeaderMatch:
    return match_header(unmapped_columns(headers), line, a_template or template(), confirmed)


def refused(headers: list[str], a_template: Template | None = None, line: int = 3) -> FileRejected:
    with pytest.raises(FileRejected) as refusal:
        match(headers, a_template, line)
    return refusal.value


def reasons(found: HeaderMatch) -> list[str]:
    return [column.reason for column in found.columns]


def test_an_unknown_column_is_refused_ignored_or_kept() -> None:
    refusal = refused(["id", "colour"])
    assert refusal.code == "UNKNOWN_COLUMN"
    assert str(refusal).startswith("column 2 'colour' of the header (line 3): not in template 't'; ")
    assert reasons(match(["id", "colour"], template(unknown_columns="ignore"))) == ["exact", "ignored"]
    kept = match(["id", "colour"], template(unknown_columns="keep")).columns[1]
    assert (kept.field, kept.header, kept.reason) == (None, "colour", "extra")


@pytest.mark.parametrize("policy", ["reject", "ignore", "keep"])
def test_a_column_that_may_be_a_field_is_asked_about_whatever_the_policy(policy: str) -> None:
    found = match(["id", "e-mail adr."], template(unknown_columns=policy))
    assert reasons(found) == ["exact", "asked"]
    assert [question.header for question in found.questions] == ["e-mail adr."]


@pytest.mark.parametrize("policy", ["reject", "ignore", "keep"])
def test_a_column_that_a_person_ignores_is_ignored_whatever_the_policy(policy: str) -> None:
    found = match(["id", "colour"], template(unknown_columns=policy), colour=None)
    assert (found.columns[1].field, found.columns[1].reason) == (None, "confirmed")


def test_what_is_unknown_is_refused_before_anything_is_asked() -> None:
    assert refused(["id", "e-mail adr.", "colour"]).code == "UNKNOWN_COLUMN"


def test_a_required_column_must_be_there_or_asked_about() -> None:
    assert str(refused(["email"])).startswith("the header (line 3) lacks 'id', required by template 't'")
    assert reasons(match(["customer id"])) == ["asked"]


def test_any_missing_column_is_refused_where_the_template_says_so() -> None:
    strict = template(missing_columns="reject")
    refusal = refused(["id", "e-mail adr."], strict)
    assert (refusal.code, "'population'" in str(refusal), "email" in str(refusal)) == ("MISSING_COLUMN", True, False)
    assert reasons(match(["id", "EMAIL", "population"], strict)) == ["exact", "normalised", "exact"]


def test_json_lacks_no_column() -> None:
    strict = template(missing_columns="reject")
    assert reasons(match(["email"], strict, line=0)) == ["exact"]
    assert str(refused(["id", "colour"], line=0)).startswith("column 2 'colour' of the records: not in template")


@pytest.mark.parametrize(
    ("headers", "positions", "named"),
    [
        (["id", "id"], "1 and 2", "all 'id'; keep"),
        (
            ["id", "EMAIL", "e-mail"],
            "2 and 3",
            "'EMAIL' and 'e-mail', which are read as the same",
        ),
        (
            ["e-mail adr.", "id", "E-Mail Adr."],
            "1 and 3",
            "'e-mail adr.' and 'E-Mail Adr.', which",
        ),
    ],
)
def test_columns_that_nobody_could_tell_apart_are_refused(headers: list[str], positions: str, named: str) -> None:
    refusal = refused(headers, template(unknown_columns="ignore"))
    assert refusal.code == "REPEATED_COLUMN"
    assert str(refusal).startswith(f"columns {positions} of the header (line 3) are {named}")


@pytest.mark.parametrize(("policy", "reason"), [("ignore", "ignored"), ("keep", "extra")])
def test_other_columns_may_be_called_the_same(policy: str, reason: str) -> None:
    found = match(["id", "colour", "colour", ""], template(unknown_columns=policy))
    assert reasons(found) == ["exact", reason, reason, reason]


def test_a_column_without_a_header() -> None:
    assert str(refused(["id", " "])) == "column 2 of the header (line 3) is blank; name it or remove the column"
    assert reasons(match(["id", " "], template(unknown_columns="keep"))) == ["exact", "extra"]
