"""Holds each function to its role: a call that template.yaml's policies do not allow is refused, as AWS would do it.

Every function has an access key of its own, so a request says whose it is. What is judged is what least privilege is
about: Allow statements with actions and resources. Statements with conditions count as allowing (a test reads those),
calls of anybody else (tests, the state machines, presigned uploads) are not judged.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from local.iam_actions import Asked, Request, asked_for

CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/aws4_request")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Role:
    """What a function may do: Allow statements as its policies give them."""

    function: str
    statements: Sequence[Mapping[str, Any]]

    def allows(self, action: str, resource: str) -> bool:
        """Whether a statement allows the action on the resource; * and ? are wildcards in both."""
        return any(
            statement["Effect"] == "Allow"
            and any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _listed(statement["Action"]))
            and any(fnmatchcase(resource, pattern) for pattern in _listed(statement["Resource"]))
            for statement in self.statements
        )


class Permissions:
    """The roles by access key, and a WSGI application that asks them before the one that it wraps."""

    def __init__(self, application: Wsgi, account: str) -> None:
        self._application = application
        self._account = account
        self._roles: dict[str, Role] = {}

    def register(self, access_key: str, role: Role) -> None:
        """Hold the calls made with this key to a role."""
        self._roles[access_key] = role

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer AccessDenied, or pass the request on."""
        found = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        role = self._roles.get(found[1]) if found else None
        if found is None or role is None:
            return self._application(environ, start_response)
        request = self._read(environ, region=found[2], service=found[3])
        denied = [asked for asked in asked_for(request) if not role.allows(*asked)]
        if denied:
            return _refusal(role, denied, request.service, start_response)
        return self._application(environ, start_response)

    def _read(self, environ: dict[str, Any], region: str, service: str) -> Request:
        body = b""
        # An object's content says nothing about permissions, and it may be large.
        if service != "s3":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
        return Request(
            service=service,
            method=environ["REQUEST_METHOD"],
            path=environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0],
            query=environ.get("QUERY_STRING", ""),
            target=environ.get("HTTP_X_AMZ_TARGET", ""),
            body=body,
            region=region,
            account=self._account,
        )


def role_of(function: str, role_arn: str, iam: Any) -> Role:
    """Read a deployed role with its inline and its customer-managed policies."""
    name = role_arn.rsplit("/", 1)[-1]
    return Role(function, [statement for document in _documents(name, iam) for statement in _listed(document)])


def _documents(role: str, iam: Any) -> Iterator[Any]:
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        yield iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]["Statement"]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _refusal(role: Role, denied: Sequence[Asked], service: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    line = "; ".join(f"{role.function} is not authorized to perform {action} on {arn}" for action, arn in denied)
    if service == "s3":
        kind, body = "application/xml", f"<Error><Code>AccessDenied</Code><Message>{line}</Message></Error>"
        status = "403 Forbidden"
    else:
        kind, status = "application/x-amz-json-1.0", "400 Bad Request"
        body = json.dumps({"__type": "AccessDeniedException", "message": line})
    content = body.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(content)))])
    return [content]
