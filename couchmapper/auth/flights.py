"""Many threads need one thing: the first fetches it, the others wait for what it brings."""

import copy
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from couchmapper.exceptions import CouchMapperError

__all__ = ["Flight", "Flights"]

T = TypeVar("T")


class Flight(Generic[T]):
    """One fetch that is under way, or has ended: with a value, with an error, or with nothing."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._value: T | None = None
        self._error: Exception | None = None

    def end(self, value: T | None = None, error: Exception | None = None) -> None:
        """Wake those who wait, with the value or the error; with neither, each has to see for itself."""
        self._value, self._error = value, error
        self._ended.set()

    def result(self) -> T | None:
        """Wait for the end and return the value, or raise the error; None when the fetch was given up.

        Each thread raises a copy of its own: a traceback and the mark `sent` belong to one request.
        """
        self._ended.wait()
        if isinstance(self._error, CouchMapperError):
            raise copy.copy(self._error) from self._error
        if self._error is not None:
            raise self._error
        return self._value


class Flights(Generic[T]):
    """Keeps to one flight at a time.

    A process that was forked in the middle of a flight starts without one: the thread that was to end it
    exists in the parent only.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: Flight[T] | None = None
        _everywhere.add(self)

    def board(self, usable: Callable[[], T | None]) -> tuple[Flight[T], bool]:
        """Return a flight and whether it is the caller's to make.

        What `usable` returns makes a flight needless; the one that is returned then has ended already.
        Whoever is told that the flight is theirs has to go through `making`, or `give_up`.
        """
        with self._lock:
            value = usable()
            if value is not None:
                flight = Flight[T]()
                flight.end(value)
                return flight, False
            if self._current is not None:
                return self._current, False
            self._current = Flight()
            return self._current, True

    @contextmanager
    def making(self, flight: Flight[T]) -> Iterator[Callable[[T], None]]:
        """Give the function that ends the flight with a value; an error inside the block ends it too."""
        try:
            yield lambda value: self._end(flight, value=value)
        except Exception as error:
            self._end(flight, error=error)
            raise
        except BaseException:
            self.give_up(flight)
            raise

    def give_up(self, flight: Flight[T]) -> None:
        """End a flight without a result, as when its thread was interrupted; one who waits makes the next."""
        self._end(flight)

    def _end(self, flight: Flight[T], value: T | None = None, error: Exception | None = None) -> None:
        with self._lock:
            if self._current is flight:
                self._current = None
        flight.end(value, error)

    def forget(self) -> None:
        """Start anew in a forked process, where another thread may have held the lock for ever."""
        self._lock = threading.Lock()
        self._current = None


_everywhere: "weakref.WeakSet[Flights[Any]]" = weakref.WeakSet()


def _forget_all() -> None:
    for flights in _everywhere:
        flights.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
