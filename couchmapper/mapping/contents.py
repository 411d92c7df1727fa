"""The content of an attachment that waits: its bytes, and the forms in which it is sent and stored."""

import base64
import hashlib
import mimetypes
import zlib
from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO, Final, Self

import attrs

from couchmapper.exceptions import AttachmentError
from couchmapper.mapping.held_bytes import BinarySource, HeldBytes, hold
from couchmapper.multipart import Attachment
from couchmapper.multipart.headers import sendable
from couchmapper.streams import Upload, blocks
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["Content", "content_of"]

_MOST_COMPRESSED: Final = 8_000_000
"""How many bytes are compressed, at most, only to learn the digest of what CouchDB keeps."""

_GZIP: Final = 31  # zlib's number for gzip with the largest window
_LEVEL: Final = 8  # CouchDB's
_COMPRESSIBLE: Final = frozenset({"application/javascript", "application/json", "application/xml"})
_UNKNOWN: Final = "application/octet-stream"
_OF_ENCODINGS: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


@attrs.frozen(kw_only=True, eq=False)
class Content:
    """The bytes of one attachment and what is known of them; it never changes, so copies share it."""

    name: str
    content_type: str
    length: int
    md5: bytes = attrs.field(repr=False)
    held: HeldBytes = attrs.field(repr=False)

    def open(self) -> BinaryIO:
        """Open the bytes at their beginning.

        Raises `AttachmentError` when the file that they are in has gone, or was changed since it was added.
        """
        try:
            return self.held.open()
        except (OSError, AttachmentError) as error:
            raise _unreadable(self.name, error) from error

    @property
    def digest(self) -> str | None:
        """The digest of what CouchDB keeps, compressed for some types; None where it cannot be told.

        It is `md5-` and base64, as in a stub. A server that is configured otherwise may keep other bytes. It
        is not told of large ones that have to be compressed, nor of a file that was changed meanwhile.
        """
        if not _is_compressible(self.content_type):
            return _digest(self.md5)
        try:
            return self._packed_digest if self.length <= _MOST_COMPRESSED else None
        except AttachmentError:
            return None

    @property
    def stub(self) -> JSONObject:
        """What stands in the document once it is stored, but for `revpos`.

        Where the digest cannot be told, `plain_digest` in its place tells this content from others.
        """
        digest = self.digest
        told = {"plain_digest": _digest(self.md5)} if digest is None else {"digest": digest}
        return {"content_type": self.content_type, **told, "length": self.length, "stub": True}

    @property
    def inline(self) -> JSONObject:
        """What is sent inside the document: `{"content_type", "data"}`."""
        with self.open() as stream:
            data = base64.b64encode(stream.read())
        return {"content_type": self.content_type, "data": data.decode("ascii")}

    @property
    def follows(self) -> JSONObject:
        """What is sent inside the document when the bytes are sent beside it."""
        self.open().close()  # a file that has gone is noticed here, before anything is sent
        return {"content_type": self.content_type, "length": self.length, "follows": True}

    @property
    def beside(self) -> Attachment:
        """What is sent beside the document, as often as it must be."""
        return Attachment(name=self.name, content_type=self.content_type, body=_Reopened(self))

    def is_stored_as(self, stub: JSONMapping) -> bool:
        """Tell whether a stub is of these very bytes; the server may keep any type compressed or plain."""
        if (stub.get("content_type"), stub.get("length")) != (self.content_type, self.length):
            return False
        digest = stub.get("digest")
        return digest is not None and (digest == _digest(self.md5) or digest == self._packed_digest)

    @cached_property
    def _packed_digest(self) -> str:
        """The digest of the bytes as CouchDB compresses them."""
        md5 = hashlib.md5(usedforsecurity=False)
        member = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        with self.open() as stream:
            for block in blocks(stream):
                md5.update(member.compress(block))
        md5.update(member.flush())
        return _digest(md5.digest())

    def __deepcopy__(self, _: object) -> Self:
        return self


def content_of(name: str, source: BinarySource, content_type: str | None = None) -> Content:
    """Read a source to its end and return it as the content of an attachment.

    A path is remembered and opened again when it is sent; a stream is read from where it stands, and not
    closed. Raises `AttachmentError` for what is not there, for text, and for a wrong name or type.
    """
    _check_name(name)
    kind = _guessed(name) if content_type is None else _checked_type(name, content_type)
    try:
        held = hold(source)
        length, md5 = _measured(held)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    return Content(name=name, content_type=kind, length=length, md5=md5, held=held)


def _measured(held: HeldBytes) -> tuple[int, bytes]:
    length, md5 = 0, hashlib.md5(usedforsecurity=False)
    with held.open() as stream:
        for block in blocks(stream):
            length += len(block)
            md5.update(block)
    return length, md5.digest()


def _digest(raw: bytes) -> str:
    return "md5-" + base64.b64encode(raw).decode("ascii")


def _is_compressible(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _COMPRESSIBLE


def _guessed(name: str) -> str:
    """Return the type of what is called so; that of a compressed file is the type of its compression."""
    kind, encoding = mimetypes.guess_type(name.rpartition("/")[2])
    return (kind if encoding is None else _OF_ENCODINGS.get(encoding)) or _UNKNOWN


def _checked_type(name: str, content_type: object) -> str:
    if isinstance(content_type, str) and content_type and sendable("Content-Type", content_type):
        return content_type
    raise AttachmentError(
        f"the attachment {name!r}: {content_type!r} is no content type; write it as 'text/plain', or leave it"
        " out to have it guessed from the name"
    )


def _check_name(name: object) -> None:
    fault = _fault(name)
    if fault is not None:
        raise AttachmentError(f"the attachment name {name!r} {fault}; give it another one")


def _fault(name: object) -> str | None:
    """Return what keeps a name from being that of an attachment: dots could be stored and never be read."""
    if not isinstance(name, str):
        return "is not text"
    if not name:
        return "is empty"
    if name in {".", ".."}:
        return "names a place in a path"
    if name.startswith("_"):
        return "begins with an underscore"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "holds a lone surrogate, which is not Unicode"
    return None


def _unreadable(name: str, error: Exception) -> AttachmentError:
    reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.strerror else error
    return AttachmentError(f"the attachment {name!r} cannot be read: {reason}")


class _Reopened(Upload):
    """A body that is opened anew each time it is sent."""

    def __init__(self, content: Content) -> None:
        super().__init__(b"", length=content.length)
        self._content = content

    def rewind(self) -> bool:
        """Be ready: nothing is held open between two times."""
        return True

    def __iter__(self) -> Iterator[bytes]:
        with self._content.open() as stream:
            yield from Upload(stream, length=self.length)
