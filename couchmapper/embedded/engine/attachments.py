"""What is known of the attachments of a revision, beside their bytes.

It is kept as JSON text, as `att_encoding_info` shows it: a stub for each name, in CouchDB's order. Bytes are
named by the MD5 digest of what is kept, which for text, JSON and XML is gzip.
https://docs.couchdb.org/en/stable/api/document/common.html#attachments
"""

import base64
import re
import zlib
from collections.abc import Iterable
from hashlib import md5
from typing import Final

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import BadRequest
from couchmapper.revisions import Attachment
from couchmapper.typing import JSONObject

__all__ = [
    "DEFAULT_TYPE",
    "StoredAttachment",
    "check_attachment_name",
    "decode",
    "digest_of",
    "encode",
    "pack",
    "unpack",
]

DEFAULT_TYPE: Final = "application/octet-stream"
"""The content type of an attachment that comes without one."""

_LEVEL: Final = 8
_GZIP: Final = 31  # zlib's number for gzip with the largest window
_PREFIX: Final = "md5-"

# CouchDB's `attachments/compressible_types`, read as it reads them: without regard to case and parameters.
_COMPRESSIBLE: Final = re.compile(
    r"\s*(?:text/.*|application/(?:javascript|json|xml))(?:\s*;.*?)?\s*$", re.IGNORECASE
)


@attrs.frozen(kw_only=True)
class StoredAttachment:
    """An attachment of a revision: `revpos` is the generation that it came with, `digest` its MD5.

    `length` counts the bytes that were sent; `encoded_length` those that are kept when that is gzip, else it
    is None. Of what was sent as gzip only that length is known: then both are the same.
    """

    name: str
    content_type: str
    revpos: int
    digest: bytes
    length: int
    encoded_length: int | None = None

    @property
    def hashed(self) -> Attachment:
        """What counts of it for the id of the revision."""
        return self.name, self.content_type, self.digest

    @property
    def header_type(self) -> str:
        """The content type, where it can stand in a header."""
        return self.content_type if self.content_type.isprintable() else DEFAULT_TYPE

    @property
    def tag(self) -> str:
        """The digest in base64, which is the `ETag` of the bytes."""
        return base64.b64encode(self.digest).decode()

    def told(self, member: JSONObject, *, encoding: bool) -> JSONObject:
        """Return what a document shows of it; `member` is its length, its data or that it follows."""
        told = {
            "content_type": self.content_type,
            "revpos": self.revpos,
            "digest": f"{_PREFIX}{self.tag}",
            **member,
        }
        if encoding and self.encoded_length is not None:
            told |= {"encoding": "gzip", "encoded_length": self.encoded_length}
        return told

    def stub(self, *, encoding: bool = False) -> JSONObject:
        """Return the stub that stands in a document; `encoding` says how the bytes are kept."""
        return self.told({"length": self.length, "stub": True}, encoding=encoding)


def encode(attachments: Iterable[StoredAttachment]) -> bytes | None:
    """Write the attachments of a revision; None when there are none."""
    stubs = {attachment.name: attachment.stub(encoding=True) for attachment in attachments}
    return jsonio.dumps(stubs) if stubs else None


def decode(text: bytes | None) -> tuple[StoredAttachment, ...]:
    """Read what `encode` has written."""
    if text is None:
        return ()
    return tuple(
        StoredAttachment(
            name=name,
            content_type=stub["content_type"],
            revpos=stub["revpos"],
            digest=base64.b64decode(stub["digest"].removeprefix(_PREFIX)),
            length=stub["length"],
            encoded_length=stub.get("encoded_length"),
        )
        for name, stub in jsonio.loads(text).items()
    )


def check_attachment_name(name: str) -> None:
    """Raise `BadRequest` for what cannot be the name of an attachment."""
    if name[:1] == "_":
        raise BadRequest(f"Attachment name '{name}' starts with prohibited character '_'")


def digest_of(content: bytes) -> bytes:
    """Return the digest that names these bytes."""
    return md5(content, usedforsecurity=False).digest()


def pack(content: bytes, content_type: str) -> bytes | None:
    """Return the gzip that is kept in place of content of this type; None when it is kept as it is."""
    if _COMPRESSIBLE.match(content_type) is None:
        return None
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(content) + packer.flush()


def unpack(packed: bytes) -> bytes:
    """Return what gzip holds, which may have several members; raises `BadRequest` when it is none."""
    found: list[bytes] = []
    while packed or not found:
        member = zlib.decompressobj(_GZIP)
        try:
            found.append(member.decompress(packed))
        except zlib.error as error:
            raise BadRequest(f"the attachment was said to be gzip, and is none: {error}") from error
        if not member.eof:
            raise BadRequest("the attachment was said to be gzip, and its end is missing")
        packed = member.unused_data
    return b"".join(found)
