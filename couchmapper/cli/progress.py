"""The progress of long work: a bar on a terminal, where the extra `cli` is installed, and lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from couchmapper.session.progress import MigrationProgress

__all__ = ["Show", "showing"]


class Show(Protocol):
    """Shows how far a migration has come."""

    def __call__(self, progress: MigrationProgress, /) -> None:
        """Show the progress behind one batch."""
        ...


@contextmanager
def showing(output: TextIO) -> Iterator[Show]:
    """Give what shows progress on a stream, for as long as the work lasts."""
    if not output.isatty():
        yield _lines(output)
        return
    try:
        from rich.console import Console  # noqa: PLC0415 - an optional extra
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 - likewise
    except ImportError:
        yield _lines(output)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(file=output)) as bar:
        task = bar.add_task("documents")

        def show(progress: MigrationProgress) -> None:
            bar.update(task, completed=progress.seen, total=max(progress.total, progress.seen))

        yield show


def _lines(output: TextIO) -> Show:
    def show(progress: MigrationProgress) -> None:
        if progress.seen:
            print(
                f"{progress.seen} of {max(progress.total, progress.seen)} documents", file=output, flush=True
            )

    return show
