"""Map states: their length, concurrency, tolerance, results, and what a stop does to them."""

import json
import threading

import boto3
import pytest

PASS_CHILD = {"Done": {"Type": "Pass", "Result": {}, "End": True}}


@pytest.mark.slow  # 3,000 children, each in threads of its own
def test_a_distributed_map_over_3000_items_of_a_manifest_runs_through(machines):
    reader = machines.manifest("long.json", [{"n": n} for n in range(3000)])
    each = machines.distributed(ItemReader=reader, ItemProcessor=machines.children(PASS_CHILD), MaxConcurrency=2)
    execution = machines.start({"Each": each})
    assert machines.wait(execution)["status"] == "SUCCEEDED"
    counts = machines.map_run(execution)["itemCounts"]
    assert (counts["total"], counts["succeeded"], counts["pending"], counts["running"]) == (3000, 3000, 0, 0)


@pytest.mark.slow  # 3,000 iterations, each in threads of its own
def test_an_inline_map_over_3000_items_runs_through_in_order(machines):
    same = machines.children({"Same": {"Type": "Pass", "End": True}}, mode="INLINE")
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": same, "MaxConcurrency": 2, "End": True}
    done = machines.run({"Each": each}, {"items": list(range(3000))})
    assert json.loads(done["output"]) == list(range(3000))


@pytest.mark.parametrize(
    ("tolerance", "failing", "status"),
    [
        ({}, [], "SUCCEEDED"),
        ({}, [3], "FAILED"),
        ({"ToleratedFailureCount": 2}, [3, 5], "SUCCEEDED"),
        ({"ToleratedFailureCount": 2}, [3, 5, 7], "FAILED"),
        ({"ToleratedFailurePercentage": 20}, [3, 5], "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 20}, [3, 5, 7], "FAILED"),
        ({"ToleratedFailurePercentage": 12.5}, [3, 5], "FAILED"),
        ({"ToleratedFailurePercentage": 100}, range(10), "SUCCEEDED"),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 90}, [3, 5], "FAILED"),
    ],
)
def test_a_distributed_map_honours_its_tolerance(machines, tolerance, failing, status):
    machines.fail_items(*failing)
    reader = machines.manifest("ten.json", [{"n": n} for n in range(10)])
    execution = machines.start({"Each": machines.distributed(ItemReader=reader, **tolerance)})
    done = machines.wait(execution)
    assert done["status"] == status
    if status == "FAILED":
        assert done["error"] == "States.ExceedToleratedFailureThreshold"
        assert "MapRunFailed" in machines.events(execution)
        assert machines.map_run(execution)["status"] == "FAILED"


@pytest.mark.parametrize("name", ["States.ExceedToleratedFailureThreshold", "States.ALL"])
def test_an_exceeded_tolerance_is_caught(machines, name):
    machines.fail_items(0)
    catch = [{"ErrorEquals": [name], "ResultPath": "$.error", "Next": "Finish"}]
    each = machines.distributed(ItemsPath="$.items", Catch=catch)
    done = machines.run({"Each": each, "Finish": {"Type": "Pass", "End": True}}, {"items": [{"n": 0}]})
    assert json.loads(done["output"])["error"]["Error"] == "States.ExceedToleratedFailureThreshold"


def test_a_catch_inside_the_item_processor_keeps_the_map_going(machines):
    machines.fail_items(1)
    inside = {
        "Work": machines.task(Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Mark"}]),
        "Mark": {"Type": "Pass", "Result": {"marked": True}, "End": True},
    }
    each = machines.distributed(ItemProcessor=machines.children(inside))
    done = machines.run({"Each": each}, [{"n": n} for n in range(3)])
    assert json.loads(done["output"]) == [{"n": 0}, {"marked": True}, {"n": 2}]


def test_levels_in_order_around_a_distributed_map_with_its_concurrency_from_the_input(machines):
    seen, busy, peak, lock = [], [], [], threading.Lock()
    three_at_once = threading.Barrier(3)

    def handler(event):
        with lock:
            seen.append(event["level"])
            busy.append(1)
            peak.append(len(busy))
        three_at_once.wait(timeout=20)
        with lock:
            busy.pop()
        return {}

    machines.handler = handler
    for level in range(3):
        machines.manifest(f"level-{level}.json", [{"level": level}] * 12)
    reader = machines.reader("", **{"Key.$": "States.Format('level-{}.json', $.level)"})
    del reader["Parameters"]["Key"]
    inner = machines.distributed(ItemReader=reader, ResultPath=None, MaxConcurrencyPath="$.concurrency")
    del inner["MaxConcurrency"]
    levels = {
        "Type": "Map",
        "ItemsPath": "$.levels",
        "ItemSelector": {"level.$": "$$.Map.Item.Value", "concurrency.$": "$.concurrency"},
        "MaxConcurrency": 1,
        "ItemProcessor": machines.children({"Batches": inner}, mode="INLINE"),
        "ResultPath": None,
        "End": True,
    }
    done = machines.run({"Levels": levels}, {"levels": [0, 1, 2], "concurrency": 3})
    assert done["status"] == "SUCCEEDED", done
    assert seen == [0] * 12 + [1] * 12 + [2] * 12
    assert max(peak) == 3


@pytest.mark.parametrize("content", [None, b"no json", b'{"not": "a list"}'])
def test_an_unreadable_manifest_fails_as_item_reader_failed(machines, content):
    if content is not None:
        machines.s3.put_object(Bucket=machines.bucket, Key="broken.json", Body=content)
    catch = [{"ErrorEquals": ["States.ItemReaderFailed"], "ResultPath": "$.error", "Next": "Finish"}]
    each = machines.distributed(ItemReader=machines.reader("broken.json" if content else "absent.json"), Catch=catch)
    done = machines.run({"Each": each, "Finish": {"Type": "Pass", "End": True}})
    assert done["status"] == "SUCCEEDED", (done["error"], done["cause"])


def test_a_manifest_needs_no_reader_config(machines):
    reader = machines.manifest("short.json", [{"n": 1}, {"n": 2}])
    del reader["ReaderConfig"]
    done = machines.run({"Each": machines.distributed(ItemReader=reader)})
    assert json.loads(done["output"]) == [{"n": 1}, {"n": 2}]


def test_a_result_writer_writes_a_manifest_and_one_file_per_outcome(machines):
    machines.fail_items(1)
    parameters = {"Bucket": machines.bucket, "Prefix": "results"}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": parameters}
    each = machines.distributed(ToleratedFailurePercentage=100, ResultWriter=writer)
    place = json.loads(machines.run({"Each": each}, [{"n": n} for n in range(3)])["output"])["ResultWriterDetails"]

    def stored(key):
        return json.loads(machines.s3.get_object(Bucket=machines.bucket, Key=key)["Body"].read())

    files = stored(place["Key"])["ResultFiles"]
    assert [entry["Input"] for entry in stored(files["SUCCEEDED"][0]["Key"])] == ['{"n": 0}', '{"n": 2}']
    assert [entry["Input"] for entry in stored(files["FAILED"][0]["Key"])] == ['{"n": 1}']
    assert files["PENDING"] == []


def test_a_stop_lets_no_other_child_begin(machines):
    begun, entered, release = [], threading.Event(), threading.Event()

    def handler(event):
        begun.append(event["n"])
        entered.set()
        release.wait(20)
        return {}

    machines.handler = handler
    execution = machines.start({"Each": machines.distributed(MaxConcurrency=1)}, [{"n": n} for n in range(5)])
    assert entered.wait(20)
    machines.sfn.stop_execution(executionArn=execution)
    release.set()
    machines.until(lambda: "ExecutionAborted" in machines.events(execution))
    run = machines.map_run(execution)
    assert (begun, run["status"], run["itemCounts"]["aborted"]) == ([0], "ABORTED", 5)
    assert machines.sfn.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_tasks_share_one_client_per_service(machines, monkeypatch):
    made = []
    build = boto3.client
    monkeypatch.setattr(boto3, "client", lambda *args, **options: made.append(args) or build(*args, **options))
    items = [{"n": n} for n in range(20)]
    assert machines.run({"Each": machines.distributed()}, items)["status"] == "SUCCEEDED"
    assert len(made) <= 1
