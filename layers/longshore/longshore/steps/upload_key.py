"""What the key of an upload says: whose it is, and which template or job it is for."""

from dataclasses import dataclass

from longshore.domain.templates.template import RESERVED_NAMES


@dataclass(frozen=True)
class Upload:
    """A dropped file (`template`) or the file of a job made through the API (`job_id`); the other one is ""."""

    tenant: str
    template: str
    job_id: str
    file_name: str


def parse_upload_key(key: str) -> Upload | None:
    """Read `{tenant}/{template}/{anything}` or `{tenant}/jobs/{job_id}/{file}`; None for any other key.

    What lies below `{tenant}/scheduled/` waits for its schedule; its arrival starts nothing.

    The prefix is the tenant because the bucket policy lets an uploading principal write below its own tenant only. A
    key that ends with / is the mark that some tools leave for a folder, and no file.
    """
    tenant, _, rest = key.partition("/")
    first, _, name = rest.partition("/")
    if not (tenant and first and name) or name.endswith("/"):
        return None
    if first not in RESERVED_NAMES:
        return Upload(tenant, first, "", name)
    if first != "jobs":
        return None
    job_id, _, file_name = name.partition("/")
    return Upload(tenant, "", job_id, file_name) if job_id and file_name else None


def job_upload_key(tenant: str, job_id: str, file_name: str) -> str:
    """Return the one key to which the file of a job made through the API is uploaded."""
    return f"{tenant}/jobs/{job_id}/{file_name}"


def scheduled_prefix(tenant: str, prefix: str) -> str:
    """Return where the files of a schedule lie."""
    return f"{tenant}/scheduled/{prefix}"
