"""Local files on their way in: checked before a job is made for them, and sent to its upload link."""

import re
import stat
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import requests

from cli.client import Client
from cli.outcome import CliError, Document, UploadFailed, UsageProblem

UPLOAD_TIMEOUT = (5, 300)


def open_source(path: Path) -> BinaryIO:
    """Open a file to import; raise UsageProblem where it is missing, a directory, no plain file or unreadable."""
    try:
        if path.is_dir():
            raise UsageProblem(f"{path} is a directory; name the files in it")
        file = path.open("rb")
    except FileNotFoundError:
        raise UsageProblem(f"{path} does not exist; check the name") from None
    except PermissionError:
        raise UsageProblem(f"{path} may not be read by you; check its permissions") from None
    except OSError as error:
        raise UsageProblem(f"{path} cannot be opened: {error.strerror}") from None
    return file


def check_source(path: Path) -> None:
    """Open a file and close it again, so that nothing is created for a list of files of which one is missing."""
    if path.exists() and not path.is_dir() and not stat.S_ISREG(path.stat().st_mode):
        raise UsageProblem(f"{path} is no plain file; write its content to one first")
    open_source(path).close()
    if not path.stat().st_size:
        raise UsageProblem(f"{path} is empty; there is nothing to import")


def submit(client: Client, path: Path, request: Mapping[str, object]) -> Document:
    """Create a job for a file and upload it; return the job's id and status.

    If the upload fails or is interrupted, the job is cancelled: no job is left waiting for a file that never comes.
    """
    with open_source(path) as file:
        created = client.create_import({**request, "file_name": path.name}, idempotency_key=str(uuid.uuid4()))
        try:
            _upload(client, created["upload"], path, file)
        except BaseException as error:
            told = _cancel_unused(client, created["job_id"])
            if isinstance(error, CliError):
                raise type(error)(f"{error}; {told}") from None
            raise
    return created


def _upload(client: Client, upload: Document, path: Path, file: BinaryIO) -> None:
    size, limit = path.stat().st_size, upload["max_bytes"]
    if size > limit:
        raise UploadFailed(f"{path} has {size:,} bytes, but an upload may have {limit:,}; split the file")
    try:
        with requests.Session() as session:  # not the client's: its token is none of the bucket's business
            session.trust_env = client.trust_env
            answer = session.post(
                upload["url"], data=upload["fields"], files={"file": (path.name, file)}, timeout=UPLOAD_TIMEOUT
            )
    except requests.RequestException as error:
        raise UploadFailed(f"{path} could not be uploaded: {type(error).__name__}; try again") from None
    if not answer.ok:
        code = re.search(r"<Code>(.*?)</Code>", answer.text)
        raise UploadFailed(f"{path} was refused by the uploads bucket: {code[1] if code else answer.status_code}")


def _cancel_unused(client: Client, job_id: str) -> str:
    try:
        client.cancel(job_id)
    except CliError:
        return f"job {job_id} waits for a file and ends by itself when its link expires"
    return f"job {job_id} was cancelled"
