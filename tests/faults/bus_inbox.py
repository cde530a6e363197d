"""What the functions said on the bus, kept in a queue for tests to read."""

import json
import threading
from collections import defaultdict

from local.embedded_aws import EmbeddedAws


class BusInbox:
    """Hears every message of Longshore's bus from now on."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._sqs = aws.client("sqs")
        self._url = self._sqs.create_queue(QueueName="bus-inbox")["QueueUrl"]
        self._said: defaultdict[str, list[str]] = defaultdict(list)
        self._reading = threading.Lock()
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        bus, events = aws.outputs["BusName"], aws.client("events")
        pattern = json.dumps({"source": ["longshore"]})
        events.put_rule(Name="inbox", EventBusName=bus, EventPattern=pattern)
        events.put_targets(Rule="inbox", EventBusName=bus, Targets=[{"Id": "inbox", "Arn": arn}])

    def heard(self, job_id: str) -> list[str]:
        """The types of the messages about a job, oldest first as far as a queue keeps order."""
        with self._reading:
            while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    event = json.loads(message["Body"])
                    self._said[event["detail"]["job_id"]].append(event["detail-type"])
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            return list(self._said[job_id])
