"""Reads the next page while the program goes through the one before."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Generic, Self, TypeVar

__all__ = ["ReadAhead"]

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """An iterator over pages; after `start()` the next one is read by a thread of its own.

    Pages are still read one after the other, and never more than one ahead. Nothing is read that was not
    started or asked for. `close()` gives the thread up; it ends when its request does.
    """

    def __init__(self, pages: Iterator[T]) -> None:
        self._pages = pages
        self._next: Future[T | None] | None = None
        self._thread: ThreadPoolExecutor | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        if self._next is None:
            return next(self._pages)
        reading, self._next = self._next, None
        page = reading.result()
        if page is None:
            raise StopIteration
        return page

    def start(self) -> None:
        """Begin to read the next page, unless that is done already."""
        if self._next is not None:
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="couchmapper-read-ahead")
        self._next = self._thread.submit(copy_context().run, self._read)

    def _read(self) -> T | None:
        return next(self._pages, None)

    def close(self) -> None:
        """Read no further."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
