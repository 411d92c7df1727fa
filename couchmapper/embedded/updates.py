"""Tells those who wait for a change that there may be one."""

import threading

__all__ = ["Updates"]


class Updates:
    """A counter of announcements that threads can wait on.

    Whoever waits reads `count` first, then looks for changes, then calls `wait` with that count: what is
    announced in between is not missed.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0
        self._closed = False

    @property
    def count(self) -> int:
        """How many announcements there were."""
        return self._count

    def announce(self) -> None:
        """Wake everyone who waits, to look again."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Return when there was an announcement after `seen`, on `close`, or after `seconds`.

        `math.inf` seconds never end.
        """
        with self._condition:
            self._condition.wait_for(
                lambda: self._closed or self._count != seen, min(seconds, threading.TIMEOUT_MAX)
            )

    def close(self) -> None:
        """Wake everyone who waits, for the last time."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
