"""`database.hooks`: finds the hooks of the models of a database and runs them."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from couchmapper.changes.checkpoints import Checkpoint
from couchmapper.changes.follower import ChangesFollower
from couchmapper.changes.live import LiveRun
from couchmapper.changes.worker import HookWorker
from couchmapper.client.database import Database
from couchmapper.exceptions import HookError
from couchmapper.mapping.document import Document
from couchmapper.mapping.hooks import HookMark

__all__ = ["Hooks"]


class Hooks:
    """The change hooks of the models that are bound to a database, those of their base classes included."""

    def __init__(self, database: Database, models: Sequence[type[Document]]) -> None:
        self._database = database
        self._models = models
        self._running = threading.Lock()
        self._stopping = threading.Event()

    def run(self, *, until_idle: bool = False) -> None:
        """Run every hook from its checkpoint on.

        With `until_idle`, act on all changes so far, also those that the hooks themselves make, and return.
        Otherwise wait for changes until `stop()` is called from another thread or from a hook. Hooks act one
        at a time. An exception of a hook stops the run and is raised here; its change comes again with the
        next run. Raises `HookError` when the database's models have no hook, when two hooks have one name,
        and when a run is going on already.
        """
        if not self._running.acquire(blocking=False):
            raise HookError(f"the hooks of {self._database.name!r} are running already")
        try:
            # An event for each run: what still waits for the last one must not take part in this one.
            stopping = self._stopping = threading.Event()
            workers = [self._worker(mark, stopping) for mark in self._marks()]
            while _act_on_what_is_there(workers, stopping):
                pass
            if not until_idle and not stopping.is_set():
                LiveRun(stopping).follow(workers)
        finally:
            self._running.release()

    def stop(self) -> None:
        """End the run that is going on, after the change that a hook is at; the others come with the next.

        Nothing happens when no run is going on.
        """
        self._stopping.set()

    def _marks(self) -> list[HookMark]:
        """Return each hook once; raises `HookError` for none, and for two of one name."""
        marks = {id(mark): mark for model in self._models for mark in _declared(model)}
        if not marks:
            raise HookError(
                f"no model of {self._database.name!r} has a hook: declare @Model.on_change, on a model"
                " with database=... or bound by database.bind(Model)"
            )
        names = Counter(mark.name for mark in marks.values())
        twice = sorted(name for name, count in names.items() if count > 1)
        if twice:
            raise HookError(f"two hooks share one name, and so one checkpoint: {', '.join(twice)}")
        return list(marks.values())

    def _worker(self, mark: HookMark, stopping: threading.Event) -> HookWorker:
        checkpoint = Checkpoint(self._database.local, mark.name)
        follower = ChangesFollower(
            changes=self._database.changes, selector=mark.selector(), since=checkpoint.read()
        )
        return HookWorker(mark, follower, checkpoint, stopping)


def _declared(model: type[Document]) -> Iterator[HookMark]:
    """Yield the hooks of a model and of its base classes, which stand for its documents as well."""
    for kind in model.__mro__:
        if issubclass(kind, Document):
            yield from kind.__hooks__


def _act_on_what_is_there(workers: Iterable[HookWorker], stopping: threading.Event) -> bool:
    """Let each hook catch up once; tell whether there may be more, which the hooks made."""
    count = 0
    for worker in workers:
        if stopping.is_set():
            return False
        count += worker.run_until_idle()
    return count > 0 and not stopping.is_set()
