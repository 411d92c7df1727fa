"""A range of the bytes of an attachment: asked of the server, or cut from the whole where it sends that."""

import re
from typing import TypeAlias

import attrs

from couchmapper.exceptions import BadRequest, InvalidAnswer, RangeNotSatisfiable
from couchmapper.streams import BLOCK_SIZE, ByteStream

__all__ = ["ByteRange", "Positions"]

Positions: TypeAlias = tuple[int, int | None]
"""The first and the last byte, counted from 0; `(9, None)` is all from there on, `(-9, None)` the last 9."""

_HEADER = re.compile(r"bytes=(\d*)-(\d*)")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


@attrs.frozen
class ByteRange:
    """The bytes from `first` to `last`, both included, as HTTP counts them; see `Positions`."""

    first: int
    last: int | None = None

    @classmethod
    def of(cls, positions: Positions) -> "ByteRange":
        """Check what was asked for; raises `BadRequest` for what is no range."""
        match positions:
            case (int(first), None):
                return cls(first)
            case (int(first), int(last)) if 0 <= first <= last:
                return cls(first, last)
        raise BadRequest(
            f"range is (first, last), or (first, None) to the end, or (-count, None), not {positions!r}"
        )

    @classmethod
    def read(cls, header: str) -> "ByteRange | None":
        """Read what `header` writes; None for anything else."""
        found = _HEADER.fullmatch(header)
        if found is None:
            return None
        first, last = found.groups()
        return cls(int(first), int(last) if last else None) if first else cls(-int(last))

    @property
    def header(self) -> str:
        """The range as the header `Range` has it."""
        if self.first < 0:
            return f"bytes={self.first}"
        return f"bytes={self.first}-{'' if self.last is None else self.last}"

    def confirm(self, content_range: str) -> None:
        """Raise `InvalidAnswer` when the header `Content-Range` says that other bytes come.

        CouchDB 3.5 leaves the first byte out when as many of the last are wanted as there are, or more.
        """
        told = _CONTENT_RANGE.fullmatch(content_range)
        first, total = (int(told[1]), int(told[2])) if told is not None else (0, 0)
        if told is None or first != (self.first if self.first >= 0 else max(0, total + self.first)):
            raise InvalidAnswer(
                f"of the range {self.header!r} came {content_range[:60]!r}; ask for (0, None) instead"
            )

    def cut(self, whole: ByteStream, length: int | None) -> ByteStream:
        """Return these bytes of a stream that has `length` bytes.

        Raises `RangeNotSatisfiable`, here or while reading, when it has none of them, and when the last ones
        are wanted of a stream of unknown length.
        """
        if self.first >= 0:
            return _Cut(whole, self)
        if not length:
            raise _outside(self)
        return _Cut(whole, ByteRange(max(0, length + self.first)))


class _Cut:
    """Skips what stands before a range, and closes the stream behind it."""

    def __init__(self, whole: ByteStream, wanted: ByteRange) -> None:
        self._whole = whole
        self._wanted = wanted
        self._place = 0

    def read(self, size: int = BLOCK_SIZE, /) -> bytes:
        while size and self._place < self._wanted.first:
            skipped = len(self._whole.read(min(BLOCK_SIZE, self._wanted.first - self._place)))
            self._place += skipped
            if not skipped:
                raise _outside(self._wanted)
        if self._wanted.last is not None:
            size = min(size, self._wanted.last + 1 - self._place)
            if not size:
                self.close()
        block = self._whole.read(size) if size else b""
        if not block and size and self._place == self._wanted.first:
            raise _outside(self._wanted)
        self._place += len(block)
        return block

    def close(self) -> None:
        self._whole.close()


def _outside(wanted: ByteRange) -> RangeNotSatisfiable:
    return RangeNotSatisfiable(f"the attachment has none of the bytes {wanted.header.removeprefix('bytes=')}")
