"""The properties that configure a client: their names, what they mean, and how their texts are read."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import attrs

from couchmapper.auth.kinds import KINDS, UNSUPPORTED
from couchmapper.exceptions import InvalidURL
from couchmapper.transport.addresses import Address

__all__ = [
    "ALIASES",
    "FOREIGN",
    "PROPERTIES",
    "TEXT",
    "Form",
    "Property",
    "PropertyValue",
    "Values",
]

PropertyValue = str | bool | int | float | tuple[str, ...]
"""What the text of a property can mean."""

ALIASES: Final[Mapping[str, str]] = {"AUTHTYPE": "AUTH_TYPE"}
"""Second names of properties, which count where the first name is not there."""

FOREIGN: Final = frozenset(
    (
        *("CALLER_EXT_CLAIM", "CP4D_ACCOUNT_ID", "INCLUDE_BUILTIN_ACTIONS", "INCLUDE_CUSTOM_ACTIONS"),
        *("INCLUDE_ROLES", "PREFIX_ROLES", "SCOPE_COLLECTION_TYPE", "SCOPE_ID"),
        *("HOST", "IAM_APIKEY_DESCRIPTION", "IAM_APIKEY_ID", "IAM_APIKEY_NAME", "IAM_ROLE_CRN"),
        *("IAM_SERVICEID_CRN", "PORT"),
    )
)
"""Properties that mean nothing here and are no mistake: of kinds that are not supported, and what IBM Cloud
writes into the credentials that it hands out."""

_WRAPPED = re.compile(r"""".*"|'.*'|\{.*\}""", re.DOTALL)


@attrs.frozen
class Form:
    """How the text of a property is read: `parse` returns None for one that is not as `expected`."""

    expected: str
    parse: Callable[[str], PropertyValue | None]


@attrs.frozen
class Values:
    """The values of properties, by name; each method returns None for one that is not set."""

    held: Mapping[str, PropertyValue] = attrs.field(repr=False)

    def text(self, name: str) -> str | None:
        """Return the value of a text."""
        value = self.held.get(name)
        return value if isinstance(value, str) else None

    def flag(self, name: str) -> bool | None:
        """Return the value of a flag."""
        value = self.held.get(name)
        return value if isinstance(value, bool) else None

    def whole(self, name: str) -> int | None:
        """Return a whole number."""
        value = self.held.get(name)
        return value if isinstance(value, int) else None

    def number(self, name: str) -> float | None:
        """Return a number."""
        value = self.held.get(name)
        return value if isinstance(value, int | float) else None

    def names(self, name: str) -> tuple[str, ...]:
        """Return a list of names, empty for one that is not set."""
        value = self.held.get(name)
        return value if isinstance(value, tuple) else ()


@attrs.frozen
class Property:
    """One property: `default` is a text for people, and empty where there is none."""

    name: str
    form: Form
    meaning: str
    default: str = ""
    secret: bool = False


def _text(text: str) -> str | None:
    """Strip a text; one in quotes or braces was meant for a shell, or is a placeholder."""
    text = text.strip()
    return None if not text or _WRAPPED.fullmatch(text) else text


def _flag(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.strip().lower())


def _whole(text: str, least: int) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least else None  # noqa: PLR2004


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 and "_" not in text else None


def _listed(text: str) -> tuple[str, ...] | None:
    return tuple(part for part in (part.strip() for part in text.split(",")) if part) or None


def _choice(*values: str) -> Callable[[str], str | None]:
    return lambda text: text.strip() if text.strip() in values else None


def _kind(text: str) -> str | None:
    return kind if (kind := text.strip().upper()) in KINDS.keys() | UNSUPPORTED else None


def _server(text: str) -> str | None:
    try:
        Address.parse(text.strip())
    except InvalidURL:
        return None
    return text.strip()


def _proxy(text: str) -> str | None:
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in {"http", "https", "socks5", "socks5h"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return text.strip() if usable else None


_ALGORITHMS = tuple(f"{family}{bits}" for family in ("HS", "RS", "ES") for bits in (256, 384, 512))
_VERSIONS = ("2022-03-01", "2025-08-26")

EXACT: Final = Form("a text", lambda text: text)
PLAIN: Final = Form("a text", lambda text: text.strip() or None)
TEXT: Final = Form("a text without quotes or braces around it", _text)
FLAG: Final = Form("true or false", _flag)
COUNT: Final = Form("a whole number, 0 or more", lambda text: _whole(text, 0))
SIZE: Final = Form("a whole number, 1 or more", lambda text: _whole(text, 1))
INTERVAL: Final = Form("a number of seconds, 0 or more", _number)
SECONDS: Final = Form("a number of seconds above 0", lambda text: _number(text) or None)
LIST: Final = Form("names with commas between them", _listed)
KIND: Final = Form(f"one of {', '.join(KINDS)}", _kind)
SERVER: Final = Form("the URL of a server, https://host[:port][/path], without credentials", _server)
PROXY: Final = Form("the URL of a proxy, http://, https:// or socks5:// and a host", _proxy)
ALGORITHM: Final = Form(f"one of {', '.join(_ALGORITHMS)}", _choice(*_ALGORITHMS))
VERSION: Final = Form(f"one of {', '.join(_VERSIONS)}", _choice(*_VERSIONS))

_LIST: Final = (
    Property("URL", TEXT, "the store: `https://host`, `sqlite:///file`, `memory:`"),
    Property("AUTH_TYPE", KIND, "the kind of authentication; `AUTHTYPE` is the same", "by what else is set"),
    Property("USERNAME", EXACT, "the user's name"),
    Property("PASSWORD", EXACT, "the user's password", secret=True),
    Property("APIKEY", TEXT, "an API key of IBM Cloud", secret=True),
    Property("BEARER_TOKEN", TEXT, "a token that is sent as it is", secret=True),
    Property("IAM_PROFILE_ID", TEXT, "the trusted profile, by its id"),
    Property("IAM_PROFILE_NAME", TEXT, "the trusted profile, by its name"),
    Property("IAM_PROFILE_CRN", TEXT, "the trusted profile, by its CRN"),
    Property("IAM_ACCOUNT_ID", TEXT, "the account of the profile that is given by name"),
    Property("CR_TOKEN_FILENAME", TEXT, "the file with the compute resource's token", "three usual places"),
    Property("AUTH_URL", SERVER, "the identity server, or the metadata service of a VPC", "IBM Cloud's"),
    Property("AUTH_DISABLE_SSL", FLAG, "`true`: do not check the identity server's certificate", "false"),
    Property("CLIENT_ID", TEXT, "names this program to the identity server"),
    Property("CLIENT_SECRET", PLAIN, "goes with `CLIENT_ID`", secret=True),
    Property("SCOPE", TEXT, "the scopes of the token, with spaces between them"),
    Property("VPC_IMS_VERSION", VERSION, "the version of the metadata service", _VERSIONS[0]),
    Property("TOKEN_LIFETIME", SIZE, "how many seconds a JWT, or the identity token of a VPC, lives", "300"),
    Property("ROLES", LIST, "the user's roles"),
    Property("PROXY_SECRET", PLAIN, "the secret that CouchDB shares with its proxies", secret=True),
    Property("JWT_KEY", EXACT, "the key that signs: a secret, or a private key as PEM", secret=True),
    Property("JWT_KEY_FILE", TEXT, "a file with that key"),
    Property("JWT_ALGORITHM", ALGORITHM, "how it signs", "HS256"),
    Property("JWT_KEY_ID", TEXT, "which of the server's keys it is"),
    Property("JWT_ISSUER", TEXT, "the issuer that the server may want"),
    Property("DISABLE_SSL", FLAG, "`true`: do not check the server's certificate", "false"),
    Property("CA_BUNDLE", TEXT, "a file with the certificates to trust, for the identity server too"),
    Property("CLIENT_CERTIFICATE", TEXT, "a file with the certificate that this client shows"),
    Property("CLIENT_KEY", TEXT, "the file of its key, where it is another one"),
    Property("PROXY", PROXY, "the proxy on the way, to the identity server too", "the environment's"),
    Property("CONNECT_TIMEOUT", SECONDS, "how long a connection may take to come about", "10"),
    Property("READ_TIMEOUT", SECONDS, "how long the next bytes of an answer may take", "150"),
    Property(
        "TIMEOUT",
        SECONDS,
        "how long one attempt may take in all; without it, 4 times READ_TIMEOUT if that is more",
        "600",
    ),
    Property("POOL_SIZE", SIZE, "idle connections that are kept", "100"),
    Property("ENABLE_GZIP", FLAG, "`false`: never compress what is sent", "true"),
    Property("GZIP_THRESHOLD", COUNT, "bytes from which on a JSON body is compressed", "16384"),
    Property("ENABLE_RETRIES", FLAG, "`false`: send nothing a second time", "true"),
    Property("MAX_RETRIES", COUNT, "how often a request is repeated at most", "4"),
    Property("RETRY_INTERVAL", INTERVAL, "the longest pause between two attempts", "20"),
    Property("RETRY_DEADLINE", SECONDS, "no attempt begins later than this after the first one", "60"),
)

PROPERTIES: Final[Mapping[str, Property]] = {known.name: known for known in _LIST}
"""Every property by its name, in the order in which they are shown."""
