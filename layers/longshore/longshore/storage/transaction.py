"""Writes that happen together or not at all, and whose refusal names the items that refused."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from longshore.errors import ServiceUnavailable, StaleItem, UnexpectedFailure
from longshore.storage.backoff import tries
from longshore.storage.translate import PASSING, aws_errors, error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LIMIT = 100
"""Items in one transaction (DynamoDB API reference, TransactWriteItems)."""


class Refused(StaleItem):
    """Conditions of a transaction failed and nothing was written; `names` are those of the writes that refused."""

    def __init__(self, doing: str, names: frozenset[str]) -> None:
        super().__init__(f"could not {doing}: {', '.join(sorted(names))} changed since it was read")
        self.names = names


class Transaction:
    """Collects writes, each under a name of its own.

    A retry of the SDK after a lost reply does nothing twice: it repeats the ClientRequestToken that boto3 made.
    """

    def __init__(self, client: "DynamoDBClient", doing: str) -> None:
        self._client = client
        self._doing = doing
        self._writes: dict[str, dict[str, Any]] = {}

    def put(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Add a Put with the arguments of the API's Put structure."""
        self._writes[name] = {"Put": arguments}

    def delete(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Add a Delete."""
        self._writes[name] = {"Delete": arguments}

    def check(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Add a ConditionCheck."""
        self._writes[name] = {"ConditionCheck": arguments}

    def commit(self) -> None:
        """Write all or nothing; raise Refused, or ServiceUnavailable where other transactions stay in the way."""
        if len(self._writes) > LIMIT:
            raise UnexpectedFailure(f"could not {self._doing}: {len(self._writes)} items, {LIMIT} are allowed")
        codes: Mapping[str, str] = {}
        for _ in tries():
            codes = self._attempt()
            if not codes:
                return
            if refused := frozenset(name for name, code in codes.items() if code == "ConditionalCheckFailed"):
                raise Refused(self._doing, refused)
            if odd := {name: code for name, code in codes.items() if code not in PASSING}:
                raise UnexpectedFailure(f"could not {self._doing}: {odd}")
        raise ServiceUnavailable(f"could not {self._doing}: {dict(codes)}")

    def _attempt(self) -> dict[str, str]:
        """Try once; return the reason of each write that stood in the way."""
        with aws_errors(self._doing):
            try:
                self._client.transact_write_items(TransactItems=list(self._writes.values()))  # type: ignore[arg-type]
            except ClientError as error:
                if error_code(error) != "TransactionCanceledException":
                    raise
                return self._reasons(error.response["CancellationReasons"])
        return {}

    def _reasons(self, reasons: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        return {name: r["Code"] for name, r in zip(self._writes, reasons, strict=True) if r["Code"] != "None"}
