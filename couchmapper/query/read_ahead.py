"""Reads the next page while the program goes through the one before."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import Final, Generic, Self, TypeAlias, TypeVar

__all__ = ["ReadAhead"]

T = TypeVar("T")

_PATIENCE: Final = 50
"""How much of a page the program takes before the next one is read: it may want no more than that."""

_Read: TypeAlias = tuple[int, list[T] | None]
"""The moment at which the reading of a page began, and the page, None after the last one."""


class ReadAhead(Generic[T]):
    """An iterator over pages, of which one is read ahead when enough of the one before was taken.

    That begins after 50 documents of a page that has as many as were asked for (`size`), so that another one
    may follow it. Pages are still read one after the other. `read_at` is the moment, as told by `now`, at
    which the reading of the last page began.

    The thread ends with its page, whether that is still wanted or not; a program that ends does not wait for
    it. Where no thread can be started, pages are read when they are asked for.
    """

    def __init__(
        self,
        pages: Iterator[list[T]],
        *,
        size: int,
        now: Callable[[], int],
        thread: Callable[..., Thread] = Thread,
    ) -> None:
        self.read_at = 0
        self._pages = pages
        self._size = size
        self._now = now
        self._thread = thread
        self._next: Future[_Read[T]] | None = None
        self._taken = 0
        self._is_full = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> list[T]:
        begun, self._next = self._next, None
        self.read_at, page = self._read() if begun is None else begun.result()
        if page is None:
            raise StopIteration
        self._taken, self._is_full = 0, len(page) >= self._size
        return page

    def take(self) -> None:
        """Note that a document was taken."""
        self._taken += 1
        if self._taken == _PATIENCE and self._is_full:
            self._begin()

    def _begin(self) -> None:
        coming: Future[_Read[T]] = Future()
        thread = self._thread(
            target=copy_context().run,
            args=(_fulfil, coming, self._read),
            name="couchmapper-read-ahead",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:  # there are too many, the program is about to end, or the platform has none
            return
        self._next = coming

    def _read(self) -> _Read[T]:
        return self._now(), next(self._pages, None)


def _fulfil(coming: Future[T], read: Callable[[], T]) -> None:
    """Read what is coming; what goes wrong is raised when it is asked for."""
    try:
        coming.set_result(read())
    except BaseException as error:  # noqa: BLE001 - it is raised again
        coming.set_exception(error)
    finally:
        del coming, read  # an error holds this frame
