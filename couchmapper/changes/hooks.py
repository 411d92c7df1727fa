"""`database.hooks`: finds the hooks of the models of a database and runs them."""

import threading
from collections.abc import Iterable, Sequence

from couchmapper.changes.checkpoints import Checkpoint
from couchmapper.changes.follower import ChangesFollower
from couchmapper.changes.worker import HookWorker
from couchmapper.client.database import Database
from couchmapper.exceptions import HookError
from couchmapper.mapping.document import Document
from couchmapper.mapping.hooks import HookMark

__all__ = ["Hooks"]


class Hooks:
    """The change hooks of the models that are bound to a database."""

    def __init__(self, database: Database, models: Sequence[type[Document]]) -> None:
        self._database = database
        self._models = models
        self._stopping = threading.Event()

    def run(self, *, until_idle: bool = False) -> None:
        """Run every hook from its checkpoint on.

        With `until_idle`, act on all changes so far, also those that the hooks themselves make, and return.
        Otherwise wait for changes until `stop()` is called from another thread or from a hook; each hook has
        a thread of its own. An exception of a hook stops the run and is raised here; its change comes again
        with the next run. Raises `HookError` when the database's models have no hook.
        """
        workers = self._workers()
        self._stopping.clear()
        while sum(worker.run_until_idle() for worker in workers) and not self._stopping.is_set():
            pass
        if not until_idle:
            self._follow(workers)

    def stop(self) -> None:
        """End a live run: `run()` returns at once; what no hook has acted on comes with the next run."""
        self._stopping.set()

    def _follow(self, workers: Iterable[HookWorker]) -> None:
        """Wait in one thread for each hook; one that still waits at the end acts on nothing more."""
        failures: list[BaseException] = []
        acting = threading.Lock()

        def follow(worker: HookWorker) -> None:
            try:
                while not self._stopping.is_set():
                    batch = worker.wait()
                    with acting:
                        if not self._stopping.is_set():
                            worker.act(batch)
            except BaseException as error:  # noqa: BLE001 - it is raised in the thread that called run()
                failures.append(error)
                self._stopping.set()

        for worker in workers:
            threading.Thread(
                target=follow, args=(worker,), name=f"hook {worker.hook.name}", daemon=True
            ).start()
        try:
            self._stopping.wait()
        finally:
            self._stopping.set()
        with acting:
            if failures:
                raise failures[0]

    def _workers(self) -> list[HookWorker]:
        workers = [self._worker(mark) for mark in self._marks()]
        if not workers:
            raise HookError(
                f"no model of {self._database.name!r} has a hook: declare @Model.on_change, on a model"
                " with database=... or bound by database.bind(Model)"
            )
        return workers

    def _marks(self) -> list[HookMark]:
        marks = [mark for model in self._models for mark in model.__hooks__]
        names = [mark.name for mark in marks]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise HookError(f"two hooks share one name, and so one checkpoint: {', '.join(sorted(twice))}")
        return marks

    def _worker(self, mark: HookMark) -> HookWorker:
        checkpoint = Checkpoint(self._database.local, mark.name)
        follower = ChangesFollower(
            changes=self._database.changes, selector=mark.selector(), since=checkpoint.read()
        )
        return HookWorker(mark, follower, checkpoint)
