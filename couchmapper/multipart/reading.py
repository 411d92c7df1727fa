"""Multipart bodies that arrive: one part after the other, read as they come."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from couchmapper.exceptions import InvalidAnswer, PartPassed
from couchmapper.multipart.headers import boundary_of, is_multipart, parameter, read_headers
from couchmapper.streams import BLOCK_SIZE, Readable

__all__ = ["Part", "decode"]

_LONGEST_HEADERS = 65_536
_LINE_END = b"\r\n"
_EMPTY_LINE = b"\r\n\r\n"

# What stands behind a boundary that begins a line, and makes it a delimiter; anything else makes it content.
_REST = re.compile(rb"(--)?[ \t]{0,64}\r\n")
_REST_AT_END = re.compile(rb"(--)[ \t]{0,64}\r?")
_REST_TO_COME = re.compile(rb"-|(--)?[ \t]{0,64}\r?")


def decode(source: Readable, content_type: str) -> Iterator["Part"]:
    """Yield the parts of a multipart body in their order, each to be read before the next is asked for.

    Memory is bounded whatever the parts hold. What was left unread of a part is skipped. After the last part
    the source is read to its end, so that a connection is free again. Raises `InvalidAnswer` when this is no
    multipart body, or an incomplete one. A body without a single byte has no parts: that is what `_bulk_get`
    answers when it was asked for nothing.
    """
    return _decode(_Cutter(source, boundary_of(content_type)))


def _decode(cutter: "_Cutter") -> Iterator["Part"]:
    if cutter.is_empty():
        return
    while cutter.advance():
        part = Part(cutter.headers(), cutter)
        yield part
        part.passed = True


class Part:
    """One part of a multipart body: its headers, and its bytes to be read once, while it is the current one.

    `headers` has names in lower case. Reading raises `InvalidAnswer` when the body ends in the middle or is
    not as long as its `Content-Length` says, and `PartPassed` when the next part was asked for.
    """

    def __init__(self, headers: Mapping[str, str], cutter: "_Cutter") -> None:
        self.headers = headers
        self.passed = False
        self._cutter = cutter
        self._count = 0

    def __repr__(self) -> str:
        return f"Part({dict(self.headers)!r})"

    @property
    def content_type(self) -> str:
        """The `Content-Type` with its parameters, empty when the part has none."""
        return self.headers.get("content-type", "")

    @property
    def filename(self) -> str | None:
        """The file name in the headers: a hint, as CouchDB does not escape it; order is what counts."""
        return parameter(self.headers.get("content-disposition", ""), "filename")

    @property
    def is_multipart(self) -> bool:
        """Whether the part holds parts itself; read them with `parts()`."""
        return is_multipart(self.content_type)

    def parts(self) -> Iterator["Part"]:
        """Yield the parts inside this part, as `decode` does."""
        return decode(self, self.content_type)

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, `b""` at the end of the part; without a size, all that is left."""
        if size < 0:
            return b"".join(self)
        if self.passed:
            raise PartPassed("this part was passed; read each part before you ask for the next one")
        block = self._cutter.take(size)
        self._count += len(block)
        if size and not block:
            self._check_length()
        return block

    def __iter__(self) -> Iterator[bytes]:
        """Yield what is left of the part in blocks."""
        while block := self.read(BLOCK_SIZE):
            yield block

    def _check_length(self) -> None:
        stated = self.headers.get("content-length")
        if stated is not None and stated != str(self._count):
            raise InvalidAnswer(f"a part of {self._count} bytes came with the length {stated[:30]!r}")


class _Cutter:
    """Cuts a multipart body at its delimiters, and holds a block of it, or the headers of a part."""

    def __init__(self, source: Readable, boundary: bytes) -> None:
        self._source = source
        self._delimiter = _LINE_END + b"--" + boundary
        self._held = _LINE_END  # so that a delimiter at the very beginning stands behind a line end, too
        self._clear = 0  # how many of the held bytes belong to the current part for certain
        self._cut = 0  # the length of the delimiter behind them, 0 when it was not found yet
        self._last = False
        self._ended = False

    def is_empty(self) -> bool:
        """Say whether there is no body at all."""
        self._fill()
        return self._ended

    def advance(self) -> bool:
        """Go behind the next delimiter; False when it was the last, and the source is read to its end."""
        while self.take(BLOCK_SIZE):
            pass
        # Its line end stays: an empty line right behind it means a part without headers.
        self._held = self._held[self._cut - len(_LINE_END) :]
        self._cut = 0
        while self._last and self._source.read(BLOCK_SIZE):
            pass
        return not self._last

    def headers(self) -> Mapping[str, str]:
        """Read the headers of the part that begins here."""
        while (end := self._held.find(_EMPTY_LINE)) < 0 and len(self._held) <= _LONGEST_HEADERS:
            if self._ended:
                raise InvalidAnswer("a multipart body ended in the headers of a part")
            self._fill()
        if not 0 <= end <= _LONGEST_HEADERS:
            raise InvalidAnswer(f"the headers of a part are longer than {_LONGEST_HEADERS} bytes")
        block, self._held = self._held[:end], self._held[end + len(_EMPTY_LINE) :]
        if self._delimiter in block:
            raise InvalidAnswer("the headers of a part end without an empty line")
        return MappingProxyType(read_headers(block.removeprefix(_LINE_END)))

    def take(self, size: int) -> bytes:
        """Return at most `size` bytes of the current part, none when its delimiter is reached."""
        while not (self._clear or self._cut or self._search()):
            if self._ended:
                raise InvalidAnswer("a multipart body ended in the middle of a part")
            self._fill()
        size = min(size, self._clear)
        taken, self._held = self._held[:size], self._held[size:]
        self._clear -= size
        return taken

    def _search(self) -> bool:
        """Look for the delimiter; False when more must be read to know whose the next byte is."""
        held, size = self._held, len(self._delimiter)
        start = held.find(self._delimiter)
        while start >= 0 and not self._decided(start) and self._is_content(start):
            start = held.find(self._delimiter, start + 1)
        if start < 0:  # what may be the beginning of a delimiter is held back
            start = 0 if self._ended else len(held) - size + 1
        self._clear = max(start, 0)
        return self._clear > 0 or self._cut > 0

    def _decided(self, start: int) -> bool:
        """Note the delimiter at this place if it is one."""
        behind = start + len(self._delimiter)
        rest = _REST.match(self._held, behind)
        if rest is None and self._ended:
            rest = _REST_AT_END.fullmatch(self._held, behind)
        if rest is not None:
            self._cut, self._last = rest.end() - start, rest[1] is not None
        return rest is not None

    def _is_content(self, start: int) -> bool:
        """Say whether what looks like a delimiter at this place is none, whatever comes after it."""
        return self._ended or not _REST_TO_COME.fullmatch(self._held, start + len(self._delimiter))

    def _fill(self) -> None:
        block = self._source.read(BLOCK_SIZE)
        self._ended = not block
        self._held += block
