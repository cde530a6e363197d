"""One cold start of a function in this process, see cold_start; it prints the CPU seconds that it took.

`FUNCTION boto3` makes bare clients, `FUNCTION adapters` is the start of ours, `FUNCTION event` goes on to the end of
the first event. Nothing is imported here that a start may need itself.
"""

import sys
import time

CLIENTS = {"validate_upload": ("dynamodb", "s3", "events"), "load_batch": ("dynamodb", "s3")}
ADAPTERS = {
    "validate_upload": ("jobs", "catalog", "mappings", "files", "batches", "bus"),
    "load_batch": ("leases", "batches", "files", "records"),
}
TEMPLATE = {"name": "student", "record_type": "student", "key": ["id"], "fields": [{"name": "id", "required": True}]}
EVENTS = {
    "validate_upload": {"tenant": "demo", "job_id": "01JD0000000000000000000000"},
    "load_batch": {"tenant": "demo", "job_id": "01JD0", "attempt": "a1", "part": 0, "batch": 0, "run": 1},
}
CALLS = {"TransactWriteItems", "GetItem", "GET", "PUT", "BatchWriteItem", "PutEvents"}
"""What ValidateUpload's first event asks of AWS."""


def bare_clients(name: str) -> None:
    """Make the clients that the function has."""
    import boto3

    for service in CLIENTS[name]:
        boto3.client(service)


def adapters(name: str) -> None:
    """Import the handler, parse its first event and a template, and make the adapters that it needs."""
    sys.path.insert(0, f"functions/{name}")
    import app

    if name == "validate_upload":
        app.ValidationEvent.validate_python(EVENTS[name])
        from longshore.domain.templates.template import parse_template

        parse_template(TEMPLATE)
    else:
        app.BatchTask.model_validate(EVENTS[name])
    from longshore.bootstrap import services

    for adapter in ADAPTERS[name]:
        getattr(services(), adapter)


def first_event(name: str) -> None:
    """Import the handler and call it."""
    sys.path.insert(0, f"functions/{name}")
    import app
    from tests.benchmarks import first_event

    if set(first_event.call(app.lambda_handler, TEMPLATE)) != CALLS:
        raise AssertionError("the first event did not come to its end")


STARTS = {"boto3": bare_clients, "adapters": adapters, "event": first_event}

if __name__ == "__main__":
    # botocore and urllib3 take these where the SAM CLI happens to bring them; in Lambda they are not there.
    sys.modules |= dict.fromkeys(("OpenSSL", "awscrt"), None)  # type: ignore[arg-type]
    started = time.process_time()
    STARTS[sys.argv[2]](sys.argv[1])
    print(time.process_time() - started)
