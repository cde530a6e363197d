"""Template documents: the published schema, the samples, the documentation and the model say the same."""

import csv
import io
import json
import re
from pathlib import Path

import jsonschema
import pytest
from one_part import validated

from longshore.domain.records import record_key
from longshore.domain.templates.file_options import FileOptions
from longshore.domain.templates.template import Template, parse_template, schema_document
from longshore.domain.templates.template_field import TemplateField
from longshore.errors import InvalidTemplate

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "docs" / "schemas" / "template.v1.json"
DATA = ROOT.parent / "shared" / "data"
TEMPLATES = sorted((ROOT / "events" / "templates").glob("*.json"))
EXAMPLES = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "templates.md").read_text(encoding="utf-8"), re.DOTALL)
REGENERATE = (
    "python -c 'import json; from longshore.domain.templates.template import schema_document; "
    "print(json.dumps(schema_document(), indent=2))' > docs/schemas/template.v1.json"
)


def test_the_published_schema_is_that_of_the_model():
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema_document(), REGENERATE


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_sample_follows_the_schema_and_is_named_like_its_file(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(document, schema_document())
    template = parse_template(document)
    assert template.name == path.stem
    assert parse_template(template.as_document()) == template


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_of_the_documentation_is_a_template(text):
    document = json.loads(text)
    jsonschema.validate(document, schema_document())
    assert parse_template(document).name == document["name"]


def test_every_property_is_documented():
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    names = {
        (info.alias or name)
        for model in (Template, TemplateField, FileOptions)
        for name, info in model.model_fields.items()
    }
    assert [name for name in sorted(names) if f"| `{name}` |" not in text] == []


class Kept:
    def __init__(self):
        self.values, self.rejected = [], []

    def rows(self, batch, raw):
        self.values += [dict(zip(batch.fields, row[2:], strict=True)) for row in batch.rows]

    def rejects(self, rejects):
        self.rejected += rejects


def check(template_name, path):
    kept = Kept()
    template = parse_template(json.loads((ROOT / "events" / "templates" / f"{template_name}.json").read_text("utf-8")))
    with path.open("rb") as stream:
        result = validated(stream, template, kept)
    return result, kept


@pytest.mark.parametrize(
    ("name", "file", "rows"),
    [
        ("country", "ourairports_countries.csv", 249),
        ("region", "ourairports_regions.csv", 3987),
        ("navaid", "ourairports_navaids.csv", 11008),
        ("artist", "tate_artists.csv", 3532),
    ],
)
def test_real_files_are_accepted_whole_with_every_cell_as_csv_reads_it(name, file, rows):
    if not (DATA / file).exists():
        pytest.skip("the open data is not here")
    result, kept = check(name, DATA / file)
    assert (result.counts.rows, result.counts.rejected) == (rows, 0)
    text = (DATA / file).read_bytes().decode("utf-8-sig")
    expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [[("" if v is None else str(v)) for v in row.values()] for row in kept.values] == expected


def test_the_sample_contacts_are_all_valid():
    result, kept = check("contact", ROOT / "events" / "samples" / "contacts.csv")
    assert (result.counts.rows, result.counts.rejected) == (20, 0)
    assert kept.values[0] == {
        "email": "ana.souza@example.com",
        "name": "Ana Souza",
        "company": "Padaria São João",
        "country": "BR",
        "status": "customer",
        "customer_since": "2021-03-14",
        "orders": 42,
        "revenue": "1290.5",
        "newsletter": True,
        "last_seen": "2026-02-01T09:15:00Z",
    }


def test_the_broken_sample_has_an_error_of_each_kind_and_still_loads():
    result, kept = check("contact", ROOT / "events" / "samples" / "contacts-broken.csv")
    assert (result.counts.rows, result.counts.rejected, result.refused) == (20, 8, None)
    assert {reject["code"] for reject in kept.rejected} == {
        "REQUIRED",
        "NOT_AN_INTEGER",
        "NOT_A_DECIMAL",
        "NOT_A_BOOLEAN",
        "NOT_A_DATE",
        "NOT_A_DATETIME",
        "NOT_IN_ENUM",
        "PATTERN_MISMATCH",
        "BROKEN_QUOTES",
        "TOO_FEW_CELLS",
        "TOO_MANY_CELLS",
        "DUPLICATE_KEY",
    }


MINIMAL = {"name": "t", "record_type": "t", "key": ["id"], "fields": [{"name": "id", "required": True}]}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": "jobs"}, "reserved"),
        ({"nmae": "x"}, "nmae"),
        ({"key": ["x"]}, "'x'"),
        ({"key": ["id", "id"]}, "twice"),
        ({"fields": [{"name": "id"}]}, "must be required"),
        ({"fields": [{"name": "id", "required": True}] * 2}, "appears twice"),
        ({"fields": [{"name": "id", "required": True, "pattern": "(?=x)"}]}, "RE2"),
        ({"fields": [{"name": "id", "required": True, "type": "integer", "enum": ["one"]}]}, "type integer"),
        ({"fields": [{"name": "id", "required": True, "enum": [""]}]}, "blank"),
        ({"fields": [{"name": "id", "required": True, "type": "date", "pattern": "x"}]}, "pattern is for"),
        ({"fields": [{"name": "id", "required": True, "min_length": 3, "max_length": 2}]}, "greater"),
        ({"fields": [{"name": "id", "required": True, "type": "list"}]}, "identifies nothing"),
        ({"file": {"encoding": "klingon"}}, "klingon"),
        ({"file": {"encoding": "rot13"}}, "rot13"),
        ({"file": {"encoding": "unicode_escape"}}, "unicode_escape"),
        ({"file": {"delimiter": "::"}}, "delimiter"),
    ],
)
def test_a_wrong_template_is_refused_in_one_line_that_names_the_fault(change, named):
    with pytest.raises(InvalidTemplate) as refusal:
        parse_template(MINIMAL | change)
    assert named in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_keys_in_the_documentation_of_records_are_those_that_are_made():
    text = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\[.*?\])` \| `(.+?)` \|$", text, re.MULTILINE)
    assert len(rows) >= 3
    assert [record_key(tenant, kind, json.loads(values)) for tenant, kind, values, _ in rows] == [
        key for *_, key in rows
    ]
