"""The only reader of the environment: each variable of template.yaml becomes one typed field."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields


class MissingSetting(RuntimeError):
    """A variable that this function needs is not in its environment; template.yaml sets them all."""


@dataclass(frozen=True)
class Settings:
    """What template.yaml tells a function. Times in seconds, sizes in bytes; "" means not given to this function."""

    jobs_table: str
    locks_table: str
    catalog_table: str
    records_table: str
    uploads_bucket: str
    data_bucket: str
    bus_name: str
    run_import_arn: str = ""
    await_turn_arn: str = ""
    validate_upload_arn: str = ""
    make_report_arn: str = ""
    run_schedule_arn: str = ""
    schedule_group: str = ""
    schedule_role_arn: str = ""
    dead_letter_arn: str = ""
    worker_concurrency: int = 10
    batch_rows: int = 1000
    batch_timeout: int = 60
    run_lease: int = 900
    late_call_grace: int = 30
    running_imports: int = 3
    queued_jobs: int = 1000
    max_upload_bytes: int = 50 * 1024 * 1024
    upload_link_seconds: int = 3600
    tenant_claim: str = "tenant"
    role_claim: str = "role"

    def __post_init__(self) -> None:
        """Refuse a lease that a single batch could outlive (design section 8)."""
        if self.run_lease < 2 * self.batch_timeout:
            raise MissingSetting("LONGSHORE_RUN_LEASE must be at least twice LONGSHORE_BATCH_TIMEOUT")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read LONGSHORE_<FIELD> for every field; raise MissingSetting for one without a default."""
    env = os.environ if environment is None else environment
    values: dict[str, str | int] = {}
    for f in fields(Settings):
        name = f"LONGSHORE_{f.name.upper()}"
        if name in env:
            values[f.name] = int(env[name]) if f.type is int else env[name]
        elif f.default is MISSING:
            raise MissingSetting(f"{name} is not set; template.yaml sets it for every function")
    return Settings(**values)  # type: ignore[arg-type]
