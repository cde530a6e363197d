"""Texts that break others' software are in the records afterwards as they were in the file, byte for byte."""

import csv
import io
import json
from pathlib import Path

import pytest
from tenants import Tenant

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here")

NOTE = {"name": "note", "record_type": "note", "key": ["id"], "fields": [{"name": "id", "required": True}]}


def naughty() -> dict[str, str]:
    """Return the texts by the key of their record; blank ones are no value."""
    texts = json.loads((CORPORA / "strings" / "blns.json").read_text(encoding="utf-8"))
    attacks = json.loads((CORPORA / "csv_injection_vectors.json").read_text(encoding="utf-8"))
    every = [*texts, *(text for group in attacks.values() for _, text in group)]
    return {f"k{at}": text for at, text in enumerate(every) if text}


def as_csv(texts: dict[str, str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["id", "text"], *texts.items()])
    return out.getvalue().encode()


def as_json(texts: dict[str, str]) -> bytes:
    return json.dumps([{"id": key, "text": text} for key, text in texts.items()]).encode()


def test_naughty_strings_and_attacks_reach_the_records_unchanged(tenant: Tenant) -> None:
    tenant.push({**NOTE, "fields": [*NOTE["fields"], {"name": "text", "required": True}]})
    texts = naughty()
    jobs = {
        "c": tenant.drop("note", as_csv({f"c{key}": text for key, text in texts.items()}), "naughty.csv"),
        "j": tenant.drop("note", as_json({f"j{key}": text for key, text in texts.items()}), "naughty.json"),
    }
    for job_id in jobs.values():
        job = tenant.ended(job_id)
        assert (job["status"], job["counts"]["loaded"]) == ("COMPLETED", len(texts)), tenant.errors(job_id)
    stored = {key: item["data"]["M"]["text"]["S"] for key, item in tenant.items().items()}
    assert stored == {f"note#{start}{key}": text for start in jobs for key, text in texts.items()}


def test_a_text_that_cannot_be_taken_is_shown_as_it_is(tenant: Tenant) -> None:
    """Through the rejects and the API: the raw text of each row is the line of the file."""
    tenant.push({**NOTE, "fields": [*NOTE["fields"], {"name": "n", "type": "integer"}], "max_rejected_percent": 100})
    texts = {key: text for key, text in naughty().items() if len(text) < 200 and text.strip() and not text.isdigit()}
    content = as_csv(texts).replace(b'"id","text"', b'"id","n"')
    job_id = tenant.drop("note", content)
    tenant.ended(job_id)
    shown = {error["row"]: error["raw_data"] for error in tenant.errors(job_id)}
    lines = dict(enumerate(content.decode().removesuffix("\r\n").split("\r\n")[1:], 1))
    assert len(shown) > 500
    assert {row: lines[row] for row in shown} == shown
