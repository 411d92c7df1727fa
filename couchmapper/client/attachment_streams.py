"""Attachments as they arrive: bytes as they were stored by their owner, checked against what the server says.

The server keeps the types that compress well as gzip, and its digest is the MD5 of what it keeps. So the
digest is taken of the bytes on the wire, and they are decompressed here.
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterator

import attrs

from couchmapper.exceptions import DigestMismatch, InvalidAnswer
from couchmapper.streams import BLOCK_SIZE, ByteStream, Closing, Readable, blocks

__all__ = ["AttachmentFacts", "AttachmentStream", "checked"]

_GZIP = 31  # zlib's number for gzip with the largest window


@attrs.frozen(kw_only=True)
class AttachmentFacts:
    """What is known of an attachment without its bytes.

    `length` counts the bytes as their owner stored them; it is None where the answer does not tell. `digest`
    is `md5-` and base64, of the bytes as the server keeps them: compressed when `encoding` is `gzip`. It goes
    into `if_none_match` as it is. When that was asked and holds, `not_modified` is true, and nothing else is
    known.
    """

    name: str
    content_type: str = ""
    length: int | None = None
    digest: str | None = None
    encoding: str | None = None
    not_modified: bool = False


class AttachmentStream(Closing):
    """An attachment that arrives: a binary stream to read once, and its `facts`.

    It holds a connection until it was read to its end or closed; use it as a context manager. Iterating
    gives blocks of bytes. At the end the bytes are compared with the length and the digest that the server
    states: reading raises `DigestMismatch` there instead of returning the last `b""`, so what was read to its
    end without an error is what was stored.
    """

    def __init__(self, facts: AttachmentFacts, source: ByteStream) -> None:
        self.facts = facts
        self._source = source

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.facts.name!r}, {self.facts.content_type!r})"

    @property
    def name(self) -> str:
        """The name of the attachment."""
        return self.facts.name

    @property
    def content_type(self) -> str:
        """The type that it was stored with."""
        return self.facts.content_type

    @property
    def length(self) -> int | None:
        """The number of bytes that reading gives, None where the answer does not tell."""
        return self.facts.length

    @property
    def digest(self) -> str | None:
        """The digest that the server states, as in `AttachmentFacts`."""
        return self.facts.digest

    @property
    def not_modified(self) -> bool:
        """Whether the attachment still has the digest that was given as `if_none_match`; it is empty then."""
        return self.facts.not_modified

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes that have arrived, `b""` at the end; all that is left without.

        Raises `DigestMismatch`, `InvalidAnswer` or another `TransportError` rather than end too early.
        """
        return b"".join(self) if size < 0 else self._source.read(size)

    def readable(self) -> bool:
        """Return True, as for any file that can be read."""
        return True

    def close(self) -> None:
        """Give up what was not read; closing twice is fine."""
        self._source.close()

    def __iter__(self) -> Iterator[bytes]:
        return blocks(self._source, BLOCK_SIZE)


class _Passing:
    """Reads from a source that may have nothing to close; sizes are positive."""

    def __init__(self, source: Readable) -> None:
        self._source = source

    def close(self) -> None:
        close: Callable[[], None] | None = getattr(self._source, "close", None)
        if close is not None:
            close()


class _Checked(_Passing):
    """Compares what passes with a length and a digest; a difference is raised at the end, each time."""

    def __init__(self, source: Readable, place: str, length: int | None, digest: str | None) -> None:
        super().__init__(source)
        self._place = place
        self._length = length
        self._digest = digest
        self._hash = hashlib.md5(usedforsecurity=False)
        self._count = 0

    def read(self, size: int = BLOCK_SIZE, /) -> bytes:
        block = self._source.read(size)
        self._count += len(block)
        if self._digest is not None:
            self._hash.update(block)
        if not block and size:
            self._check()
        return block

    def _check(self) -> None:
        if self._length is not None and self._count != self._length:
            raise DigestMismatch(
                f"{self._place}: {self._count} bytes came of {self._length}; read the attachment again"
            )
        if self._digest is None:
            return
        found = "md5-" + base64.b64encode(self._hash.digest()).decode()
        if found != self._digest:
            raise DigestMismatch(
                f"{self._place}: the digest of what came is {found}, the server's is {self._digest};"
                " read the attachment again, and check the proxies on the way"
            )


class _Unpacked(_Passing):
    """Decompresses gzip as it is read, never more at a time than is asked for."""

    def __init__(self, source: Readable, place: str) -> None:
        super().__init__(source)
        self._place = place
        self._member = zlib.decompressobj(_GZIP)
        self._packed = b""

    def read(self, size: int = BLOCK_SIZE, /) -> bytes:
        while size:
            if not self._packed:
                self._packed = self._source.read(BLOCK_SIZE)
            if not self._packed:
                return self._end()
            block = self._unpack(size)
            if block:
                return block
        return b""

    def _unpack(self, size: int) -> bytes:
        if self._member.eof:  # a file of gzip may have several members
            self._member = zlib.decompressobj(_GZIP)
        try:
            block = self._member.decompress(self._packed, size)
        except zlib.error as error:
            raise self._broken() from error
        self._packed = self._member.unused_data or self._member.unconsumed_tail
        return block

    def _end(self) -> bytes:
        if not self._member.eof:
            raise self._broken()
        return b""

    def _broken(self) -> InvalidAnswer:
        return InvalidAnswer(f"{self._place}: the compressed bytes are broken; read the attachment again")


def checked(
    source: Readable, place: str, *, length: int | None, digest: str | None, packed: bool
) -> ByteStream:
    """Return a source whose bytes are compared with a length and a digest, then decompressed if `packed`.

    `place` says in errors what is read.
    """
    stream = _Checked(source, place, length, digest)
    return _Unpacked(stream, place) if packed else stream
