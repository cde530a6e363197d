"""What a caller may ask of a new import, checked before anything is created."""

import hashlib
import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from longshore.domain.job import Mode
from longshore.domain.templates.file_options import FileOptions
from longshore.errors import InvalidRequest
from longshore.steps.request_body import RequestBody

FILE_NAME_BYTES = 255
UNSAFE_IN_A_NAME = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _file_name(name: str) -> str:
    if not name.strip() or name in {".", ".."} or UNSAFE_IN_A_NAME.search(name):
        raise ValueError("must be a plain file name: no folders, no control characters")
    # S3 replaces this variable in the key of a POST by whatever name the uploading client sends.
    if "${" in name:
        raise ValueError("must not contain ${")
    if len(name.encode()) > FILE_NAME_BYTES:
        raise ValueError(f"must not be longer than {FILE_NAME_BYTES} bytes in UTF-8")
    return name


def _text(value: object) -> object:
    if not isinstance(value, str | datetime):
        raise ValueError("must be a text such as 2027-01-31T06:00:00+01:00")
    return value


class ImportRequest(RequestBody):
    """The body of a request for an import; `start_at` carries an offset, `file` overrides what the template says."""

    template: str
    file_name: Annotated[str, AfterValidator(_file_name)]
    mode: Mode | None = None
    priority: Annotated[int, Field(strict=True, ge=1, le=10)] = 5
    force: Annotated[bool, Field(strict=True)] = False
    preview: Annotated[bool, Field(strict=True)] = False
    file: FileOptions | None = None
    start_at: Annotated[AwareDatetime, BeforeValidator(_text)] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the request in its canonical form, defaults spelt out: what "the same body" means."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def check_start(self, now: datetime) -> None:
        """Raise InvalidRequest where `start_at` has passed; not asked again when a request is repeated."""
        if self.start_at is not None and self.start_at <= now:
            raise InvalidRequest(f"start_at: {self.start_at.isoformat()} has passed; leave it out to start at once")
