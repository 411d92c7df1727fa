"""From the values of properties to the `Auth` of a kind: one function for each kind, in a table."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from couchmapper.auth.assume import IAMAssumeAuth
from couchmapper.auth.base import Auth, NoAuth
from couchmapper.auth.basic import BasicAuth
from couchmapper.auth.bearer import BearerAuth
from couchmapper.auth.connection import Connection
from couchmapper.auth.container import ContainerAuth
from couchmapper.auth.cookie import SessionAuth
from couchmapper.auth.iam import IAMAuth
from couchmapper.auth.jwt import JWTAuth, Mint
from couchmapper.auth.properties import Values
from couchmapper.auth.proxy import ProxyAuth
from couchmapper.auth.vpc import MetadataVersion, VPCAuth
from couchmapper.exceptions import ConfigurationError

__all__ = ["BUILDERS", "Builder", "build"]


Builder: TypeAlias = Callable[[Values, Connection], Auth]
"""Makes an `Auth` of properties, and of how an identity server is reached."""


def build(kind: str, values: Values, connection: Connection) -> Auth:
    """Return the `Auth` of a kind; its identity server, if it has one, is reached as `connection` says."""
    return BUILDERS[kind](values, connection)


def _basic(values: Values, connection: Connection) -> Auth:
    del connection
    return BasicAuth(_text(values, "USERNAME"), _text(values, "PASSWORD"))


def _session(values: Values, connection: Connection) -> Auth:
    del connection
    return SessionAuth(_text(values, "USERNAME"), _text(values, "PASSWORD"))


def _bearer(values: Values, connection: Connection) -> Auth:
    del connection
    return BearerAuth(_text(values, "BEARER_TOKEN"))


def _none(values: Values, connection: Connection) -> Auth:
    del values, connection
    return NoAuth()


def _proxy(values: Values, connection: Connection) -> Auth:
    del connection
    return ProxyAuth(_text(values, "USERNAME"), values.names("ROLES"), secret=values.text("PROXY_SECRET"))


def _jwt(values: Values, connection: Connection) -> Auth:
    del connection
    chosen = {
        "algorithm": values.text("JWT_ALGORITHM"),
        "lifetime": values.whole("TOKEN_LIFETIME"),
        "key_id": values.text("JWT_KEY_ID"),
        "issuer": values.text("JWT_ISSUER"),
    }
    key: str | bytes = values.text("JWT_KEY") or _read(_text(values, "JWT_KEY_FILE"))
    return JWTAuth(Mint(_text(values, "USERNAME"), key, roles=values.names("ROLES"), **_given(chosen)))


def _iam(values: Values, connection: Connection) -> Auth:
    return IAMAuth(_text(values, "APIKEY"), **_identity(values, connection))


def _container(values: Values, connection: Connection) -> Auth:
    return ContainerAuth(
        profile_id=values.text("IAM_PROFILE_ID"),
        profile_name=values.text("IAM_PROFILE_NAME"),
        token_file=values.text("CR_TOKEN_FILENAME"),
        **_identity(values, connection),
    )


def _assume(values: Values, connection: Connection) -> Auth:
    name = values.text("IAM_PROFILE_NAME")
    return IAMAssumeAuth(
        _text(values, "APIKEY"),
        profile_id=values.text("IAM_PROFILE_ID"),
        profile_crn=values.text("IAM_PROFILE_CRN"),
        profile_name=name,
        account_id=values.text("IAM_ACCOUNT_ID") if name is not None else None,
        **_identity(values, connection),
    )


def _vpc(values: Values, connection: Connection) -> Auth:
    chosen = {
        "url": values.text("AUTH_URL"),
        "version": cast("MetadataVersion | None", values.text("VPC_IMS_VERSION")),
        "lifetime": values.whole("TOKEN_LIFETIME"),
        "timeout": connection.get("timeout"),
        "retry": connection.get("retry"),
    }
    return VPCAuth(
        profile_id=values.text("IAM_PROFILE_ID"),
        profile_name=values.text("IAM_PROFILE_NAME"),
        profile_crn=values.text("IAM_PROFILE_CRN"),
        **_given(chosen),
    )


BUILDERS: Final[Mapping[str, Builder]] = {
    "BASIC": _basic,
    "BEARERTOKEN": _bearer,
    "CONTAINER": _container,
    "COUCHDB_SESSION": _session,
    "IAM": _iam,
    "IAMASSUME": _assume,
    "JWT": _jwt,
    "NOAUTH": _none,
    "PROXY": _proxy,
    "VPC": _vpc,
}
"""How the `Auth` of each kind is made."""


def _identity(values: Values, connection: Connection) -> dict[str, Any]:
    """Return the arguments that the kinds with IBM Cloud's identity server share.

    A CA bundle holds for that server too: it is there for a proxy that looks into TLS. `DISABLE_SSL` is about
    the store alone, `AUTH_DISABLE_SSL` about the identity server.
    """
    verify = connection.get("verify")
    return _given(
        {
            "url": values.text("AUTH_URL"),
            "client_id": values.text("CLIENT_ID"),
            "client_secret": values.text("CLIENT_SECRET"),
            "scope": values.text("SCOPE"),
            "verify": False
            if values.flag("AUTH_DISABLE_SSL")
            else verify
            if isinstance(verify, str)
            else None,
            "proxy": connection.get("proxy"),
            "timeout": connection.get("timeout"),
            "retry": connection.get("retry"),
        }
    )


def _given(arguments: Mapping[str, object]) -> dict[str, Any]:
    """Leave out what is None, so that the defaults of the constructor hold."""
    return {name: value for name, value in arguments.items() if value is not None}


def _text(values: Values, name: str) -> str:
    value = values.text(name)
    if value is None:
        raise ConfigurationError(f"{name} is missing")
    return value


def _read(path: str) -> bytes:
    """Return the key in a file, without the line break at its end."""
    try:
        return Path(path).read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise ConfigurationError(
            f"JWT_KEY_FILE names {path}, which cannot be read: {error.strerror}"
        ) from error
