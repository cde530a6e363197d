"""Reading template.yaml."""

from pathlib import Path

import pytest

from local.sam_template import KEPT, TemplateError, keep, load_template

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: code, Handler: app.handler, Runtime: python3.13}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return tmp_path


def test_a_local_path_leads_back_from_its_stand_in(root: Path) -> None:
    template = load_template(root / "template.yaml", {}, "eu-west-1")
    code = template.resources["Worker"]["Properties"]["Code"]
    assert template.resources["Worker"]["Type"] == "AWS::Lambda::Function"
    assert template.local_paths[code["S3Key"]] == str(root / "code")


def test_a_translation_is_kept_and_found_again(root: Path) -> None:
    first = load_template(root / "template.yaml", {}, "eu-west-1")
    kept = list((root / ".longshore").iterdir())
    assert len(kept) == 1
    assert load_template(root / "template.yaml", {}, "eu-west-1") == first
    assert list((root / ".longshore").iterdir()) == kept


def test_a_changed_template_is_translated_anew(root: Path) -> None:
    load_template(root / "template.yaml", {}, "eu-west-1")
    (root / "template.yaml").write_text(TEMPLATE.replace("Worker", "Other"))
    assert "Other" in load_template(root / "template.yaml", {}, "eu-west-1").resources


def test_a_damaged_cache_is_replaced(root: Path) -> None:
    first = load_template(root / "template.yaml", {}, "eu-west-1")
    for kept in (root / ".longshore").iterdir():
        kept.write_text("{")
    assert load_template(root / "template.yaml", {}, "eu-west-1") == first


def test_the_cache_keeps_a_few_translations_and_no_more(root: Path) -> None:
    translated = load_template(root / "template.yaml", {}, "eu-west-1")
    for number in range(KEPT + 5):
        keep(translated, root / ".longshore" / f"translated-{number}.json")
    assert len(list((root / ".longshore").iterdir())) == KEPT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not YAML"),
        ("Parameters: {}", "has no Resources section"),
        (TEMPLATE.replace("CodeUri: code", "CodeUri: nowhere"), "Worker: CodeUri nowhere does not exist"),
        (TEMPLATE.replace("CodeUri: code, ", "Nonsense: 1, "), "Worker"),
    ],
)
def test_a_template_that_cannot_be_translated_is_an_error_of_one_line(root: Path, text: str, message: str) -> None:
    (root / "template.yaml").write_text(text)
    with pytest.raises(TemplateError) as refused:
        load_template(root / "template.yaml", {}, "eu-west-1")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_template_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"template\.yaml: cannot be read"):
        load_template(tmp_path / "template.yaml", {}, "eu-west-1")
