"""Assumed profiles (IAMASSUME): an API key's owner acts as a trusted profile."""

import time
from collections.abc import Callable, Generator, Mapping
from typing import Unpack

from couchmapper.auth.arguments import at_most_one, text
from couchmapper.auth.iam import IAM, apikey_form, ask_iam, client_headers, iam_url
from couchmapper.auth.identity import IdentityServer, ServerOptions
from couchmapper.auth.tokens import Token, TokenAuth, TokenSource
from couchmapper.exceptions import ConfigurationError, TokenRefused
from couchmapper.messages import Request, Response

__all__ = ["IAMAssumeAuth"]


class IAMAssumeAuth(TokenAuth):
    """Exchanges an API key for a token of its owner, and that for one of a trusted profile.

    The profile is named by exactly one of `profile_id`, `profile_crn`, or `profile_name` together with
    `account_id`. The owner's token serves for several exchanges, until it ends. `client_id`, `client_secret`
    and `scope` belong to its call. The other arguments are those of `IAMAuth`. Raises `TokenRefused` when a
    request needs a token and IAM gives none.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each setting of the exchange
        self,
        apikey: str,
        *,
        profile_id: str | None = None,
        profile_crn: str | None = None,
        profile_name: str | None = None,
        account_id: str | None = None,
        url: str = IAM,
        client_id: str | None = None,
        client_secret: str | None = None,
        scope: str | None = None,
        headers: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        **server: Unpack[ServerOptions],
    ) -> None:
        self.url = iam_url(url)
        self._profile = _profile(
            profile_id=profile_id, profile_crn=profile_crn, profile_name=profile_name, account_id=account_id
        )
        self._key_form = apikey_form(apikey, scope)
        self._key_headers = client_headers(client_id, client_secret, headers)
        self._headers = client_headers(None, None, headers)
        self._clock = clock
        self._owner: Token | None = None
        super().__init__(TokenSource(self._exchange, IdentityServer(self.url, **server), clock=clock))

    def __repr__(self) -> str:
        return f"IAMAssumeAuth(..., url={self.url!r})"

    def _exchange(self) -> Generator[Request, Response, Token]:
        """Assume the profile; an owner's token from before may be worth nothing any more, a new one is."""
        owner = self._owner
        if owner is not None and self._clock() < owner.ends:
            try:
                return (yield from self._assume(owner))
            except TokenRefused:
                self._owner = None
        secrets = (self._key_form["apikey"],)
        owner = self._owner = yield from ask_iam(
            self._key_form, headers=self._key_headers, secrets=secrets, clock=self._clock
        )
        return (yield from self._assume(owner))

    def _assume(self, owner: Token) -> Generator[Request, Response, Token]:
        form = {
            "grant_type": "urn:ibm:params:oauth:grant-type:assume",
            "access_token": owner.text,
            **self._profile,
        }
        secrets = (self._key_form["apikey"], owner.text)
        return ask_iam(form, headers=self._headers, secrets=secrets, clock=self._clock)


def _profile(
    *, profile_id: str | None, profile_crn: str | None, profile_name: str | None, account_id: str | None
) -> dict[str, str]:
    """Return the part of the form that names the profile."""
    chosen = at_most_one(profile_id=profile_id, profile_crn=profile_crn, profile_name=profile_name)
    if chosen is None:
        raise ConfigurationError("give profile_id, profile_crn, or profile_name with account_id")
    if (account_id is not None) != (chosen == "profile_name"):
        raise ConfigurationError("account_id and profile_name belong together: a name is one of an account")
    parts = {
        "profile_id": profile_id,
        "profile_crn": profile_crn,
        "profile_name": profile_name,
        "account": account_id,
    }
    names = {"account": "account_id"}
    return {name: text(names.get(name, name), value) for name, value in parts.items() if value is not None}
