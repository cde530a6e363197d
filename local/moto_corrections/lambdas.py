"""The bridge from every invocation that moto makes to the local Lambda service.

Every path in moto (the Invoke API, Step Functions tasks through boto3, S3 and SNS notifications) ends in one method,
`LambdaFunction.invoke(body, request_headers, response_headers)`; install() replaces it. moto's own would start
a container.
"""

import base64
from collections.abc import Mapping, MutableMapping

from moto.awslambda.models import LambdaFunction
from moto.core.exceptions import JsonRESTError

from local.lambda_answer import Invoke, Throttled


class TooManyRequests(JsonRESTError):
    """HTTP 429, as the Invoke API answers when a function's concurrency is used up."""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


def install(invoke: Invoke) -> None:
    """Let `invoke` answer every Lambda invocation in this process; the last call wins.

    invoke(function_name, body, invocation_type, client_context) -> Answer: see local/lambda_answer.py. invocation_type
    is "RequestResponse" or "Event"; deliveries made inside moto (S3, SNS) are "Event". A DryRun never reaches it.
    """

    def bridged(
        function: LambdaFunction,
        body: str | bytes | None,
        request_headers: Mapping[str, str] | None,
        response_headers: MutableMapping[str, str],
    ) -> bytes:
        headers = request_headers or {}
        kind = headers.get("X-Amz-Invocation-Type", "RequestResponse") if headers else "Event"
        if kind == "DryRun":
            return b""
        payload = body.encode() if isinstance(body, str) else (body or b"{}")
        context = headers.get("X-Amz-Client-Context")
        decoded = base64.b64decode(context) if context else None
        if kind == "Event":
            invoke(function.function_name, payload, "Event", decoded)
            return b""
        try:
            answer = invoke(function.function_name, payload, "RequestResponse", decoded)
        except Throttled as throttled:
            raise TooManyRequests from throttled
        if answer.function_error:
            response_headers["x-amz-function-error"] = answer.function_error
        # moto drops this header again unless the caller asked for X-Amz-Log-Type: Tail.
        response_headers["x-amz-log-result"] = base64.b64encode(answer.log_tail[-4096:]).decode()
        return answer.payload

    LambdaFunction.invoke = bridged  # type: ignore[method-assign, assignment]
