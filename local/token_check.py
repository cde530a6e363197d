"""The check that the JWT authorizer of an HTTP API makes of a token.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

import json
import threading
import urllib.request
from typing import Any

import jwt

from local.http_routes import JwtAuthorizer
from local.identity import DISCOVERY_PATH

ALGORITHMS = ["RS256", "RS384", "RS512"]


class Unauthorized(Exception):
    """No token, or none that the authorizer accepts: 401. The text goes into the WWW-Authenticate header."""


class Forbidden(Exception):
    """The token is good, but has none of the scopes that the route asks for: 403."""


class TokenCheck:
    """Checks tokens; the keys of an issuer are fetched once and again when a token names a key not yet known."""

    def __init__(self) -> None:
        self._keys: dict[str, jwt.PyJWKClient] = {}
        self._lock = threading.Lock()

    def claims(self, header: str | None, authorizer: JwtAuthorizer, scopes: tuple[str, ...]) -> dict[str, Any]:
        """The claims of the token in an Authorization header, with or without `Bearer`.

        Checks signature, key id, issuer, audience (`aud`, else `client_id`), `exp`, `nbf` and `iat`. Raises
        Unauthorized or Forbidden.
        """
        if not header:
            raise Unauthorized("Bearer")
        token = header[7:].strip() if header[:7].lower() == "bearer " else header.strip()
        try:
            key = self._issuer_keys(authorizer.issuer).get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=ALGORITHMS,
                issuer=authorizer.issuer,
                options={"require": ["exp", "iss"], "verify_aud": False},
            )
        except (jwt.PyJWTError, OSError, ValueError, KeyError) as refused:
            raise Unauthorized(invalid_token(str(refused))) from refused
        if not audiences(claims) & set(authorizer.audiences):
            raise Unauthorized(invalid_token("the token has no valid audience"))
        if scopes and not granted_scopes(claims) & set(scopes):
            raise Forbidden
        return claims

    def _issuer_keys(self, issuer: str) -> jwt.PyJWKClient:
        with self._lock:
            if issuer not in self._keys:
                with urllib.request.urlopen(issuer.rstrip("/") + DISCOVERY_PATH, timeout=5) as page:
                    self._keys[issuer] = jwt.PyJWKClient(json.load(page)["jwks_uri"])
            return self._keys[issuer]


def audiences(claims: dict[str, Any]) -> set[str]:
    """Whom the token is for: `aud`, or `client_id` where it has none."""
    named = claims.get("aud", claims.get("client_id"))
    return set(named) if isinstance(named, list) else {str(named)}


def granted_scopes(claims: dict[str, Any]) -> set[str]:
    """The scopes of the token, from `scope` or `scp`."""
    scopes = claims.get("scope", claims.get("scp", []))
    return set(scopes.split() if isinstance(scopes, str) else scopes)


def invalid_token(reason: str) -> str:
    """A WWW-Authenticate header (RFC 6750)."""
    description = reason.replace('"', "'").lower()
    return f'Bearer scope="" error="invalid_token" error_description="{description}"'


def claim_texts(claims: dict[str, Any]) -> dict[str, str]:
    """The claims as the event carries them: all text, a list as `[a b]`."""
    return {name: claim_text(value) for name, value in claims.items()}


def claim_text(value: Any) -> str:
    """One claim as text."""
    if isinstance(value, list):
        return f"[{' '.join(claim_text(item) for item in value)}]"
    return value if isinstance(value, str) else json.dumps(value)
