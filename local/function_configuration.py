"""What the embedded AWS knows of one Lambda function: template.yaml's properties, resolved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class FunctionConfiguration:
    """One function as deployed. Times in seconds, memory in MB.

    code and layers are folders, role is an ARN; reserved is None where the template reserves no concurrency. The last
    four say what happens to an asynchronous invocation that fails.
    """

    name: str
    logical_id: str
    arn: str
    handler: str
    code: Path
    layers: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 3.0
    memory: int = 128
    runtime: str = "python3.13"
    log_group: str = ""
    role: str = ""
    reserved: int | None = None
    retries: int = 2
    maximum_event_age: float = 6 * 3600
    on_failure: str = ""
    dead_letter: str = ""
