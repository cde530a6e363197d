"""A local OIDC issuer: it signs the tokens that the HTTP API's authorizer accepts on a laptop.

Its key lives as long as the process, so its tokens are worth nothing anywhere else.
"""

import json
import time
import uuid
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

DISCOVERY_PATH = "/.well-known/openid-configuration"
KEYS_PATH = "/.well-known/jwks.json"


def new_key() -> rsa.RSAPrivateKey:
    """A key pair; API Gateway accepts RSA signatures only."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class LocalIssuer:
    """Issues tokens for one audience; `url` is what they name as their issuer, and where pages() must be served."""

    url: str
    audience: str = "longshore"
    tenant_claim: str = "tenant"
    role_claim: str = "role"
    key: rsa.RSAPrivateKey = field(default_factory=new_key, repr=False)
    key_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def token(self, role: str, tenant: str, subject: str | None = None, expires_in: int = 3600) -> str:
        """A signed token that expires in so many seconds; a negative number makes an expired one."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": self.audience,
            "sub": subject or f"{role}@{tenant}",
            self.tenant_claim: tenant,
            self.role_claim: role,
            "iat": min(now, now + expires_in),
            "exp": now + expires_in,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.key_id})

    def pages(self) -> dict[str, bytes]:
        """The discovery document and the public key, by path (OpenID Connect Discovery 1.0, RFC 7517)."""
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        keys = {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": "RS256"}]}
        discovery = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}{KEYS_PATH}",
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
        }
        return {DISCOVERY_PATH: json.dumps(discovery).encode(), KEYS_PATH: json.dumps(keys).encode()}
