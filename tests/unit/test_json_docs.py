"""The example of docs/templates.md about JSON is read as the page says."""

import io
import json
import re
from pathlib import Path

from one_part import validated

from longshore.domain.templates.template import parse_template

PAGE = (Path(__file__).parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## JSON") :]


def test_the_example_is_read_as_it_says():
    template = parse_template(json.loads(re.search(r"```json\n(.*?)```", SECTION, re.DOTALL)[1]))
    data = re.search(r"```text\n(.*?)```", SECTION, re.DOTALL)[1].encode()
    found = []

    class Sink:
        def rows(self, batch, raw):
            for _, _, *values in batch.rows:
                found.append({name: v for name, v in zip(batch.fields, values, strict=True) if v is not None})

        def rejects(self, rejects):
            raise AssertionError(rejects)

    validated(io.BytesIO(data), template, Sink(), batch_rows=99, max_bytes=10**6)
    assert found == [
        {
            "id": "7",
            "city": "Bern",
            "app_version": "2.1",
            "first_tag": "new",
            "tags": ["new", "big"],
            "customer": '{"address":{"city":"Bern"}}',
            "paid": "1.5",
            "extra": {"tags.1": "big"},
        },
        {"id": "8", "extra": {"via.web": "true"}},
    ]
