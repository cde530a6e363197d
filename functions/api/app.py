"""The HTTP API: one function behind every route, because each is a single call into the steps."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

import answers
import imports
import locks
import schedules
import templates
from longshore.observability import observed

app = APIGatewayHttpResolver(serializer=answers.as_json)
answers.register(app)
app.include_router(imports.router)
app.include_router(templates.router)
app.include_router(schedules.router)
app.include_router(locks.router)


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request (payload format 2.0, its token checked by the API's authorizer)."""
    return app.resolve(event, context)
