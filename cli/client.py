"""The HTTP API as Python calls; every refusal becomes one line with its exit status."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

from cli.outcome import CliError, Document, Unreachable, UsageProblem

TIMEOUT = (5, 60)
"""Seconds to connect, and to wait for an answer."""

PAGE = 200


class Bearer(AuthBase):
    """Puts the token into each request; set as `auth` so that no .netrc entry replaces it."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Client:
    """One caller at one endpoint; `own` says that its embedded AWS ends with this command.

    Raises Unreachable where nothing answers or the service fails inside, UsageProblem where it refuses.
    """

    def __init__(self, endpoint: str, token: str, own: bool = False, local: bool = False) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.own = own
        # A proxy of the environment is for the outside: it could not reach this machine's own ports.
        self.trust_env = not local
        self._session = requests.Session()
        self._session.auth = Bearer(token)
        self._session.trust_env = self.trust_env
        # Every call may be repeated: reads, a PUT, a POST under an Idempotency-Key, answers, cancel, start and retry.
        again = Retry(
            total=5,
            connect=2,
            backoff_factor=0.2,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=None,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=again))

    def create_import(self, request: Document, idempotency_key: str) -> Document:
        """Create a job and its upload link."""
        return self._call("POST", "/imports", body=request, headers={"Idempotency-Key": idempotency_key})

    def job(self, job_id: str) -> Document:
        """Read a job."""
        return self._call("GET", f"/imports/{quote(job_id, safe='')}")

    def cancel(self, job_id: str) -> Document:
        """Cancel a job."""
        return self._call("POST", f"/imports/{quote(job_id, safe='')}/cancel")

    def start(self, job_id: str) -> Document:
        """Start a job that waits for it."""
        return self._call("POST", f"/imports/{quote(job_id, safe='')}/start")

    def answer(self, job_id: str, answers: Sequence[Document]) -> Document:
        """Answer questions about a job's columns."""
        return self._call("POST", f"/imports/{quote(job_id, safe='')}/answers", body={"answers": list(answers)})

    def retry(self, job_id: str) -> Document:
        """Run what is left of a job again."""
        return self._call("POST", f"/imports/{quote(job_id, safe='')}/retry")

    def jobs(self, status: str) -> Iterator[Document]:
        """Read the jobs of the tenant, newest first, page by page as they are taken."""
        return self._pages("/imports", "jobs", {"status": status} if status else {})

    def errors(self, job_id: str) -> Iterator[Document]:
        """Read the rejected rows of a job, page by page as they are taken."""
        return self._pages(f"/imports/{quote(job_id, safe='')}/errors", "errors", {})

    def report(self, job_id: str, kind: str) -> Document:
        """Ask where the report of a job's rejected rows is; it may be in the making."""
        return self._call("GET", f"/imports/{quote(job_id, safe='')}/report", query={"format": kind})

    def templates(self) -> Document:
        """List the templates."""
        return self._call("GET", "/templates")

    def template(self, name: str, version: int) -> Document:
        """Read a template; version 0 is the current one."""
        return self._call("GET", f"/templates/{quote(name, safe='')}", query={"version": version} if version else {})

    def put_template(self, name: str, document: Document) -> Document:
        """Store a version of a template."""
        return self._call("PUT", f"/templates/{quote(name, safe='')}", body=document)

    def mapping(self, name: str) -> Document:
        """Read what headers of a template's files were confirmed to mean."""
        return self._call("GET", f"/templates/{quote(name, safe='')}/mapping")

    def put_mapping(self, name: str, columns: Mapping[str, str | None]) -> Document:
        """Confirm what some headers mean."""
        return self._call("PUT", f"/templates/{quote(name, safe='')}/mapping", body={"columns": dict(columns)})

    def delete_mapping(self, name: str, header: str) -> Document:
        """Forget what was confirmed of a header, of all where it is ""."""
        query = {"header": header} if header else {}
        return self._call("DELETE", f"/templates/{quote(name, safe='')}/mapping", query=query)

    def schedules(self) -> Document:
        """List the schedules."""
        return self._call("GET", "/schedules")

    def schedule(self, name: str) -> Document:
        """Read a schedule with its last firings."""
        return self._call("GET", f"/schedules/{quote(name, safe='')}")

    def put_schedule(self, name: str, request: Document) -> Document:
        """Store a schedule."""
        return self._call("PUT", f"/schedules/{quote(name, safe='')}", body=request)

    def delete_schedule(self, name: str) -> Document:
        """Delete a schedule."""
        return self._call("DELETE", f"/schedules/{quote(name, safe='')}")

    def locks(self) -> Document:
        """List the locks that runs hold."""
        return self._call("GET", "/locks")

    def lock_conflicts(self, limit: int) -> Document:
        """Say what the first queued jobs wait for."""
        return self._call("GET", "/locks/conflicts", query={"limit": limit})

    def slots(self, limit: int) -> Document:
        """Show the tenant's slots and the first jobs that wait for one."""
        return self._call("GET", "/slots", query={"limit": limit})

    def _pages(self, path: str, what: str, query: dict[str, Any]) -> Iterator[Document]:
        page = self._call("GET", path, query={**query, "limit": PAGE})
        yield from page[what]
        while page["cursor"]:
            page = self._call("GET", path, query={**query, "limit": PAGE, "cursor": page["cursor"]})
            yield from page[what]

    def _call(
        self,
        method: str,
        path: str,
        body: Document | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Document:
        try:
            answer = self._session.request(
                method, self.endpoint + path, json=body, params=query, headers=headers, timeout=TIMEOUT
            )
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
            raise UsageProblem(f"{self.endpoint!r} is no URL; set LONGSHORE_ENDPOINT to https://...") from None
        except requests.RequestException as error:
            raise Unreachable(
                f"nothing answers at {self.endpoint} ({_cause(error)}); check LONGSHORE_ENDPOINT and the network, "
                "or start `longshore up`"
            ) from None
        return self._read(answer)

    def _read(self, answer: requests.Response) -> Document:
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise Unreachable(
                f"{self.endpoint} answered {answer.status_code} without a JSON object; "
                "check that LONGSHORE_ENDPOINT is the ApiUrl of the stack"
            )
        if answer.ok:
            return document
        raise _refusal(answer, str(document.get("message", "no reason given")))


def _refusal(answer: requests.Response, message: str) -> CliError:
    if answer.status_code == 401:
        why = _challenge(answer) or "missing, expired, or not signed by the issuer of this API"
        return UsageProblem(f"the token was refused ({why}); set LONGSHORE_TOKEN to a fresh token")
    if answer.status_code == 429 or answer.status_code >= 500:
        return Unreachable(f"Longshore cannot answer now ({answer.status_code}): {message}")
    return UsageProblem(message)


def _challenge(answer: requests.Response) -> str:
    """Return the error_description of a WWW-Authenticate header (RFC 6750, section 3)."""
    _, found, rest = answer.headers.get("WWW-Authenticate", "").partition('error_description="')
    return rest.partition('"')[0] if found else ""


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    text = str(error).lower()
    for sign, cause in (
        ("refused", "connection refused"),
        ("resolve", "unknown host"),
        ("certificate", "bad certificate"),
    ):
        if sign in text:
            return cause
    return type(error).__name__
