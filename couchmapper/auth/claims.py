"""The claims inside a JSON Web Token, read without checking its signature, which is the service's task."""

import base64
import binascii

from couchmapper import jsonio
from couchmapper.exceptions import InvalidJSON
from couchmapper.typing import JSON, JSONObject

__all__ = ["read_claims", "segment"]

_PARTS = 3


def read_claims(token: str) -> JSONObject:
    """Return the claims of a token; an opaque token, which is no JWT, has none."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return {}
    try:
        text = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims: JSON = jsonio.loads(text)
    except (binascii.Error, ValueError, InvalidJSON):
        return {}
    return claims if isinstance(claims, dict) else {}


def segment(part: bytes) -> str:
    """Write one part of a token: base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
