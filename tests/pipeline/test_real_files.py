"""Real files, where they are present: OurAirports (public domain) and the Tate collection (CC0)."""

import csv
import io
import json
from pathlib import Path

import pytest
from tenants import Tenant, data_of

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data files are not here")


def template(name: str) -> dict:
    return json.loads((ROOT / "events" / "templates" / f"{name}.json").read_text())


def test_countries_new_again_forced_and_changed(tenant: Tenant) -> None:
    tenant.push(template("country"))
    content = (DATA / "ourairports_countries.csv").read_bytes()
    first = tenant.ended(tenant.drop("country", content))
    assert (first["status"], first["counts"]["rows"], first["counts"]["loaded"]) == ("COMPLETED", 249, 249)
    again = tenant.ended(tenant.drop("country", content))
    assert again["status"] == "REJECTED"
    assert first["job_id"] in again["reason"]["message"]
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    for place, column in ((0, "name"), (100, "keywords"), (248, "continent")):
        rows[place][column] = "SA"
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows([*rows, {**rows[0], "id": "999999", "code": "QQ"}])
    changed = tenant.ended(tenant.drop("country", out.getvalue().encode()))
    counts = changed["counts"]
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (1, 3, 246)


def test_artists_keep_every_cell_byte_for_byte(tenant: Tenant) -> None:
    document = template("artist")
    tenant.push(document)
    content = (DATA / "tate_artists.csv").read_bytes()
    job = tenant.ended(tenant.drop("artist", content))
    columns = {f.get("column") or f["name"]: f["name"] for f in document["fields"]}
    expected = {}
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        cells = {columns[column]: cell for column, cell in row.items()}
        expected["artist#" + "#".join(cells[name] for name in document["key"])] = cells
    assert job["counts"]["loaded"] + job["counts"]["rejected"] == job["counts"]["rows"]
    items = tenant.items()
    assert len(items) == job["counts"]["created"]
    for key, item in items.items():
        stored = {name: str(value) for name, value in data_of(item).items()}
        assert {name: stored.get(name, "") for name in expected[key]} == expected[key]
    assert len(expected) == len(items)
