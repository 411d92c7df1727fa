"""Bytes that can be read again and again: in memory, in a named file, or in one without a name."""

import io
import os
import stat
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, Self, TypeAlias

import attrs

from couchmapper.exceptions import AttachmentError
from couchmapper.streams import BLOCK_SIZE, Readable, Upload

__all__ = ["BinarySource", "HeldBytes", "hold"]

BinarySource: TypeAlias = bytes | bytearray | memoryview | os.PathLike[str] | Readable | Iterable[bytes]
"""What an attachment can be made of."""

_MOST_IN_MEMORY: Final = 1_000_000


class HeldBytes(Protocol):
    """Bytes that can be read from their beginning as often as one likes."""

    def open(self) -> BinaryIO:
        """Open them at their beginning; several readers do not disturb each other."""
        ...


def hold(source: BinarySource) -> HeldBytes:
    """Hold what a source has: bytes as they are, a path to be opened again, a stream read to its end.

    Raises `AttachmentError` for text and for a file that cannot be read twice, `OSError` for one that is not
    there, `InvalidBody` for a stream that gives anything but bytes.
    """
    if isinstance(source, str):
        raise AttachmentError("text is no content; give its bytes with text.encode(), a file with Path(...)")
    if isinstance(source, bytes | bytearray | memoryview):
        return _Memory(bytes(source))
    if isinstance(source, os.PathLike):
        return _File.at(Path(source))
    return _Spool(Upload(source))


@attrs.frozen
class _Memory:
    """Bytes that are held themselves."""

    data: bytes = attrs.field(repr=False)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


@attrs.frozen
class _File:
    """A file by its path, and the size and time that it had when it was added."""

    path: Path
    state: tuple[int, int]

    @classmethod
    def at(cls, path: Path) -> Self:
        path = path.absolute()  # whatever the working directory is when it is sent
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise AttachmentError(f"{path} is no file that can be read twice; open it and give the stream")
        return cls(path, (found.st_size, found.st_mtime_ns))

    def open(self) -> BinaryIO:
        stream = self.path.open("rb")
        found = os.fstat(stream.fileno())
        if (found.st_size, found.st_mtime_ns) != self.state:
            stream.close()
            raise AttachmentError(f"{self.path} was changed since it was added; add it again")
        return stream


class _Spool:
    """What a stream gave: in memory, or in a file without a name that goes with its last reader."""

    def __init__(self, source: Iterable[bytes]) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_MOST_IN_MEMORY)  # noqa: SIM115 - closed below
        weakref.finalize(self, self._file.close)
        self.length = sum(self._file.write(block) for block in source)

    def read_at(self, place: int, size: int) -> bytes:
        self._file.seek(place)
        return self._file.read(size)

    def open(self) -> BinaryIO:
        return io.BufferedReader(_SpoolReader(self), BLOCK_SIZE)

    def __reduce__(self) -> tuple[type[_Memory], tuple[bytes]]:
        """Travel between processes as bytes."""
        return _Memory, (self.read_at(0, self.length),)


class _SpoolReader(io.RawIOBase):
    """Reads a spool from a place of its own."""

    def __init__(self, spool: _Spool) -> None:
        self._spool = spool
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._spool.length}
        self._place = max(starts[whence] + offset, 0)
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        block = self._spool.read_at(self._place, len(buffer))
        buffer[: len(block)] = block
        self._place += len(block)
        return len(block)
