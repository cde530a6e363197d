"""Reports: one maker at a time, and an object that is downloaded by a link."""

import io
import os

import pytest
import requests

from longshore.domain.report import Report, ReportStatus
from longshore.messages import ReportRequest
from longshore.storage import clients
from longshore.storage.reports import ReportStore
from longshore.storage.rows_writer import PART_BYTES

NOW = 1_000_000


@pytest.fixture
def reports(stores) -> ReportStore:
    return ReportStore(clients.dynamodb(), clients.s3(), clients.lambda_(), stores.jobs, stores.data, "")


@pytest.fixture
def request_(tenant) -> ReportRequest:
    return ReportRequest(tenant=tenant, job_id="j1", version=7, format="csv")


def test_the_first_who_asks_has_it_made(reports, request_):
    assert reports.find(request_) is None
    assert reports.claim(request_, NOW + 500, NOW)
    assert not reports.claim(request_, NOW + 900, NOW + 500)
    assert reports.find(request_) == Report(ReportStatus.MAKING, NOW + 500)


@pytest.mark.parametrize("status", list(ReportStatus))
def test_what_counts_no_more_is_made_anew(reports, request_, status):
    reports.put(request_, Report(status, NOW, "reports/x.csv", "x.csv", 3, "why"))
    assert not reports.claim(request_, NOW + 900, NOW)
    assert reports.claim(request_, NOW + 900, NOW + 1)
    assert reports.find(request_) == Report(ReportStatus.MAKING, NOW + 900)


def test_versions_formats_and_tenants_have_reports_of_their_own(reports, request_):
    reports.put(request_, Report(ReportStatus.READY, NOW))
    for change in ({"version": 8}, {"format": "xlsx"}, {"job_id": "j2"}, {"tenant": "another"}):
        assert reports.find(request_.model_copy(update=change)) is None


@pytest.mark.parametrize("size", [10, PART_BYTES + 1_000_000], ids=["small", "multipart"])
def test_a_link_leads_to_what_was_uploaded(reports, request_, tenant, size):
    content = os.urandom(size)
    key = f"reports/{tenant}/j1/a1-000007.csv"
    reports.upload(key, io.BytesIO(content))
    link = reports.link(Report(ReportStatus.READY, NOW, key, "j1-rejected.csv"), 60)
    answer = requests.get(link, timeout=30)
    assert answer.content == content
    assert answer.headers["Content-Disposition"] == 'attachment; filename="j1-rejected.csv"'
    assert answer.headers["Content-Type"].startswith("text/csv")
