"""The bridge from moto's Lambda API to the local Lambda service, and the version that all corrections stand on."""

import base64
import json

import moto
import pytest
from botocore.exceptions import ClientError

from local import moto_corrections
from local.lambda_answer import Answer, Throttled
from local.moto_corrections import lambdas


@pytest.fixture
def invoke(client, function):
    """invoke(**arguments) -> the answer of the Invoke API."""
    api = client("lambda")
    return lambda **arguments: api.invoke(FunctionName=function.name, **arguments)


@pytest.fixture
def calls():
    """Install a bridge that keeps its calls and answers what the test puts into `calls.answer`."""

    class Calls(list):
        answer = Answer(b'"done"', None, b"the log")

        def __call__(self, *call):
            self.append(call)
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

    installed = Calls()
    lambdas.install(installed)
    return installed


def test_a_synchronous_invocation_gets_payload_and_log(invoke, function, calls):
    context = base64.b64encode(b'{"custom": {}}').decode()
    answer = invoke(Payload=b'{"n": 1}', LogType="Tail", ClientContext=context)
    assert (answer["StatusCode"], json.load(answer["Payload"])) == (200, "done")
    assert base64.b64decode(answer["LogResult"]) == b"the log"
    assert "FunctionError" not in answer
    assert calls == [(function.name, b'{"n": 1}', "RequestResponse", b'{"custom": {}}')]


def test_a_function_error_is_reported_as_such(invoke, function, calls):
    calls.answer = Answer(b'{"errorType": "ValueError"}', "Unhandled")
    answer = invoke(Payload=b"{}")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.load(answer["Payload"]) == {"errorType": "ValueError"}


def test_throttling_is_429(invoke, function, calls):
    calls.answer = Throttled()
    with pytest.raises(ClientError) as refused:
        invoke(Payload=b"{}")
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_an_event_is_accepted_and_handed_over(invoke, function, calls):
    answer = invoke(Payload=b'{"n": 2}', InvocationType="Event")
    assert answer["StatusCode"] == 202
    assert calls == [(function.name, b'{"n": 2}', "Event", None)]


def test_a_dry_run_reaches_no_function(invoke, function, calls):
    assert invoke(InvocationType="DryRun")["StatusCode"] == 204
    assert calls == []


def test_an_unknown_function_is_not_found(client, calls):
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("lambda").invoke(FunctionName="other", Payload=b"{}")
    assert calls == []


def test_the_corrections_apply_to_one_version_of_moto_only(monkeypatch):
    monkeypatch.setattr(moto, "__version__", "5.3.0")
    with pytest.raises(AssertionError, match=r"proven for moto 5\.2\.5, but 5\.3\.0 is installed"):
        moto_corrections.apply()


def test_applying_twice_corrects_once():
    moto_corrections.apply()
    before = moto.dynamodb.responses.DynamoHandler._dispatch
    moto_corrections.apply()
    assert moto.dynamodb.responses.DynamoHandler._dispatch is before
