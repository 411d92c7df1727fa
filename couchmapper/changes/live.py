"""A live run of hooks: one thread waits for each, until somebody stops the run or a hook fails."""

import threading
from collections.abc import Iterable

from couchmapper.changes.worker import HookWorker

__all__ = ["LiveRun"]


class LiveRun:
    """Waits for the changes of all workers at once; the hooks themselves act one at a time.

    A request that waits for changes cannot be called back. When the run ends, its thread is left alone: it
    ends with the answer, and acts on nothing more.
    """

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._acting = threading.Lock()
        self._failures: list[BaseException] = []

    def follow(self, workers: Iterable[HookWorker]) -> None:
        """Return when the run is stopped and no hook acts any more; raise what a hook raised."""
        for worker in workers:
            threading.Thread(
                target=self._follow, args=(worker,), name=f"hook {worker.hook.name}", daemon=True
            ).start()
        try:
            self._stopping.wait()
        finally:
            self._stopping.set()
            with self._acting:  # the hook that is acting is waited for, also after an interruption
                failures = self._failures
        if failures:
            raise failures[0]

    def _follow(self, worker: HookWorker) -> None:
        while not self._stopping.is_set():
            try:
                batch = worker.wait()
            except BaseException as error:  # noqa: BLE001 - it is raised in the thread that called run()
                self._fail(error)
                return
            # A failure is noted before the lock is free, so that the one who stops the run sees it.
            with self._acting:
                if self._stopping.is_set():
                    return
                try:
                    worker.act(batch)
                except BaseException as error:  # noqa: BLE001 - likewise
                    self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self._failures.append(error)
        self._stopping.set()
