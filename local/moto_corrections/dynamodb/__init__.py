"""DynamoDB: atomic actions, cheap transactions, conditional PartiQL batches, true sizes, an import's speed."""

from local.moto_corrections.dynamodb import partiql, reads, sizes, transactions, wire, writes


def apply() -> None:
    """Correct moto's DynamoDB in this process; to be called once."""
    sizes.apply()
    reads.apply()
    writes.apply()
    transactions.apply()
    partiql.apply()
    wire.apply()
