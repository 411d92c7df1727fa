"""The attachments that a request gives with a document: new ones, and stubs for those that stay.

https://docs.couchdb.org/en/stable/api/document/common.html#attachments
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import attrs

from couchmapper.embedded.engine.attachments import (
    DEFAULT_TYPE,
    StoredAttachment,
    check_attachment_name,
    digest_of,
    pack,
    unpack,
)
from couchmapper.exceptions import BadRequest, PreconditionFailed
from couchmapper.typing import JSON, JSONObject

__all__ = [
    "FollowingAttachment",
    "GivenAttachment",
    "NewAttachment",
    "Stub",
    "packed_attachment",
    "plain_attachment",
    "read_attachments",
    "resolve",
    "shown_unsaved",
]

_SPACE: Final = b" \t\r\n"
_GROUP: Final = 4  # base64 comes in groups of four characters


@attrs.frozen(kw_only=True)
class NewAttachment:
    """Bytes that come with a request, as they are kept: `packed` says that this is gzip.

    `revpos` is what the request says; it counts only for revisions that were made elsewhere.
    """

    name: str
    content_type: str
    length: int
    content: bytes = attrs.field(repr=False)
    packed: bool
    revpos: int | None = None

    def stored(self, revpos: int) -> StoredAttachment:
        """Return what is known of it once it is stored, in this generation."""
        return StoredAttachment(
            name=self.name,
            content_type=self.content_type,
            revpos=revpos,
            digest=digest_of(self.content),
            length=self.length,
            encoded_length=len(self.content) if self.packed else None,
        )


@attrs.frozen(kw_only=True)
class Stub:
    """An attachment that stays as the revision before has it; `revpos`, when it is given, has to agree."""

    name: str
    revpos: int | None = None


@attrs.frozen(kw_only=True)
class FollowingAttachment:
    """An attachment whose bytes stand in a part behind the document: `size` of them, as gzip if `packed`."""

    name: str
    content_type: str
    length: int
    size: int
    packed: bool
    digest: str | None
    revpos: int | None

    def arrived(self, content: bytes) -> NewAttachment:
        """Return the attachment with its bytes; raises `BadRequest` when they are not those announced."""
        if len(content) != self.size:
            side = "shorter" if len(content) < self.size else "longer"
            raise BadRequest(f"attachment {side} than expected")
        if self.packed:
            made = packed_attachment(self.name, content, self.content_type, revpos=self.revpos)
            length = len(unpack(content))
            if self.length not in {length, self.size}:  # as gzip alone its length may not be known
                raise _invalid(self.name)
            made = attrs.evolve(made, length=self.length)
        else:
            made = plain_attachment(self.name, content, self.content_type, revpos=self.revpos)
        if self.digest is not None:
            sent = base64.b64encode(digest_of(content)).decode()
            if self.digest not in {f"md5-{sent}", f"md5-{made.stored(0).tag}"}:
                raise BadRequest(f"the attachment {self.name} does not have the digest that it came with")
        return made


GivenAttachment: TypeAlias = NewAttachment | Stub | FollowingAttachment | StoredAttachment
"""What a document in a request may have in its `_attachments`, or, already stored, a copy of another one."""


def plain_attachment(
    name: str, content: bytes, content_type: str, *, revpos: int | None = None
) -> NewAttachment:
    """Make an attachment of the bytes that were sent; those of types that compress well become gzip."""
    packed = pack(content, content_type)
    return NewAttachment(
        name=name,
        content_type=content_type,
        length=len(content),
        content=content if packed is None else packed,
        packed=packed is not None,
        revpos=revpos,
    )


def packed_attachment(
    name: str, content: bytes, content_type: str, *, revpos: int | None = None
) -> NewAttachment:
    """Make an attachment of gzip, which is kept as it came; raises `BadRequest` when it is none."""
    unpack(content)
    return NewAttachment(
        name=name,
        content_type=content_type,
        length=len(content),  # as CouchDB has it: it does not look inside
        content=content,
        packed=True,
        revpos=revpos,
    )


def read_attachments(members: JSONObject) -> tuple[GivenAttachment, ...]:
    """Read `_attachments`; raises `BadRequest` for what is no attachment."""
    for name in members:
        check_attachment_name(name)
    return tuple(_read(name, given) for name, given in members.items())


def resolve(
    document_id: str,
    given: Iterable[GivenAttachment],
    before: Sequence[StoredAttachment],
    *,
    generation: int | None,
) -> tuple[StoredAttachment, ...]:
    """Return the attachments of the revision that an edit makes; `before` are those it can keep.

    New ones are of this generation; without one, of what the request says. Raises `PreconditionFailed` for a
    stub of what is not there.
    """
    known = {attachment.name: attachment for attachment in before}
    found: list[StoredAttachment] = []
    for one in given:
        if isinstance(one, NewAttachment):
            found.append(one.stored((one.revpos or 0) if generation is None else generation))
            continue
        if isinstance(one, StoredAttachment):
            found.append(one)
            continue
        kept = known.get(one.name)
        if kept is None or one.revpos not in {None, kept.revpos}:
            raise PreconditionFailed(
                f"Invalid attachment stub in {document_id} for {one.name}", error="missing_stub"
            )
        found.append(kept)
    return tuple(found)


def shown_unsaved(given: Iterable[GivenAttachment], resolved: Iterable[StoredAttachment]) -> JSONObject:
    """Return `_attachments` as validation functions see them: what is new has no digest yet."""
    return {
        stored.name: {
            "content_type": one.content_type,
            "revpos": one.revpos or 0,
            "length": one.length,
            "stub": True,
        }
        if isinstance(one, NewAttachment)
        else stored.stub()
        for one, stored in zip(given, resolved, strict=True)
    }


def _read(name: str, given: JSON) -> GivenAttachment:
    """Read one member of `_attachments`.

    CouchDB takes what is no object for nothing, and fails on members of a wrong type; here both are refused.
    """
    if not isinstance(given, dict):
        raise _invalid(name)
    revpos = given.get("revpos")
    if revpos is not None and (type(revpos) is not int or revpos < 0):
        raise _invalid(name)
    if given.get("stub") is True:
        return Stub(name=name, revpos=revpos)
    content_type = given.get("content_type", DEFAULT_TYPE)
    if not isinstance(content_type, str):
        raise _invalid(name)
    if given.get("follows") is True:
        return _following(name, content_type, given)
    return plain_attachment(name, _data(name, given.get("data")), content_type, revpos=revpos)


def _following(name: str, content_type: str, given: JSONObject) -> FollowingAttachment:
    encoding, length, digest = given.get("encoding", "identity"), given.get("length"), given.get("digest")
    size = given.get("encoded_length", length) if encoding == "gzip" else length
    known = encoding in ("gzip", "identity") and isinstance(digest, str | None)
    if not known or type(length) is not int or type(size) is not int:
        raise _invalid(name)
    return FollowingAttachment(
        name=name,
        content_type=content_type,
        length=length,
        size=size,
        packed=encoding == "gzip",
        digest=digest,
        revpos=given.get("revpos"),
    )


def _data(name: str, data: JSON) -> bytes:
    """Read base64, in which spaces do not count."""
    if not isinstance(data, str):
        raise _invalid(name)
    text = data.encode().translate(None, _SPACE)
    if len(text) % _GROUP:
        raise _invalid(name)
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise _invalid(name) from error


def _invalid(name: str) -> BadRequest:
    return BadRequest(f"Invalid attachment data for {name}")
