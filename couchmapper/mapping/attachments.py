"""`order.attachments`: what a document has beside its fields, stored or still to be sent."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self

import attrs

from couchmapper.exceptions import AttachmentMissing, NotLoaded
from couchmapper.mapping.attachment_changes import (
    AttachmentChanges,
    pending_attachments,
    remember_pending,
    stored_stubs,
)
from couchmapper.mapping.contents import Content, content_of
from couchmapper.mapping.held_bytes import BinarySource
from couchmapper.mapping.model import Model
from couchmapper.streams import ByteStream
from couchmapper.typing import JSONMapping

__all__ = [
    "AttachmentHandle",
    "AttachmentReader",
    "Attachments",
    "BinaryStream",
    "lend_reader",
    "take_back_reader",
]


class BinaryStream(ByteStream, Protocol):
    """The bytes of an attachment, to be read once; close it, or use it as a context manager."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class AttachmentReader(Protocol):
    """Reads attachments from where documents are stored; a session leaves one on those that it loads."""

    def open(self, document_id: str, name: str, *, rev: str, digest: str | None) -> BinaryStream:
        """Return the bytes that the revision `rev` has under `name`, as they arrive.

        Where that revision is gone, those of the current one, if `digest` says that they are the same.
        """
        ...


@attrs.frozen(kw_only=True)
class _Stored:
    """An attachment that the server holds, as the stub in a revision tells of it."""

    name: str
    content_type: str
    length: int | None
    digest: str | None
    rev: str
    document: Model = attrs.field(eq=False)

    @classmethod
    def of(cls, document: Model, name: str, stub: JSONMapping) -> Self:
        return cls(
            name=name,
            content_type=stub.get("content_type", ""),
            length=stub.get("length"),
            digest=stub.get("digest"),
            rev=(document._source or {}).get("_rev", ""),  # noqa: SLF001 - the mapping's own mark
            document=document,
        )

    def open(self) -> BinaryStream:
        values = self.document.__dict__
        reader: AttachmentReader | None = values.get("_reader")
        if reader is None:
            raise NotLoaded(
                f"the attachment {self.name!r} of {values['_source']['_id']!r} is on the server, and the"
                " document is in no session: get it with session.get(...), or session.add(document)"
            )
        return reader.open(values["_source"]["_id"], self.name, rev=self.rev, digest=self.digest)


@attrs.frozen
class AttachmentHandle:
    """One attachment, as it was when it was asked for; its bytes are read when they are asked for."""

    _origin: Content | _Stored = attrs.field(repr=False)

    def __repr__(self) -> str:
        return f"<attachment {self.name!r}, {self.content_type}, {self.length} bytes>"

    @property
    def name(self) -> str:
        """The name, unique in its document."""
        return self._origin.name

    @property
    def content_type(self) -> str:
        """The type, such as `text/plain`."""
        return self._origin.content_type

    @property
    def length(self) -> int | None:
        """The number of bytes that reading gives; None where the server did not tell."""
        return self._origin.length

    @property
    def digest(self) -> str | None:
        """`md5-` and base64, of the bytes as CouchDB keeps them: compressed for types such as text.

        Of one that is not stored yet it is what CouchDB will make of it unless it is configured otherwise.
        None where it is not known.
        """
        return self._origin.digest

    @property
    def is_stored(self) -> bool:
        """Whether the server has it; else it is sent with the next commit."""
        return isinstance(self._origin, _Stored)

    def open(self) -> BinaryStream:
        """Open the bytes: of a stored one as they arrive, compared with their digest at their end.

        Close the stream, or use it as a context manager. Raises `NotLoaded` for a stored one whose document
        is in no session, `NotFound` for one that the server has no more, `AttachmentError` for a file that
        was changed since it was added.
        """
        return self._origin.open()

    def read(self) -> bytes:
        """Return the bytes at once; raises what `open` does, and `DigestMismatch`."""
        with self.open() as stream:
            return stream.read()


class Attachments(Mapping[str, AttachmentHandle]):
    """The attachments of a document by name; what is added or removed is saved by the next commit.

    Those that the server has need nothing: they stay when the document is saved.
    """

    def __init__(self, document: Model) -> None:
        self._document = document

    def __repr__(self) -> str:
        return f"<attachments {', '.join(map(repr, self)) or 'none'}>"

    def __getitem__(self, name: str) -> AttachmentHandle:
        pending = self._pending
        content = pending.added.get(name)
        if content is not None:
            return AttachmentHandle(content)
        stub = None if name in pending.removed else stored_stubs(self._document).get(name)
        if stub is None:
            raise AttachmentMissing(
                f"there is no attachment {name!r}; there are {', '.join(map(repr, self)) or 'none'}"
            )
        return AttachmentHandle(_Stored.of(self._document, name, stub))

    def __iter__(self) -> Iterator[str]:
        pending = self._pending
        gone = pending.removed | pending.added.keys()
        return iter([*(name for name in stored_stubs(self._document) if name not in gone), *pending.added])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __delitem__(self, name: str) -> None:
        self.remove(name)

    def add(self, name: str, source: BinarySource, content_type: str | None = None) -> AttachmentHandle:
        """Add an attachment, or replace the one of this name; return it.

        `source` is bytes, a path, a binary stream or chunks of bytes. A stream is read here, from where it
        stands; a file given by its path is read here and again when it is sent, and must not change between.
        Without `content_type` it is guessed from the name. What the server has already, the same bytes of the
        same type, is not sent again. Raises `AttachmentError` for a name or a source that cannot be.
        """
        content = content_of(name, source, content_type)
        pending, stub = self._pending, stored_stubs(self._document).get(name)
        is_touched = name in pending.added or name in pending.removed
        if stub is not None and not is_touched and content.is_stored_as(stub):
            return self[name]
        remember_pending(self._document, pending.adding(content))
        return AttachmentHandle(content)

    def remove(self, name: str) -> None:
        """Remove an attachment; raises `AttachmentMissing`, a `KeyError`, when there is none of this name."""
        handle = self[name]
        is_stored = handle.is_stored or name in stored_stubs(self._document)
        remember_pending(self._document, self._pending.removing(name, is_stored=is_stored))

    @property
    def _pending(self) -> AttachmentChanges:
        return pending_attachments(self._document) or AttachmentChanges()


def lend_reader(document: Model, reader: AttachmentReader) -> None:
    """Leave a reader on a document that has attachments on the server; others need none."""
    if stored_stubs(document):
        document.__dict__["_reader"] = reader


def take_back_reader(document: Model) -> None:
    """Leave a document without a reader, since it belongs to no session any more."""
    document.__dict__.pop("_reader", None)
