"""One creator per CloudFormation resource type that the embedded AWS knows."""

from local.resources import api, buckets, events, functions, identities, messaging, operations, state_machines, tables
from local.resources.creator import Creator

CREATORS: dict[str, Creator] = {
    **api.CREATORS,
    **buckets.CREATORS,
    **events.CREATORS,
    **functions.CREATORS,
    **identities.CREATORS,
    **messaging.CREATORS,
    **operations.CREATORS,
    **state_machines.CREATORS,
    **tables.CREATORS,
}
