"""Revision ids by CouchDB's own rule: equal edits have equal ids, on every server and in the embedded engine.

The id is the MD5 digest of `[Deleted, OldStart, OldRev, Body, Attachments]` in Erlang's external term format,
minor version 1 (https://www.erlang.org/doc/apps/erts/erl_ext_dist.html).
"""

import struct
from base64 import b64decode
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from hashlib import md5
from typing import Final, TypeAlias

from couchmapper.exceptions import BadRequest, InvalidJSON
from couchmapper.typing import JSON, JSONMapping

__all__ = [
    "BODY_MEMBERS",
    "Attachment",
    "edit_revision",
    "external_term",
    "leaf_order",
    "parse_revision",
    "revision_id",
]

Attachment: TypeAlias = tuple[str, str, bytes]
"""Name, content type, and the MD5 digest (16 bytes) of the bytes as they are stored."""

BODY_MEMBERS: Final = frozenset(
    {
        "_access",
        "_replication_id",
        "_replication_state",
        "_replication_state_reason",
        "_replication_state_time",
        "_replication_stats",
    }
)
"""The members of a document that begin with an underscore and yet belong to its body."""

_Append: TypeAlias = Callable[[bytes], object]

_HASHED_DIGITS = 32
_TRUE = b"d\x00\x04true"
_FALSE = b"d\x00\x05false"
_NULL = b"d\x00\x04null"
_END_OF_LIST = b"j"
_LARGEST_BYTE = 255
_LONGEST_TEXT = 65535
_BYTES = tuple(b"a" + bytes((number,)) for number in range(256))
_SHORT_BINARY = tuple(b"m\x00\x00\x00" + bytes((length,)) for length in range(256))

_head = struct.Struct(">cI").pack
_integer = struct.Struct(">ci").pack
_double = struct.Struct(">cd").pack


def revision_id(
    body: JSONMapping, *, parent: str | None, deleted: bool, attachments: Sequence[Attachment] = ()
) -> str:
    """Return the id that CouchDB gives to an edit that makes `body` out of the revision `parent`.

    `body` is as it was read from JSON; its special members (`_id`, `_rev`, …) do not count, the order of the
    others does. `attachments` stand in the order of the document. Raises `BadRequest` for a `parent` that is
    no revision id.
    """
    parts: list[bytes] = []
    append = parts.append
    append(b"\x83l\x00\x00\x00\x05")
    append(_TRUE if deleted else _FALSE)
    generation = 0
    if parent is None:
        append(b"a\x00a\x00")  # start 0, and 0 in place of a parent
    else:
        generation, digest = parse_revision(parent)
        _encode(generation, append)
        _encode_binary(_raw(digest), append)
    _encode_object([(name, item) for name, item in body.items() if _counts(name)], append)
    _encode_attachments(attachments, append)
    append(_END_OF_LIST)
    return f"{generation + 1}-{md5(b''.join(parts), usedforsecurity=False).hexdigest()}"


def edit_revision(document: JSONMapping) -> str | None:
    """Return the revision that storing a document makes, when it is sent as it is, `_rev` and stubs included.

    None where that cannot be told: an attachment comes with its bytes, or a stub without its digest. A new
    document without `_rev` that comes to lie on a tombstone gets another one.
    """
    attachments: list[Attachment] = []
    for name, told in document.get("_attachments", {}).items():
        kind, digest = told.get("content_type"), _stored_digest(told)
        if kind is None or digest is None:
            return None
        attachments.append((name, kind, digest))
    parent, deleted = document.get("_rev"), document.get("_deleted") is True
    return revision_id(document, parent=parent, deleted=deleted, attachments=attachments)


def _stored_digest(attachment: JSONMapping) -> bytes | None:
    kind, _, digest = attachment.get("digest", "").partition("-")
    return b64decode(digest) if kind == "md5" and attachment.get("stub") is True else None


def external_term(value: JSON) -> bytes:
    """Return a JSON value as CouchDB holds it, in the external term format without its version byte."""
    parts: list[bytes] = []
    _encode(value, parts.append)
    return b"".join(parts)


def parse_revision(text: str) -> tuple[int, str]:
    """Split `"3-abc"` into `(3, "abc")`; raises `BadRequest` when it is no revision id.

    A digest of 32 hexadecimal digits is returned in lower case, as CouchDB shows it.
    """
    generation, dash, digest = text.partition("-")
    if not dash or not generation.isdecimal() or not generation.isascii() or not digest:
        raise BadRequest("Invalid rev format")
    if len(digest) == _HASHED_DIGITS and not digest.islower() and _from_hexadecimal(digest) is not None:
        digest = digest.lower()
    return int(generation), digest


def leaf_order(revision: str, *, deleted: bool) -> tuple[bool, int, bytes]:
    """Return the key by which the leaves of a document order: the winner has the greatest."""
    generation, digest = parse_revision(revision)
    return (not deleted, generation, _raw(digest))


def _raw(digest: str) -> bytes:
    """Return a digest as CouchDB keeps it: 32 hexadecimal digits as 16 bytes, any other text as it is."""
    digits = _from_hexadecimal(digest) if len(digest) == _HASHED_DIGITS else None
    return digest.encode() if digits is None else digits


def _from_hexadecimal(digest: str) -> bytes | None:
    """Return the bytes of 32 hexadecimal digits; Python would let spaces stand between them."""
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        return None
    return raw if len(raw) * 2 == _HASHED_DIGITS else None


def _counts(name: str) -> bool:
    return name[:1] != "_" or name in BODY_MEMBERS


def _encode(value: JSON, append: _Append) -> None:
    """Write one value; the kinds that documents are made of come first."""
    kind = type(value)
    if kind is str:
        _encode_binary(value.encode(), append)
    elif kind is int:
        append(_BYTES[value] if 0 <= value <= _LARGEST_BYTE else _large_integer(value))
    elif kind is float:
        append(_double(b"F", value))
    elif kind is dict:
        _encode_object(value.items(), append)
    elif kind is list:
        _encode_list(value, append)
    elif value is None:
        append(_NULL)
    elif kind is bool:
        append(_TRUE if value else _FALSE)
    else:
        raise InvalidJSON(f"JSON has no {kind.__name__}")


def _encode_binary(data: bytes, append: _Append) -> None:
    length = len(data)
    append(_SHORT_BINARY[length] if length <= _LARGEST_BYTE else _head(b"m", length))
    append(data)


def _encode_object(members: Collection[tuple[str, JSON]], append: _Append) -> None:
    """Write an object: a tuple with one list of pairs."""
    append(b"h\x01")
    if not members:
        append(_END_OF_LIST)
        return
    append(_head(b"l", len(members)))
    for name, value in members:
        append(_pair(name))
        if type(value) is str:  # the commonest kind, without another call
            data = value.encode()
            length = len(data)
            append(_SHORT_BINARY[length] if length <= _LARGEST_BYTE else _head(b"m", length))
            append(data)
        else:
            _encode(value, append)
    append(_END_OF_LIST)


@lru_cache(maxsize=4096)
def _pair(name: str) -> bytes:
    """Write the beginning of a pair: documents share their names."""
    data = name.encode()
    return b"h\x02" + _head(b"m", len(data)) + data


def _encode_list(items: list[JSON], append: _Append) -> None:
    """Write a list; one that could be Erlang text, all bytes, is written as such."""
    if not items:
        append(_END_OF_LIST)
        return
    length = len(items)
    if type(items[0]) is int and length <= _LONGEST_TEXT and (text := _as_text(items)) is not None:
        append(b"k" + length.to_bytes(2, "big") + text)
        return
    append(_head(b"l", length))
    for item in items:
        _encode(item, append)
    append(_END_OF_LIST)


def _as_text(items: list[JSON]) -> bytes | None:
    """Return a list of integers from 0 to 255 as bytes; Python would take `True` for 1."""
    if bool in map(type, items):
        return None
    try:
        return bytes(items)
    except (TypeError, ValueError):
        return None


def _large_integer(number: int) -> bytes:
    """Write an integer that is no byte: in 32 bits, else as sign and digits to base 256."""
    if -(2**31) <= number < 2**31:
        return _integer(b"b", number)
    magnitude = abs(number)
    digits = magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "little")
    sign = b"\x01" if number < 0 else b"\x00"
    if len(digits) <= _LARGEST_BYTE:
        return b"n" + bytes((len(digits),)) + sign + digits
    return _head(b"o", len(digits)) + sign + digits


def _encode_attachments(attachments: Sequence[Attachment], append: _Append) -> None:
    """Write the attachments as CouchDB holds them: the last one first."""
    if attachments:
        append(_head(b"l", len(attachments)))
        for name, content_type, digest in reversed(attachments):
            append(b"h\x03")
            for part in (name.encode(), content_type.encode(), digest):
                _encode_binary(part, append)
    append(_END_OF_LIST)
