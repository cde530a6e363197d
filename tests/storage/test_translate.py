"""Every error of AWS and of the SDK becomes one that says whether the same call may succeed later."""

import re

import pytest
from botocore import exceptions as sdk
from botocore.exceptions import ClientError
from pynamodb.exceptions import QueryError

from longshore.errors import JobNotFound, Permanent, Retryable, ServiceUnavailable, UnexpectedFailure
from longshore.storage import clients
from longshore.storage.jobs import JobStore
from longshore.storage.translate import aws_errors, translated
from tests.storage.faults import failing
from tests.storage.jobs_made import a_job, first_event


def an_answer(code: str, status: int = 400, message: str = "said\nso") -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "PutItem")


@pytest.mark.parametrize(
    "error",
    [
        an_answer("ThrottlingException"),
        an_answer("ProvisionedThroughputExceededException"),
        an_answer("TransactionConflictException"),
        an_answer("TransactionInProgressException"),
        an_answer("RequestLimitExceeded"),
        an_answer("SlowDown", 503),
        an_answer("InternalServerError", 500),
        an_answer("SomethingNew", 502),
        an_answer("SomethingNew", 429),
        sdk.ReadTimeoutError(endpoint_url="http://x"),
        sdk.ConnectTimeoutError(endpoint_url="http://x"),
        sdk.EndpointConnectionError(endpoint_url="http://x"),
        sdk.ConnectionClosedError(endpoint_url="http://x"),
        sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2),
        sdk.ResponseStreamingError(error="reset"),
    ],
    ids=repr,
)
def test_what_passes_is_service_unavailable(error):
    assert isinstance(translated(error, "write"), ServiceUnavailable)


@pytest.mark.parametrize(
    "error",
    [
        an_answer("AccessDeniedException"),
        an_answer("ValidationException"),
        an_answer("ResourceNotFoundException"),
        an_answer("ExpiredTokenException", 403),
        sdk.NoCredentialsError(),
        sdk.ParamValidationError(report="x"),
    ],
    ids=repr,
)
def test_what_does_not_pass_is_unexpected(error):
    assert isinstance(translated(error, "write"), UnexpectedFailure)


def test_the_line_says_what_was_tried_and_what_aws_said():
    with pytest.raises(UnexpectedFailure, match=re.escape("could not read job j1: AccessDeniedException: said so")):
        with aws_errors("read job j1"):
            raise an_answer("AccessDeniedException", 403)


def test_an_error_that_pynamodb_wrapped_is_seen_through():
    with pytest.raises(ServiceUnavailable, match="ThrottlingException"):
        with aws_errors("list jobs"):
            raise QueryError("Failed", an_answer("ThrottlingException"))


def test_errors_of_our_own_and_defects_pass_through():
    with pytest.raises(JobNotFound), aws_errors("read"):
        raise JobNotFound("no")
    with pytest.raises(KeyError), aws_errors("read"):
        raise KeyError("no")


@pytest.fixture
def jobs(stores) -> JobStore:
    return JobStore(clients.dynamodb(), stores.jobs, stores.catalog, upload_link_seconds=3600)


def test_a_store_that_cannot_reach_aws_is_retryable(jobs, tenant):
    job = a_job(tenant)
    with failing(clients.dynamodb(), "TransactWriteItems", sdk.ReadTimeoutError(endpoint_url="http://x")):
        with pytest.raises(Retryable, match="create job j1"):
            jobs.create(job, first_event(job))


def test_a_table_that_is_not_there_is_not(stores, tenant):
    jobs = JobStore(clients.dynamodb(), "nowhere", stores.catalog, upload_link_seconds=3600)
    with pytest.raises(Permanent, match="ResourceNotFoundException"):
        jobs.get(tenant, "j1")
