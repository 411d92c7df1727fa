"""The kinds of authentication as a table: the properties that each reads and needs, and what hints at it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import attrs

__all__ = ["KINDS", "UNSUPPORTED", "Kind", "Sign", "implied"]

_PROFILE: Final = ("IAM_PROFILE_ID", "IAM_PROFILE_NAME", "IAM_PROFILE_CRN")
_CLIENT: Final = (("CLIENT_ID", "CLIENT_SECRET"), ("CLIENT_SECRET", "CLIENT_ID"))
_IDENTITY: Final = ("AUTH_URL", "AUTH_DISABLE_SSL", "CLIENT_ID", "CLIENT_SECRET", "SCOPE")


@attrs.frozen(kw_only=True)
class Kind:
    """One kind of authentication, a value of `AUTH_TYPE`.

    `reads` are its properties. Of each group in `needs` one has to be set, and of `one_of` at most one; in
    `pairs` stand those of which the first wants the second beside it.
    """

    name: str
    reads: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    one_of: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    def lacks(self, given: Collection[str]) -> Iterator[tuple[str, ...]]:
        """Yield what is missing among the properties that are given: groups of which one would do."""
        yield from (group for group in self.needs if not set(group) & set(given))
        yield from ((second,) for first, second in self.pairs if first in given and second not in given)

    def rivals(self, given: Collection[str]) -> list[str]:
        """Return the given properties of which only one can be meant, if there is more than one."""
        found = [name for name in self.one_of if name in given]
        return found if len(found) > 1 else []


@attrs.frozen
class Sign:
    """Properties that together mean a kind, when no `AUTH_TYPE` says which."""

    names: tuple[str, ...]
    kind: str


_KEY: Final = ("JWT_KEY", "JWT_KEY_FILE")
_USER: Final = ("USERNAME", "PASSWORD")

_TABLE: Final = (
    Kind(name="BASIC", reads=_USER, needs=(("USERNAME",), ("PASSWORD",))),
    Kind(name="BEARERTOKEN", reads=("BEARER_TOKEN",), needs=(("BEARER_TOKEN",),)),
    Kind(
        name="CONTAINER",
        reads=("IAM_PROFILE_ID", "IAM_PROFILE_NAME", "CR_TOKEN_FILENAME", *_IDENTITY),
        needs=(("IAM_PROFILE_ID", "IAM_PROFILE_NAME"),),
        pairs=_CLIENT,
    ),
    Kind(name="COUCHDB_SESSION", reads=_USER, needs=(("USERNAME",), ("PASSWORD",))),
    Kind(name="IAM", reads=("APIKEY", *_IDENTITY), needs=(("APIKEY",),), pairs=_CLIENT),
    Kind(
        name="IAMASSUME",
        reads=("APIKEY", *_PROFILE, "IAM_ACCOUNT_ID", *_IDENTITY),
        needs=(("APIKEY",), _PROFILE),
        one_of=_PROFILE,
        pairs=(("IAM_PROFILE_NAME", "IAM_ACCOUNT_ID"), *_CLIENT),
    ),
    Kind(
        name="JWT",
        reads=("USERNAME", "ROLES", "TOKEN_LIFETIME", *_KEY, "JWT_ALGORITHM", "JWT_KEY_ID", "JWT_ISSUER"),
        needs=(("USERNAME",), _KEY),
        one_of=_KEY,
    ),
    Kind(name="NOAUTH"),
    Kind(name="PROXY", reads=("USERNAME", "ROLES", "PROXY_SECRET"), needs=(("USERNAME",),)),
    Kind(name="VPC", reads=(*_PROFILE, "AUTH_URL", "VPC_IMS_VERSION", "TOKEN_LIFETIME"), one_of=_PROFILE),
)

KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _TABLE}
"""Every kind by its name; `AUTH_TYPE` takes it in upper or lower case."""

UNSUPPORTED: Final = frozenset(("CP4D", "MCSP", "MCSPV2"))
"""Values of `AUTH_TYPE` for other products of IBM; neither Cloudant nor CouchDB takes their tokens."""

_SIGNS: Final = (
    Sign(("APIKEY",), "IAM"),
    Sign(("IAM_PROFILE_ID",), "CONTAINER"),
    Sign(("IAM_PROFILE_NAME",), "CONTAINER"),
    Sign(("BEARER_TOKEN",), "BEARERTOKEN"),
    Sign(("USERNAME", "PASSWORD"), "BASIC"),
)


def implied(given: Collection[str]) -> Sign | None:
    """Return what the given properties mean by themselves; None if that is no kind."""
    return next((sign for sign in _SIGNS if set(sign.names) <= set(given)), None)
