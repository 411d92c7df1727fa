"""Bodies that are not held whole: bytes that are sent as they are read, and read as they arrive."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self, TypeAlias, runtime_checkable

from couchmapper.exceptions import InvalidBody

__all__ = ["BLOCK_SIZE", "ByteStream", "Closing", "Readable", "Source", "Upload", "blocks"]

BLOCK_SIZE = 65_536
"""How many bytes are read at a time where nobody says otherwise."""


@runtime_checkable
class Readable(Protocol):
    """Something to read bytes from: a file that was opened as binary, a socket's file, another answer."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, `b""` at the end; everything that is left without a size."""
        ...


class Closing(ABC):
    """Something that is closed at the end of its `with` block."""

    @abstractmethod
    def close(self) -> None:
        """Give up what is held; closing twice is fine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ByteStream(Readable, Protocol):
    """The body of an answer as it arrives; it holds a connection until it was read to its end or closed."""

    def close(self) -> None:
        """Give up what was not read; closing twice is fine."""
        ...


Source: TypeAlias = bytes | Readable | Iterable[bytes]
"""What a body can be made of."""


class Upload:
    """A request body that is read while it is sent, so that it is never held whole.

    `source` is a binary file, anything else with `read`, or an iterable of bytes. `length` is its number of
    bytes, None when that is not known: it is found where the source can tell. A file that can seek is sent
    again from where it stood, any other source only once: `rewind` tells.
    """

    def __init__(self, source: Source, *, length: int | None = None) -> None:
        if isinstance(source, str) or not isinstance(source, bytes | Readable | Iterable):
            kind = type(source).__name__
            raise InvalidBody(f"a body is bytes, a file opened as binary, or chunks of bytes, not {kind}")
        self._source = source
        self._start = _position(source)
        self._started = False
        self.length = _length(source, self._start) if length is None else length

    def __repr__(self) -> str:
        return f"Upload({type(self._source).__name__}, length={self.length})"

    def rewind(self) -> bool:
        """Make the body ready to be sent again; False when the source was read and cannot go back."""
        if not self._started:
            return True
        if isinstance(self._source, bytes):
            self._started = False
        elif self._start is not None:
            self._source.seek(self._start)  # type: ignore[union-attr]  # a position means that it seeks
            self._started = False
        return not self._started

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes in blocks.

        Raises `InvalidBody` for text, when they were sent already, and before the end of a body that is not
        as long as it was said to be: the server would wait for the rest, or take it for the next request.
        """
        if not self.rewind():
            raise InvalidBody("this body was read already, and its source cannot go back to the beginning")
        self._started = True
        left = self.length
        for block in blocks(self._source):
            checked = _checked(block)
            if left is not None:
                left -= len(checked)
                if left < 0:
                    raise InvalidBody(f"a body was said to have {self.length} bytes and has more")
            yield checked
        if left:
            raise InvalidBody(f"a body was said to have {self.length} bytes, and {left} of them are missing")


def _checked(block: object) -> bytes:
    if isinstance(block, bytes | bytearray | memoryview):
        return bytes(block)
    kind = type(block).__name__
    raise InvalidBody(f"a body holds bytes, this one gave {kind}; open the file with mode 'rb'")


def blocks(source: Source, size: int = BLOCK_SIZE) -> Iterator[bytes]:
    """Yield what a source holds, from a readable one in blocks of at most `size` bytes."""
    if isinstance(source, bytes):
        for start in range(0, len(source), size):
            yield source[start : start + size]
    elif isinstance(source, Readable):
        while block := source.read(size):
            yield block
    else:
        yield from source


def _position(source: Source) -> int | None:
    """Return where a source stands, None when it cannot come back there."""
    try:
        if source.seekable():  # type: ignore[union-attr]  # many sources have no such method
            return int(source.tell())  # type: ignore[union-attr]
    except (AttributeError, OSError):
        pass
    return None


def _length(source: Source, start: int | None) -> int | None:
    if isinstance(source, bytes):
        return len(source)
    if start is None:
        return None
    end = int(source.seek(0, 2))  # type: ignore[union-attr]  # a position means that it seeks
    source.seek(start)  # type: ignore[union-attr]
    return end - start
