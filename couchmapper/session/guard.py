"""Who may use a session now: one thread at a time, in the process that opened it, until it is closed."""

import os
import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from couchmapper.exceptions import SessionBusy, SessionClosed, SessionForked

__all__ = ["Guard", "Guarded", "guarded"]

P = ParamSpec("P")
R = TypeVar("R")


_forks = 0


def _count_fork() -> None:
    global _forks  # noqa: PLW0603 - there is one process to count in
    _forks += 1


if hasattr(os, "register_at_fork"):  # systems without it do not fork
    os.register_at_fork(after_in_child=_count_fork)


class Guard:
    """Lets one thread in at a time, and refuses every other one at once instead of letting it wait.

    A session may be handed from thread to thread; two that use it at once would see each other's half done
    work. In a forked process it would share what the parent goes on to write, so it is refused there.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._forks = _forks
        self._closed = False

    def __enter__(self) -> None:
        if self._forks != _forks:
            raise SessionForked(
                "this session was opened before the process was forked; open a new one in the child with"
                " database.session()"
            )
        if not self._lock.acquire(blocking=False):
            raise SessionBusy(
                "this session is in use by another thread at this moment; give each thread a session of its"
                " own: database.session()"
            )
        if self._closed:
            self._lock.release()
            self.check()

    def check(self) -> None:
        """Raise `SessionClosed` when nobody may come in any more."""
        if self._closed:
            raise SessionClosed("this session is closed; open a new one with database.session()")

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def close(self) -> None:
        """Refuse everybody from now on; closing twice is fine, and so is closing in a forked process.

        Raises `SessionBusy` while another thread is inside.
        """
        if not self._closed and self._forks == _forks:
            with self:
                self._closed = True


class Guarded(Protocol):
    """What has a guard at its door."""

    @property
    def guard(self) -> Guard:
        """The guard of all its methods."""
        ...


S = TypeVar("S", bound=Guarded)


def guarded(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Let a method run behind the guard of its object."""

    @wraps(method)
    def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.guard:
            return method(self, *args, **kwargs)

    return call
