"""What the constructors ask of their arguments; errors name the argument and never show its value."""

import re
from collections.abc import Mapping
from typing import Final

from couchmapper.exceptions import ConfigurationError, InvalidURL
from couchmapper.transport.addresses import Address

__all__ = [
    "at_most_one",
    "both_or_neither",
    "header_fields",
    "header_text",
    "is_visible",
    "server_url",
    "text",
    "visible",
]

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_VISIBLE: Final = re.compile(r"[\x21-\x7e]+")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def text(name: str, value: object, *, empty: bool = False) -> str:
    """Return the value when it is text that UTF-8 can write; it may be empty only if `empty` says so."""
    if value is None:
        raise ConfigurationError(f"{name} is missing: give it as text")
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} is text, not {type(value).__name__}")
    if not value and not empty:
        raise ConfigurationError(f"{name} is empty: give it a value")
    try:
        value.encode()
    except UnicodeEncodeError:  # which holds the whole text
        raise ConfigurationError(f"{name} holds a lone surrogate, which UTF-8 cannot write") from None
    return value


def header_text(name: str, value: object) -> str:
    """Return text without line breaks, other control characters, and spaces around it."""
    found = text(name, value)
    if _CONTROL.search(found) or found != found.strip():
        raise ConfigurationError(
            f"{name} holds a line break, another control character or spaces at its ends: strip it, a file"
            " often ends with a line break"
        )
    return found


def visible(name: str, value: object) -> str:
    """Return text of visible ASCII characters only, as tokens are."""
    found = header_text(name, value)
    if not is_visible(found):
        raise ConfigurationError(
            f"{name} holds a character that no token has: only visible ASCII is possible"
        )
    return found


def is_visible(token: str) -> bool:
    """Tell whether a token has at least one character, and only such as a header can hold."""
    return _VISIBLE.fullmatch(token) is not None


def header_fields(name: str, fields: Mapping[str, str] | None) -> dict[str, str]:
    """Return headers with their names spelled in one way, `X-Request-Id`."""
    found = {}
    for field, value in (fields or {}).items():
        if not _NAME.fullmatch(text(name, field)):
            raise ConfigurationError(f"{name}: {field!r} is no name of a header")
        found[field.title()] = header_text(f"{name}[{field!r}]", value)
    return found


def both_or_neither(**named: object) -> None:
    """Refuse a part of what belongs together."""
    missing = [name for name, value in named.items() if value is None]
    if missing and len(missing) < len(named):
        raise ConfigurationError(f"{' and '.join(named)} belong together: {' and '.join(missing)} is missing")


def at_most_one(**named: object) -> str | None:
    """Return the name of the only argument that was given, None if none was; refuse more than one."""
    given = [name for name, value in named.items() if value is not None]
    if len(given) > 1:
        raise ConfigurationError(f"give only one of {', '.join(named)}, not {' and '.join(given)}")
    return given[0] if given else None


def server_url(url: object) -> str:
    """Return the base URL of an identity server; raises `InvalidURL`, which never shows a password."""
    found = text("url", url)
    try:
        Address.parse(found)
    except InvalidURL as error:
        raise InvalidURL(f"url: {error}") from error
    return found
