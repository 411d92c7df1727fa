"""The body of an answer as bytes that arrive while they are read."""

from collections.abc import Iterator, Mapping

from couchmapper.messages import Response
from couchmapper.streams import BLOCK_SIZE, Closing, blocks

__all__ = ["Streaming"]


class Streaming(Closing):
    """The bytes of an answer: a binary stream to read once, with its `status` and `headers`.

    It holds a connection until it was read to its end or closed; use it as a context manager. Iterating
    gives blocks of bytes. Where the connection breaks, reading raises `TransportError`: an answer that is cut
    off never looks like a whole one.
    """

    def __init__(self, response: Response) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._stream = response.open()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.status}, {self.headers.get('content-type', 'no type')!r})"

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes that have arrived, `b""` at the end; all that is left without."""
        return self._stream.read(size)

    def readable(self) -> bool:
        """Return True, as for any file that can be read."""
        return True

    def close(self) -> None:
        """Give up what was not read; closing twice is fine."""
        self._stream.close()

    def __iter__(self) -> Iterator[bytes]:
        return blocks(self, BLOCK_SIZE)
