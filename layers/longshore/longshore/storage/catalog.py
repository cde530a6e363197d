"""Templates in DynamoDB: immutable versions, and one pointer per template that says which is current.

    pk `{tenant}#templates`         sk `{name}`       version, title, digest of the current version
    pk `{tenant}#template#{name}`   sk `{NNNNNN}`     the document, as JSON; who stored it and when

Through the low-level client: four calls do not pay for a model.
"""

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from longshore.domain.templates.template import Template, parse_template
from longshore.errors import StaleItem, TemplateNotFound
from longshore.storage.backoff import tries
from longshore.storage.items import Item, encode
from longshore.storage.transaction import Refused, Transaction
from longshore.storage.translate import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class TemplateStore:
    """ports.Catalog."""

    def __init__(self, client: "DynamoDBClient", catalog_table: str) -> None:
        self._client = client
        self._table = catalog_table

    def put(self, tenant: str, template: Template, actor: str, at: datetime) -> int:
        """Store a new version, or find that the current one is equal; return its number."""
        document = orjson.dumps(template.as_document(), option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(document).hexdigest()
        for _ in tries():
            pointer = self._item(_pointer_key(tenant, template.name))
            current = int(pointer["version"]["N"]) if pointer else 0
            if pointer and pointer["digest"]["S"] == digest:
                return current
            version = {
                **_version_key(tenant, template.name, current + 1),
                "document": encode(document.decode()),
                "actor": encode(actor),
                "created_at": encode(at),
            }
            moved = {
                **_pointer_key(tenant, template.name),
                "version": encode(current + 1),
                "title": encode(template.title),
                "digest": encode(digest),
            }
            if self._store(current, version, moved):
                return current + 1
        raise StaleItem(f"template {template.name} keeps changing")

    def _store(self, current: int, version: Item, pointer: Item) -> bool:
        """Write a version and make it the current one; say whether nobody else was faster."""
        transaction = Transaction(self._client, "store a template")
        # A version is never overwritten: jobs have pinned it.
        number_is_free = {"ConditionExpression": "attribute_not_exists(pk)"}
        transaction.put("version", {"TableName": self._table, "Item": version, **number_is_free})
        # The current version is still the one that ours was compared with.
        as_read = {
            "ConditionExpression": "attribute_not_exists(pk) OR #version = :current",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":current": encode(current)},
        }
        transaction.put("pointer", {"TableName": self._table, "Item": pointer, **as_read})
        try:
            transaction.commit()
        except Refused:
            return False
        return True

    def get(self, tenant: str, name: str, version: int = 0) -> tuple[Template, int]:
        """Return a version (0 is the current one) and its number; raise TemplateNotFound."""
        number = version or self._current(tenant, name)
        item = self._item(_version_key(tenant, name, number))
        if not item:
            raise TemplateNotFound(f"template {name!r} has no version {number}")
        return parse_template(orjson.loads(item["document"]["S"])), number

    def names(self, tenant: str) -> list[tuple[str, int, str]]:
        """Return name, current version and title of each template of a tenant, by name."""
        with aws_errors("list templates"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": encode(f"{tenant}#templates")},
            )
            return [
                (item["sk"]["S"], int(item["version"]["N"]), item["title"]["S"])
                for page in pages
                for item in page["Items"]
            ]

    def _current(self, tenant: str, name: str) -> int:
        pointer = self._item(_pointer_key(tenant, name))
        if not pointer:
            raise TemplateNotFound(f"there is no template {name!r}; put it first (longshore templates push)")
        return int(pointer["version"]["N"])

    def _item(self, key: Item) -> Item:
        with aws_errors("read a template"):
            return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})


def _pointer_key(tenant: str, name: str) -> Item:
    return {"pk": encode(f"{tenant}#templates"), "sk": encode(name)}


def _version_key(tenant: str, name: str, version: int) -> Item:
    return {"pk": encode(f"{tenant}#template#{name}"), "sk": encode(f"{version:06d}")}
