"""The default destination: records in DynamoDB, written under conditions with an outcome for each.

A record's item is public (docs/record-layout): `pk` (domain.records.record_key), `data` (a map of the fields that have
a value), `rev`, `token`, `created_at`, `updated_at`. In `data` an integer is N, a boolean BOOL, everything else S: a
decimal, date or time stays the canonical text that it is, because DynamoDB's numbers would drop what `12.50` says
beyond its value, and its 38 digits would drop more.

Of three ways to write under a condition this one needs the fewest calls and write units (design section 12): the
statements of one BatchExecuteStatement are constant text with parameters, 25 to a call, no key twice.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from longshore.domain.records import Record, Scalar, Write, WriteKind, WriteOutcome
from longshore.errors import Retryable, UnexpectedFailure
from longshore.steps.ports import Clock
from longshore.storage.batch_calls import READ_LIMIT, get_items
from longshore.storage.items import Item
from longshore.storage.translate import translated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STATEMENTS = 25
"""In one BatchExecuteStatement (DynamoDB API reference)."""

BELIEVED = {"DuplicateItem": WriteOutcome.EXISTS, "ConditionalCheckFailed": WriteOutcome.CHANGED}
HOPELESS = frozenset({"AccessDenied", "ItemCollectionSizeLimitExceeded", "ResourceNotFound", "ValidationError"})
"""Codes of a statement (BatchStatementError in the API reference) that no repetition cures."""


class RecordStore:
    """record_port.Records."""

    def __init__(self, client: "DynamoDBClient", records_table: str, clock: Clock) -> None:
        self._client = client
        self._table = records_table
        self._clock = clock
        # INSERT is the condition itself: DynamoDB answers DuplicateItem where the key exists.
        self._insert = (
            f'INSERT INTO "{records_table}" VALUE '
            "{'pk': ?, 'data': ?, 'rev': ?, 'token': ?, 'created_at': ?, 'updated_at': ?}"
        )
        # Nobody wrote the record since we read it: `rev` names its last write and is never used again.
        as_read = '"rev" = ?'
        # No younger holder of the lock wrote it; a record that somebody edited by hand may have no token.
        no_younger_token = '("token" IS MISSING OR "token" <= ?)'
        self._update = (
            f'UPDATE "{records_table}" SET "data" = ? SET "rev" = ? SET "token" = ? SET "updated_at" = ? '
            f'WHERE "pk" = ? AND {as_read} AND {no_younger_token}'
        )

    def read(self, keys: Sequence[str]) -> Mapping[str, Record]:
        """Read records consistently, any number of distinct keys; absent ones are left out."""
        found: dict[str, Record] = {}
        for start in range(0, len(keys), READ_LIMIT):
            wanted = {self._table: [{"pk": {"S": key}} for key in keys[start : start + READ_LIMIT]]}
            for item in get_items(self._client, wanted, "read records")[self._table]:
                record = _record(item)
                found[record.key] = record
        return found

    def existing(self, keys: Collection[str]) -> set[str]:
        """Return those of any number of distinct keys that have a record; eventually consistent, 100 keys a call."""
        asked, found = list(keys), set[str]()
        for start in range(0, len(asked), READ_LIMIT):
            wanted = {self._table: [{"pk": {"S": key}} for key in asked[start : start + READ_LIMIT]]}
            items = get_items(self._client, wanted, "look for records", only="pk")[self._table]
            found.update(item["pk"]["S"] for item in items)
        return found

    def write(self, writes: Sequence[Write], until: int) -> list[WriteOutcome]:
        """Try each write once, in calls of 25; return an outcome for each, in order.

        No call starts after `until` (epoch ms): what is left is UNCERTAIN. Raises UnexpectedFailure where a statement
        can never succeed.
        """
        outcomes: list[WriteOutcome] = []
        for start in range(0, len(writes), STATEMENTS):
            if self._clock().timestamp() * 1000 >= until:
                break
            outcomes += self._call(writes[start : start + STATEMENTS])
        return outcomes + [WriteOutcome.UNCERTAIN] * (len(writes) - len(outcomes))

    def _call(self, writes: Sequence[Write]) -> list[WriteOutcome]:
        statements = [self._statement(write) for write in writes]
        try:
            answer = self._client.batch_execute_statement(Statements=statements)  # type: ignore[arg-type]
        except (ClientError, BotoCoreError) as error:
            failure = translated(error, "write records")
            if not isinstance(failure, Retryable):
                raise failure from error
            # It may have been written all the same: the reply was lost, not the request.
            return [WriteOutcome.UNCERTAIN] * len(writes)
        return list(_outcomes(answer["Responses"]))

    def _statement(self, write: Write) -> dict[str, Any]:
        record = write.record
        data, rev, token = {"M": _data(record.data)}, {"S": record.rev}, {"N": str(record.token)}
        if write.kind is WriteKind.INSERT:
            times = [{"S": record.created_at}, {"S": record.updated_at}]
            return {"Statement": self._insert, "Parameters": [{"S": record.key}, data, rev, token, *times]}
        new = [data, rev, token, {"S": record.updated_at}]
        where = [{"S": record.key}, {"S": write.expected_rev}, token]
        return {"Statement": self._update, "Parameters": [*new, *where]}


def _outcomes(responses: Sequence[Mapping[str, Any]]) -> Iterator[WriteOutcome]:
    """Read the outcome of each statement out of an answer whose HTTP status is 200 whatever happened."""
    for response in responses:
        code = response.get("Error", {}).get("Code")
        if code in HOPELESS:
            raise UnexpectedFailure(f"could not write a record: {code}: {response['Error'].get('Message', '')}")
        yield WriteOutcome.DONE if code is None else BELIEVED.get(code, WriteOutcome.UNCERTAIN)


def _data(values: Mapping[str, Scalar]) -> Item:
    """Marshal the fields that have a value; by exact type, which is all there is (bool is no int here)."""
    item: Item = {}
    for name, value in values.items():
        if value.__class__ is str:
            item[name] = {"S": value}
        elif value.__class__ is bool:
            item[name] = {"BOOL": value}
        elif value is not None:
            item[name] = {"N": str(value)}
    return item


def _record(item: Item) -> Record:
    """Read an item; one that was edited elsewhere may lack what only an import stamps."""
    return Record(
        key=item["pk"]["S"],
        data={name: _scalar(value) for name, value in item["data"]["M"].items()},
        rev=item["rev"]["S"],
        token=int(item["token"]["N"]) if "token" in item else 0,
        created_at=item["created_at"]["S"] if "created_at" in item else "",
        updated_at=item["updated_at"]["S"] if "updated_at" in item else "",
    )


def _scalar(attribute: Mapping[str, Any]) -> Scalar:
    ((kind, value),) = attribute.items()
    if kind == "N":
        return int(value) if value.lstrip("-").isdigit() else str(value)
    return None if kind == "NULL" else value
