"""S3: one event per change, atomic requests, and POST policies that bind."""

from local.moto_corrections.s3 import object_events, post_policy, requests


def apply() -> None:
    """Correct moto's S3 in this process; to be called once."""
    object_events.apply()
    post_policy.apply()
    requests.apply()
