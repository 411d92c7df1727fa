"""VPC authentication (VPC): a virtual server asks the metadata service next to it for a token."""

import time
from collections.abc import Callable, Generator, Mapping
from typing import Final, Literal, TypeAlias, Unpack

import attrs

from couchmapper import jsonio
from couchmapper.auth.arguments import at_most_one, header_fields, text
from couchmapper.auth.identity import IdentityServer, ServerOptions, granted
from couchmapper.auth.tokens import Token, TokenAuth, TokenSource
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Response

__all__ = ["MetadataVersion", "VPCAuth"]

MetadataVersion: TypeAlias = Literal["2022-03-01", "2025-08-26"]
"""The versions of the metadata service that are understood."""

_HERE: Final = "http://169.254.169.254"
_HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Metadata-Flavor": "ibm",
}


@attrs.frozen
class _Paths:
    """Where a version of the service keeps its two kinds of tokens."""

    identity: tuple[str, ...]
    iam: tuple[str, ...]


_VERSIONS: Final[Mapping[str, _Paths]] = {
    "2022-03-01": _Paths(("instance_identity", "v1", "token"), ("instance_identity", "v1", "iam_token")),
    "2025-08-26": _Paths(("identity", "v1", "token"), ("identity", "v1", "iam_tokens")),
}


class VPCAuth(TokenAuth):
    """Gets an identity token of the virtual server and exchanges it for one of a trusted profile.

    At most one of `profile_id`, `profile_crn` and `profile_name` (only of the newer version) names the
    profile; the server's default profile is meant otherwise. `lifetime` is that of the identity token in
    seconds, which is asked for anew with each exchange. The environment's proxies are not used: the service
    is reached from inside the virtual server only. Raises `TokenRefused` when a request needs a token and
    the service gives none.
    https://cloud.ibm.com/docs/vpc?topic=vpc-imd-configure-service
    """

    def __init__(  # noqa: PLR0913 - one keyword for each setting of the exchange
        self,
        *,
        profile_id: str | None = None,
        profile_crn: str | None = None,
        profile_name: str | None = None,
        url: str = _HERE,
        version: MetadataVersion = "2022-03-01",
        lifetime: int = 300,
        headers: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        **server: Unpack[ServerOptions],
    ) -> None:
        self.url = text("url", url).rstrip("/")
        self._profile = _profile(id=profile_id, crn=profile_crn, name=profile_name)
        self._paths = _paths(version)
        self._query = {"version": version}
        self._lifetime = _seconds(lifetime)
        self._headers = {**header_fields("headers", headers), **_HEADERS}
        self._clock = clock
        metadata = IdentityServer(self.url, **server, trust_environment=False)
        super().__init__(TokenSource(self._exchange, metadata, clock=clock))

    def __repr__(self) -> str:
        return f"VPCAuth(url={self.url!r}, version={self._query['version']!r})"

    def _exchange(self) -> Generator[Request, Response, Token]:
        """Ask for the server's identity, then for the token that it may have."""
        asked = self._request("PUT", self._paths.identity, {"expires_in": self._lifetime})
        identity, _ = granted(asked, (yield asked))
        asked = self._request("POST", self._paths.iam, self._profile).with_headers(
            {"Authorization": f"Bearer {identity}"}
        )
        token, life = granted(asked, (yield asked), secrets=(identity,))
        return Token.living(token, life, now=self._clock())

    def _request(self, method: str, path: tuple[str, ...], body: Mapping[str, object] | None) -> Request:
        return Request(
            method=method,
            path=path,
            route="/" + "/".join(path),
            query=self._query,
            headers=self._headers,
            body=None if body is None else jsonio.dumps(body),
            repeatable=True,
        )


def _profile(**named: str | None) -> dict[str, object] | None:
    chosen = at_most_one(**{f"profile_{name}": value for name, value in named.items()})
    if chosen is None:
        return None
    name = chosen.removeprefix("profile_")
    return {"trusted_profile": {name: text(chosen, named[name])}}


def _paths(version: str) -> _Paths:
    if version not in _VERSIONS:
        raise ConfigurationError(f"version is one of {', '.join(_VERSIONS)}, not {version!r}")
    return _VERSIONS[version]


def _seconds(lifetime: object) -> int:
    if not isinstance(lifetime, int) or isinstance(lifetime, bool) or lifetime <= 0:
        raise ConfigurationError(f"lifetime is a positive number of whole seconds, not {lifetime!r}")
    return lifetime
