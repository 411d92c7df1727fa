"""CouchDB's JWT authentication: tokens that are ready, or minted here with a key that the server knows."""

import hmac
import math
import time
from collections.abc import Callable, Generator, Iterable
from typing import Any, Final, TypeAlias

from couchmapper import jsonio
from couchmapper.auth.arguments import text
from couchmapper.auth.bearer import BearerAuth, TokenGiver, bear
from couchmapper.auth.claims import segment
from couchmapper.auth.tokens import Token
from couchmapper.exceptions import ConfigurationError, MissingExtra
from couchmapper.messages import Request, Response

__all__ = ["JWTAuth", "Mint"]

_HASHES: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_PUBLIC: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")

_Sign: TypeAlias = Callable[[bytes], bytes]


class JWTAuth:
    """Sends a JSON Web Token with each request, for CouchDB's `jwt_authentication_handler`.

    `token` is a ready one, or a function that returns one for each request, as with `BearerAuth`, or a
    `Mint`, whose tokens are renewed before they end, and after a 401.
    https://docs.couchdb.org/en/stable/api/server/authn.html#jwt-authentication
    """

    def __init__(self, token: "str | TokenGiver | Mint") -> None:
        self._token = token if isinstance(token, Mint) else BearerAuth(token)

    def __repr__(self) -> str:
        return f"JWTAuth({self._token!r})" if isinstance(self._token, Mint) else "JWTAuth(...)"

    def flow(self, request: Request) -> Generator[Request, Response, Response | None]:
        """Yield the request with its token."""
        return self._token.flow(request)


class Mint:
    """Makes JSON Web Tokens for one user, each used until 80 % of its `lifetime` in seconds is over.

    `key` is the shared secret of HS256, HS384 or HS512: the bytes that CouchDB's `[jwt_keys]` holds as
    base64; text stands for its UTF-8 bytes. For RS256 to ES512 it is a private key as PEM, and the `jwt`
    extra is needed. `key_id` names the key where the server has several, `issuer` is what it may want as
    `iss`, and `roles_claim` where it looks for roles. Raises `ConfigurationError`, or `MissingExtra` without
    the extra.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each part of a token
        self,
        username: str,
        key: str | bytes,
        *,
        roles: Iterable[str] = (),
        algorithm: str = "HS256",
        lifetime: float = 300.0,
        key_id: str | None = None,
        issuer: str | None = None,
        roles_claim: str = "_couchdb.roles",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.username = text("username", username)
        self.algorithm = algorithm
        self._claims = {"sub": self.username, text("roles_claim", roles_claim): _roles(roles)}
        self._claims |= {} if issuer is None else {"iss": text("issuer", issuer)}
        self._lifetime = _whole_seconds(lifetime)
        self._sign = _signer(algorithm, _key(key))
        head = {"alg": algorithm, "typ": "JWT"} | ({} if key_id is None else {"kid": text("key_id", key_id)})
        self._head = segment(jsonio.dumps(head))
        self._clock = clock
        self._issued = math.inf
        self._token = Token(text="")

    def __repr__(self) -> str:
        return f"Mint({self.username!r}, ..., algorithm={self.algorithm!r})"

    def flow(self, request: Request) -> Generator[Request, Response, Response | None]:
        """Yield the request with a token, and once more with a newer one after a 401."""
        token = self.token()
        return bear(request, token.text, lambda: self._renewed(token).text)

    def token(self) -> Token:
        """Return the present token, or a new one when that is to be renewed.

        Threads that come at the same moment may each make one: all of these are good.
        """
        token, now = self._token, self._clock()
        # A clock that was set back would keep a token in use that no other clock takes for valid.
        return token if self._issued <= now < token.refresh else self._minted()

    def _renewed(self, refused: Token) -> Token:
        return self._minted() if self._token is refused else self.token()

    def _minted(self) -> Token:
        now = self._clock()
        issued = int(now)
        claims = {**self._claims, "iat": issued, "exp": issued + self._lifetime}
        message = f"{self._head}.{segment(jsonio.dumps(claims))}"
        signed = f"{message}.{segment(self._sign(message.encode()))}"
        token = self._token = Token.living(signed, self._lifetime, now=issued)
        self._issued = issued
        return token


def _signer(algorithm: str, key: bytes) -> _Sign:
    if algorithm in _HASHES:
        return lambda message: hmac.digest(key, message, _HASHES[algorithm])
    if algorithm not in _PUBLIC:
        raise ConfigurationError(f"algorithm is one of {', '.join((*_HASHES, *_PUBLIC))}, not {algorithm!r}")
    signer = _public_signer(algorithm, key)
    try:
        signer(b"a trial")
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"key cannot sign with {algorithm}: give a private key") from error
    return signer


def _public_signer(algorithm: str, key: bytes) -> _Sign:
    try:
        import jwt  # noqa: PLC0415 - an extra

        method: Any = jwt.get_algorithm_by_name(algorithm)
    except (ImportError, NotImplementedError) as error:  # the latter without the package cryptography
        raise MissingExtra(f"{algorithm} needs an extra: python -m pip install 'couchmapper[jwt]'") from error
    try:
        prepared = method.prepare_key(key)
    except (jwt.InvalidKeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"key is no PEM text of a private key for {algorithm}") from error
    return lambda message: bytes(method.sign(message, prepared))


def _key(key: object) -> bytes:
    found = text("key", key).encode() if not isinstance(key, bytes) else key
    if not found:
        raise ConfigurationError("key is empty: give the secret, or a private key as PEM text")
    return found


def _roles(roles: Iterable[str]) -> list[str]:
    if isinstance(roles, str):
        raise ConfigurationError("roles is a list of names, not one text")
    return [text("roles", role) for role in roles]


def _whole_seconds(lifetime: object) -> int:
    """Return the lifetime as CouchDB wants it in `exp`, which is a whole number."""
    if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not lifetime >= 1:
        raise ConfigurationError(f"lifetime is a number of seconds, 1 at least, not {lifetime!r}")
    return int(lifetime)
