"""Sensitive cells of a report are masked; left as they are they become again what they were."""

import csv
import io
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from report_making import again, report, run, template

from longshore.domain.job import Part, Pointer
from longshore.domain.rows.mask import MASK
from longshore.errors import DataGone, JobNotFound
from longshore.steps.stored_originals import MAX_SOURCES, StoredOriginals

KINDS = pytest.mark.parametrize("kind", ["csv", "xlsx"])
JOB, OTHER = "j" + "0" * 24, "j" + "1" * 24
FIELDS = [
    {"name": "id", "required": True},
    {"name": "pin", "type": "integer", "sensitive": True},
    {"name": "iban", "sensitive": True},
    {"name": "n", "type": "integer"},
]
DATA = b"id,pin,iban,n\na,0042,=DE1,x\nb,,DE2,5\nc,7,DE3,y\n"


def sensitive(**changes):
    fields = [field | changes.pop(field["name"], {}) for field in FIELDS]
    return template("id", fields=fields, key=["id"], **changes)


def remembered(data, a_template, job_id, originals=None):
    """What an import keeps of a file's sensitive cells, as originals of a later one."""
    kept = {
        f"{job_id}#{number}#{row}": texts
        for number, part in enumerate(run(data, a_template, originals))
        for row, texts in part.kept.kept.items()
    }
    return lambda ids: {row_id: kept[row_id] for row_id in ids if row_id in kept}


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def written(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_a_report_shows_no_sensitive_cell():
    made = report(DATA, sensitive(), job_id=JOB)
    assert [(row["pin"], row["iban"], row["longshore_row_id"]) for row in rows_of(made)] == [
        (MASK, MASK, f"{JOB}#0#1"),
        (MASK, MASK, f"{JOB}#0#3"),
    ]
    assert b"DE" not in made
    assert b"0042" not in made


@KINDS
def test_a_mask_left_as_it_is_takes_the_original(kind):
    made = report(DATA, sensitive(), kind, JOB)
    lenient = sensitive(n={"type": "string"})
    assert again(made, lenient, remembered(DATA, sensitive(), JOB)) == [
        {"id": "a", "pin": 42, "iban": "=DE1", "n": "x"},
        {"id": "c", "pin": 7, "iban": "DE3", "n": "y"},
    ]


def test_an_edited_cell_counts_as_typed_and_a_blank_one_as_blank():
    first, second = rows_of(report(DATA, sensitive(), job_id=JOB))
    edited = written([first | {"n": "1", "pin": "99"}, second | {"n": "2", "iban": ""}])
    assert again(edited, sensitive(), remembered(DATA, sensitive(), JOB)) == [
        {"id": "a", "pin": 99, "iban": "=DE1", "n": 1},
        {"id": "c", "pin": 7, "n": 2},
    ]


def test_an_original_is_checked_like_any_cell():
    made = report(DATA, sensitive(), job_id=JOB)
    strict = sensitive(n={"type": "string"}, iban={"max_length": 3})
    (part,) = run(made, strict, remembered(DATA, sensitive(), JOB))
    assert [(error["row"], error["code"]) for error in part.kept.errors] == [(1, "TOO_LONG")]
    assert "DE1" not in str(part.kept.errors)


def test_a_mask_whose_original_is_gone_is_told():
    made = report(DATA, sensitive(), job_id=JOB)
    (part,) = run(made, sensitive(n={"type": "string"}), lambda ids: {})
    found = [(error["row"], error["field"], error["code"]) for error in part.kept.errors]
    assert found == [(row, name, "MASKED_VALUE_GONE") for row in (1, 2) for name in ("pin", "iban")]
    assert "type it" in part.kept.errors[0]["message"]


def test_a_mask_in_a_file_that_is_no_report_is_a_text():
    data = f"id,iban\na,{MASK}\n".encode()
    assert again(data, sensitive(), lambda ids: pytest.fail("nothing is looked up")) == [{"id": "a", "iban": MASK}]


def test_offline_nothing_is_said_about_masked_cells():
    data = b"id,pin,n\na,1,x\nb,1,x\n"
    keyed = {"unique": [["pin"]], "pin": {"required": True, "min": 0}, "file": {"null_markers": ["-"]}}
    ruled = keyed | {"rules": [{"name": "small", "expression": "pin < n"}]}
    made = report(data, sensitive(**keyed), job_id=JOB)
    (part,) = run(made.replace(b",x,", b",3,"), sensitive(**ruled))
    assert part.kept.errors == []
    assert [row["pin"] for row in part.kept.accepted] == [None, None]


def test_offline_masked_keys_do_not_collide():
    keyed = {"id": {"required": True, "sensitive": True}}
    made = report(DATA, sensitive(**keyed), job_id=JOB)
    (part,) = run(made, sensitive(n={"type": "string"}, **keyed))
    assert part.kept.errors == []


def test_a_report_of_a_report_leads_to_what_was_typed_last():
    """Row 1 keeps its masks and its id, row 2 has a pin typed anew: only the second import knows that one."""
    known = remembered(DATA, sensitive(), JOB)
    first, second = rows_of(report(DATA, sensitive(), job_id=JOB))
    edited = written([first, second | {"pin": "99"}])
    twice = report(edited, sensitive(), job_id=OTHER, originals=known)
    assert [row["longshore_row_id"] for row in rows_of(twice)] == [f"{JOB}#0#1", f"{OTHER}#0#2"]
    later = remembered(edited, sensitive(), OTHER, known)
    lenient = sensitive(n={"type": "string"})
    found = again(twice, lenient, lambda ids: {**known(ids), **later(ids)})
    assert [(row["pin"], row["iban"]) for row in found] == [(42, "=DE1"), (99, "DE3")]


class Store:
    """Kept cells of one job of one tenant, in members of a few rows; counts how often an object is opened."""

    def __init__(self, texts, size=3, gone=False):
        rows = [[row, text] for row, text in enumerate(texts, start=1)]
        self.objects = [{"fields": ["pin"], "rows": rows[at : at + size]} for at in range(0, len(rows), size)]
        self.gone, self.opened, self.asked = gone, 0, []
        self.jobs = self.files = self

    def get(self, tenant, job_id):
        self.asked.append((tenant, job_id))
        if (tenant, job_id) != ("mine", JOB):
            raise JobNotFound("there is none")
        return SimpleNamespace(attempt="a1")

    def parts(self, _job):
        return [Part(0, "t", "t", 1, {}), Part(1, "t", "t", 1, {}, originals=Pointer("originals/x", "", 0, 1))]

    def members(self, key, offset=0):
        assert key == "originals/x"
        self.opened += 1
        if self.gone:
            raise DataGone("it is no longer there")
        yield from ((at, member) for at, member in enumerate(self.objects) if at >= offset)


def test_rows_in_order_are_found_in_one_pass():
    store = Store(map(str, range(1, 21)))
    originals = StoredOriginals("mine", store)
    for start in range(1, 21, 4):
        ids = [f"{JOB}#1#{row}" for row in range(start, start + 4)]
        assert originals(ids) == {row_id: {"pin": row_id.rpartition("#")[2]} for row_id in ids}
    assert store.opened == 1
    assert store.asked == [("mine", JOB)]


@given(st.lists(st.lists(st.integers(1, 25), max_size=5), max_size=6))
@examples(max_examples=50)
def test_rows_are_found_in_any_order(chunks):
    originals = StoredOriginals("mine", Store(map(str, range(1, 21))))
    for rows in chunks:
        found = originals([f"{JOB}#1#{row}" for row in rows])
        assert found == {f"{JOB}#1#{row}": {"pin": str(row)} for row in rows if row <= 20}


@pytest.mark.parametrize(
    "row_id",
    [
        f"{OTHER}#1#1",
        f"{JOB}#0#1",
        f"{JOB}#2#1",
        f"{JOB}#1#0",
        f"{JOB}#1",
        "",
        "file-0123#0#1",
        f"other#{JOB}#1#1",
        f"{JOB}#1#x",
    ],
)
def test_any_other_row_id_leads_nowhere(row_id):
    store = Store(["secret"])
    assert StoredOriginals("mine", store)([row_id]) == {}
    assert all(tenant == "mine" for tenant, _ in store.asked)


def test_another_tenant_finds_nothing():
    assert StoredOriginals("theirs", Store(["secret"]))([f"{JOB}#1#1"]) == {}


def test_originals_that_expired_are_gone():
    assert StoredOriginals("mine", Store(["secret"], gone=True))([f"{JOB}#1#1"]) == {}


def test_made_up_jobs_cost_a_bounded_number_of_reads():
    store = Store(["secret"])
    StoredOriginals("mine", store)([f"j{n:024x}#0#1" for n in range(5 * MAX_SOURCES)])
    assert len(store.asked) == MAX_SOURCES
