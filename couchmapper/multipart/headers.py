"""The headers of parts, as MIME has them and as CouchDB writes them."""

import re
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import quote

from couchmapper.exceptions import InvalidAnswer

__all__ = ["boundary_of", "disposition", "is_multipart", "parameter", "read_headers", "sendable"]

_LONGEST_BOUNDARY = 200

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def is_multipart(content_type: str) -> bool:
    """Say whether a `Content-Type` is one; CouchDB answers plain JSON for a document without attachments."""
    return content_type.lstrip().lower().startswith("multipart/")


def parameter(header: str, name: str) -> str | None:
    """Return a parameter of a header such as `application/json; error="true"`, None without it."""
    message = Message()
    message["content-type"] = header
    value = message.get_param(name)
    return collapse_rfc2231_value(value) if isinstance(value, tuple) else value


def boundary_of(content_type: str) -> bytes:
    """Return the boundary of a multipart body; raises `InvalidAnswer` when there is none."""
    if not is_multipart(content_type):
        raise InvalidAnswer(f"expected a multipart body, got {content_type[:200] or 'no content type'!r}")
    boundary = parameter(content_type, "boundary") or ""
    if not (0 < len(boundary) <= _LONGEST_BOUNDARY and boundary.isascii() and boundary.isprintable()):
        raise InvalidAnswer(f"a multipart body needs a boundary in its type, got {content_type[:200]!r}")
    return boundary.encode("ascii")


def read_headers(block: bytes) -> dict[str, str]:
    """Read lines of headers, names in lower case, the last of equal ones.

    A line without a name belongs to the value before it: CouchDB sends the line breaks of a file name.
    Raises `InvalidAnswer` when there is no value before it.
    """
    headers: dict[str, str] = {}
    name = ""
    for line in block.decode("utf-8", "replace").split("\r\n") if block else ():
        head, colon, value = line.partition(":")
        if colon and _NAME.fullmatch(head):
            name = head.lower()
            headers[name] = value.strip(" \t")
        elif name:
            headers[name] += f"\r\n{line}"
        else:
            raise InvalidAnswer("a part of a multipart body does not begin with headers")
    return headers


def sendable(name: str, value: str) -> bool:
    """Say whether a header is one line of text, so that it cannot bring another with it."""
    return bool(_NAME.fullmatch(name)) and not _CONTROL.search(value)


def disposition(filename: str) -> str:
    """Write the `Content-Disposition` of an attachment so that every reader of MIME gets its name back.

    CouchDB 3.5 does not use the name that is sent, but fails on a raw line break in it.
    """
    if _CONTROL.search(filename):
        return f"attachment; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"
    escaped = filename.replace("\\", "\\\\").replace('"', '\\"')
    return f'attachment; filename="{escaped}"'
