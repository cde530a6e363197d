"""What an import takes of AWS, held to what docs/cost.md says: the price of a row is a promise like any other."""

import uuid
from collections.abc import Iterator

import pytest

from local.embedded_aws import EmbeddedAws
from tests.benchmarks.imports import Importer
from tests.benchmarks.meter import Meter
from tests.benchmarks.sample_records import contact

pytestmark = pytest.mark.slow  # imports files through real processes
ROWS = 130


@pytest.fixture
def on(aws: EmbeddedAws) -> Iterator[Importer]:
    """The embedded AWS with a meter in front of it."""
    with Meter() as meter:
        meter.connect(aws)
        yield Importer(aws, meter)


@pytest.fixture
def tenant(on: Importer) -> str:
    name = f"t{uuid.uuid4().hex[:8]}"
    on.new_tenant(name)
    return name


def test_a_new_row_costs_one_write_unit_and_an_unchanged_one_none(on: Importer, tenant: str) -> None:
    rows = [contact(number) for number in range(ROWS)]
    new = on.load(tenant, rows)
    assert new.write_units["Records"] == ROWS
    assert sum(call.operation == "BatchExecuteStatement" for call in new.calls) == 6, "25 rows to a call"
    unchanged = on.load(tenant, rows[::-1])
    assert unchanged.counts["unchanged"] == ROWS
    assert unchanged.write_units["Records"] == 0


def test_only_what_changed_is_written_and_journaled_once(on: Importer, tenant: str) -> None:
    rows = [contact(number) for number in range(ROWS)]
    on.load(tenant, rows)
    done = on.load(tenant, [{**row, "city": "Wien"} if n % 2 else row for n, row in enumerate(rows)])
    assert done.write_units["Records"] == ROWS // 2
    journals = [call for call in done.calls if (call.caller, call.operation) == ("LoadBatch", "PutObject")]
    assert len(journals) == 1


def test_a_batch_costs_one_transition_and_three_writes_of_its_item(on: Importer, tenant: str) -> None:
    small = on.load(tenant, [contact(number) for number in range(10)])
    large = on.load(tenant, [contact(number) for number in range(2_010)])
    assert large.transitions - small.transitions == 2
    jobs = [sum(call.write_units["Jobs"] for call in one.calls) for one in (small, large)]
    assert jobs[1] - jobs[0] == 2 * 3
    assert large.usage()["lambda_requests"] - small.usage()["lambda_requests"] == 2
