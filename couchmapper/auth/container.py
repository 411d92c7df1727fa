"""Container authentication (CONTAINER): a pod's own token is exchanged for one of a trusted profile."""

import os
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Final, Unpack

import attrs

from couchmapper.auth.arguments import text
from couchmapper.auth.iam import IAM, ask_iam, client_headers, iam_url
from couchmapper.auth.identity import IdentityServer, ServerOptions
from couchmapper.auth.tokens import Token, TokenAuth, TokenSource
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Response

__all__ = ["PLACES", "ContainerAuth", "TokenFile"]

PLACES: Final = (
    "/var/run/secrets/tokens/vault-token",
    "/var/run/secrets/tokens/sa-token",
    "/var/run/secrets/codeengine.cloud.ibm.com/compute-resource-token/token",
)
"""Where Kubernetes and Code Engine put the token of a compute resource, in the order they are tried."""


@attrs.frozen
class TokenFile:
    """A file with a token that its platform writes anew now and then: the first of `places` with one."""

    places: tuple[str, ...] = PLACES

    def read(self) -> str:
        """Return the token; raises `ConfigurationError` with the reason for each place."""
        reasons = []
        for place in self.places:
            try:
                token = Path(place).read_text(encoding="utf-8").strip()
            except OSError as error:
                reasons.append(f"{place}: {error.strerror or type(error).__name__}")
            except ValueError:
                reasons.append(f"{place}: not UTF-8 text")
            else:
                if token:
                    return token
                reasons.append(f"{place}: the file is empty")
        raise ConfigurationError(
            f"no token of the compute resource: {'; '.join(reasons)}. Mount one there, or give token_file="
        )


class ContainerAuth(TokenAuth):
    """Exchanges the token of a compute resource for one of a trusted profile, and keeps it fresh.

    The profile is named by `profile_id`, `profile_name` or both. The resource's token is read anew for each
    exchange, from `token_file`, or else from the first of `PLACES` that holds one. The other arguments are
    those of `IAMAuth`. Raises `ConfigurationError` when a request needs a token and no file can be read, and
    `TokenRefused` when IAM gives none.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each setting of the exchange
        self,
        *,
        profile_id: str | None = None,
        profile_name: str | None = None,
        token_file: str | os.PathLike[str] | None = None,
        url: str = IAM,
        client_id: str | None = None,
        client_secret: str | None = None,
        scope: str | None = None,
        headers: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        **server: Unpack[ServerOptions],
    ) -> None:
        self.url = iam_url(url)
        self.file = TokenFile() if token_file is None else TokenFile((_path(token_file),))
        form = _form(profile_id=profile_id, profile_name=profile_name, scope=scope)
        sent = client_headers(client_id, client_secret, headers)

        def exchange() -> Generator[Request, Response, Token]:
            token = self.file.read()
            return ask_iam({**form, "cr_token": token}, headers=sent, secrets=(token,), clock=clock)

        super().__init__(TokenSource(exchange, IdentityServer(self.url, **server), clock=clock))

    def __repr__(self) -> str:
        return f"ContainerAuth({', '.join(self.file.places)}, url={self.url!r})"


def _path(token_file: object) -> str:
    if not isinstance(token_file, str | os.PathLike) or not str(token_file):
        raise ConfigurationError("token_file is the path of a file")
    return str(token_file)


def _form(*, profile_id: str | None, profile_name: str | None, scope: str | None) -> dict[str, str]:
    if profile_id is None and profile_name is None:
        raise ConfigurationError("give profile_id or profile_name: the trusted profile to act as")
    parts = {"profile_id": profile_id, "profile_name": profile_name, "scope": scope}
    given = {name: text(name, value) for name, value in parts.items() if value is not None}
    return {"grant_type": "urn:ibm:params:oauth:grant-type:cr-token", **given}
