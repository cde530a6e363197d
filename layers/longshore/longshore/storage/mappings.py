"""Confirmed mappings in the Catalog table: one item per template of a tenant.

    pk `{tenant}#template#{name}`    sk `mapping`    revision, columns: a Confirmation by normalised header

One item, because a validation reads all of it, once. Who writes has read before:

    two people answer at once            the item
    ────────────────────────────         ──────────────────────────────────────
    A reads revision r1
    B reads revision r1
    A writes r2 if still r1         →    what A said
    B writes r3 if still r1         →    refused; B reads again, adds its own, and writes
    B writes r3 if still r2         →    what both said
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from longshore.domain.templates.header_matching import Confirmation, normalised
from longshore.errors import InvalidRequest, StaleItem
from longshore.storage.backoff import tries
from longshore.storage.items import Item, decode, encode, encode_fields
from longshore.storage.transaction import Refused, Transaction
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_BYTES = 300 * 1024
"""Of headers, fields and actors; an item may have 400 KB (DynamoDB developer guide, "Constraints")."""
BYTES_BESIDES = 120
"""What a confirmation takes besides its texts, at most: names of attributes, a time, and what each attribute costs."""


@dataclass(frozen=True)
class _Mapping:
    """The item; a template of which nothing was confirmed has none, and the revision ""."""

    revision: str = ""
    columns: dict[str, Confirmation] = field(default_factory=dict)


class MappingStore:
    """mapping_port.Mappings."""

    def __init__(self, client: "DynamoDBClient", catalog_table: str) -> None:
        self._client = client
        self._table = catalog_table

    def confirmed(self, tenant: str, template: str) -> Mapping[str, Confirmation]:
        """Read what was confirmed, by normalised header, consistently."""
        return self._read(tenant, template).columns

    def confirm(self, tenant: str, template: str, said: Sequence[Confirmation]) -> Mapping[str, Confirmation]:
        """Keep what is said now besides what was said of other headers; raise InvalidRequest where it does not fit."""
        for _ in tries():
            before = self._read(tenant, template)
            news = {form: one for one in said if _is_news(before.columns.get(form := normalised(one.header)), one)}
            if not news:
                return before.columns
            after = {**before.columns, **news}
            _must_fit(after, template)
            if self._write(tenant, template, before, after):
                return after
        raise StaleItem(f"the mapping of template {template} keeps changing")

    def clear(self, tenant: str, template: str, header: str | None = None) -> int:
        """Forget a header, or all of them; return how many were known."""
        for _ in tries():
            before = self._read(tenant, template)
            forgotten = set(before.columns) if header is None else {normalised(header)} & set(before.columns)
            left = {form: one for form, one in before.columns.items() if form not in forgotten}
            if not forgotten or self._write(tenant, template, before, left):
                return len(forgotten)
        raise StaleItem(f"the mapping of template {template} keeps changing")

    def _read(self, tenant: str, template: str) -> _Mapping:
        with aws_errors(f"read the mapping of template {template}"):
            answer = self._client.get_item(TableName=self._table, Key=_key(tenant, template), ConsistentRead=True)
        return decode(_Mapping, answer["Item"]) if "Item" in answer else _Mapping()

    def _write(self, tenant: str, template: str, before: _Mapping, columns: dict[str, Confirmation]) -> bool:
        """Replace the item, or delete it where nothing is left, if it is still as `before`; say whether it was."""
        transaction = Transaction(self._client, f"change the mapping of template {template}")
        # Nobody said or cleared anything since we read it: what others said is among what we write.
        still_as_read: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before.revision:
            still_as_read = {
                "ConditionExpression": "revision = :revision",
                "ExpressionAttributeValues": {":revision": encode(before.revision)},
            }
        key = _key(tenant, template)
        if columns:
            item = {**key, **encode_fields(_Mapping(uuid.uuid4().hex, columns))}
            transaction.put("mapping", {"TableName": self._table, "Item": item, **still_as_read})
        else:
            transaction.delete("mapping", {"TableName": self._table, "Key": key, **still_as_read})
        try:
            transaction.commit()
        except Refused:
            return False
        return True


def _is_news(before: Confirmation | None, said: Confirmation) -> bool:
    return before is None or before.field != said.field


def _must_fit(columns: Mapping[str, Confirmation], template: str) -> None:
    texts = (text for form, one in columns.items() for text in (form, one.header, one.field or "", one.actor))
    size = sum(len(text.encode()) for text in texts) + BYTES_BESIDES * len(columns)
    if size > MOST_BYTES:
        raise InvalidRequest(
            f"template {template} has {len(columns)} confirmed headers, more than there is room for; "
            f"clear some first (longshore templates mapping {template} --clear)"
        )


def _key(tenant: str, template: str) -> Item:
    return {"pk": encode(f"{tenant}#template#{template}"), "sk": encode("mapping")}
