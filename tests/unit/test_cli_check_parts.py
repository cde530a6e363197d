"""`longshore check` of a file with several parts: the template of each, keys, and references from one to the other."""

import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cli.main import run
from cli.outcome import Exit

COUNTRY = {
    "name": "country",
    "title": "Countries of the world",
    "record_type": "country",
    "key": ["code"],
    "max_rejected_percent": 100,
    "fields": [{"name": "code", "required": True, "max_length": 2}],
}
CITY = {
    "name": "city",
    "record_type": "city",
    "key": ["id"],
    "max_rejected_percent": 100,
    "fields": [
        {"name": "id", "required": True},
        {"name": "country", "type": "reference", "references": "country"},
        {"name": "twin", "type": "reference", "references": "city"},
    ],
}
CITIES = "id,country,twin\nzurich,CH,\nparis,FR,rome\nrome,ITA,\nlyon,FR,paris\n"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of its own, in which no Longshore is configured or runs."""
    monkeypatch.delenv("LONGSHORE_ENDPOINT", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("country.json").write_text(json.dumps(COUNTRY))
    Path("city.json").write_text(json.dumps(CITY))
    return tmp_path


def packed(**members: str) -> None:
    with zipfile.ZipFile("f.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_csv", ".csv"), content)


def checked(
    capsys: pytest.CaptureFixture[str], *options: str, templates: tuple[str, ...] = ("city.json", "country.json")
) -> tuple[int, dict[str, Any]]:
    named = [argument for template in templates for argument in ("--template", template)]
    status = run(["check", "f.zip", *named, "--json", *options])
    return status, json.loads(capsys.readouterr().out)


def found(document: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(error["part"], error["row"], error["code"]) for error in document["report"]["rejected_sample"]]


def test_a_part_that_is_called_after_a_template_is_read_by_it(capsys: pytest.CaptureFixture[str]) -> None:
    packed(more_csv="id\na\n", Country_csv="code\nFR\n", **{"Countries of the World.csv": "code\nDE\n"})
    status, document = checked(capsys)
    assert status == Exit.COMPLETED
    assert {part["name"]: part["template"] for part in document["parts"]} == {
        "more.csv": "city",
        "Country.csv": "country",
        "Countries of the World.csv": "country",
    }


def test_of_one_part_the_first_template_counts_whatever_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    packed(country_csv="id\na\n")
    _, document = checked(capsys)
    assert document["parts"][0]["template"] == "city"


def test_references_to_rows_of_other_parts_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    packed(city_csv=CITIES, country_csv="code\nFR\nITA\nCH\n")
    status, document = checked(capsys, "--rejects", "rejects.zip")
    assert status == Exit.WITH_ERRORS
    assert found(document) == [("country.csv", 2, "TOO_LONG")]
    assert [what for what in document["not_checked"] if "REFERENCE_MISSING" in what] == [
        "city.country: whether 1 record of country exists already that no accepted row of this file brings: 'ITA' "
        "(REFERENCE_MISSING)"
    ]
    with zipfile.ZipFile("rejects.zip") as archive:
        assert archive.namelist() == ["city.csv", "country.csv"]
        assert (archive.read("city.csv").count(b"\n"), archive.read("country.csv").count(b"\n")) == (1, 2)


def test_what_is_all_in_the_file_leaves_nothing_open(capsys: pytest.CaptureFixture[str]) -> None:
    packed(city_csv=CITIES.replace("ITA", "CH"), country_csv="code\nFR\nCH\n")
    status, document = checked(capsys)
    assert status == Exit.COMPLETED
    assert not any("REFERENCE_MISSING" in what for what in document["not_checked"])


def test_a_key_that_two_parts_bring_is_rejected_where_it_comes_second(capsys: pytest.CaptureFixture[str]) -> None:
    packed(one_csv="id\na\nb\n", two_csv="id\nb\nc\n")
    _, document = checked(capsys)
    assert found(document) == [("two.csv", 1, "DUPLICATE_KEY")]
    assert "row 2 of 'one.csv'" in document["report"]["rejected_sample"][0]["message"]


def test_rows_and_errors_say_of_which_part_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    packed(city_csv=CITIES, country_csv="code\nFR\nCH\nITA\n")
    checked(capsys, "--rows", "rows.json", "--rejects", "rejects.json")
    rows = [(row["part"], row["record_type"], row["row"]) for row in json.loads(Path("rows.json").read_text())]
    assert rows[:3] == [("country.csv", "country", 1), ("country.csv", "country", 2), ("city.csv", "city", 1)]
    assert json.loads(Path("rejects.json").read_text())[0]["part"] == "country.csv"


def test_sheets_are_parts_and_a_person_sees_each(capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    book.active.title = "city"
    for row in (["id", "country"], ["vienna", "AT"]):
        book.active.append(row)
    countries = book.create_sheet("country")
    for row in (["code"], ["AT"], ["AUT"]):
        countries.append(row)
    book.save("f.xlsx")
    assert run(["check", "f.xlsx", "--template", "city.json", "--template", "country.json"]) == Exit.WITH_ERRORS
    shown = capsys.readouterr().out
    assert "\n    city -> city: 1 row: 1 accepted, 0 rejected\n" in shown
    assert "\n    country -> country: 2 rows: 1 accepted, 1 rejected\n" in shown
    assert "\n    country: line 3, column 1 (code): TOO_LONG: " in shown


def test_a_part_that_does_not_fit_is_refused_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    packed(city_csv="id\na\n", country_csv="id\na\n")
    status, document = checked(capsys)
    assert (status, document["reason"]["code"]) == (Exit.FAILED, "UNKNOWN_COLUMN")
    assert document["reason"]["message"].startswith("country.csv: ")


def test_templates_in_a_circle_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    fields = [{"name": "code", "required": True}, {"name": "capital", "type": "reference", "references": "city"}]
    Path("country.json").write_text(json.dumps(COUNTRY | {"fields": fields}))
    packed(city_csv="id\na\n", country_csv="code\na\n")
    status, document = checked(capsys)
    assert (status, document["reason"]["code"]) == (Exit.FAILED, "CIRCULAR_DEPENDENCY")


def test_a_template_is_given_once(capsys: pytest.CaptureFixture[str]) -> None:
    packed(city_csv="id\na\n")
    assert run(["check", "f.zip", "--template", "city.json", "--template", "./city.json"]) == Exit.USAGE
    assert "--template names city twice" in capsys.readouterr().err


def test_a_plan_names_the_template_of_each_part(capsys: pytest.CaptureFixture[str]) -> None:
    packed(city_csv="id\na\n", country_csv="code\nFR\n")
    assert run(["inspect", "f.zip", "--template", "city.json", "--template", "country.json", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert [(part["name"], part["template"]) for part in parts] == [("city.csv", "city"), ("country.csv", "country")]


def test_the_samples_beside_a_sample_count_too(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    samples = folder / "events" / "templates"
    samples.mkdir(parents=True)
    for name in ("city", "country"):
        (folder / f"{name}.json").rename(samples / f"{name}.json")
    packed(city_csv="id\na\n", country_csv="code\nFR\n")
    _, document = checked(capsys, templates=("city",))
    assert [part["template"] for part in document["parts"]] == ["city", "country"]
