"""`couchmapper migrate`: rewrite the documents of a model that older releases of a program wrote."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import indent
from urllib.parse import unquote, urlsplit, urlunsplit

from couchmapper.auth.urls import StoreURL
from couchmapper.cli.config import Commands
from couchmapper.cli.models import find_model, importable
from couchmapper.cli.progress import showing
from couchmapper.cli.surroundings import Surroundings
from couchmapper.cli.text import printable
from couchmapper.connect import connect
from couchmapper.exceptions import ConfigurationError, CouchMapperError
from couchmapper.session.migration import Migration
from couchmapper.session.progress import MigrationProgress, Unmigrated

__all__ = ["add", "address", "run"]

COMPLETE, LEFT, INTERRUPTED = 0, 1, 130


def add(commands: Commands) -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "migrate",
        help="rewrite the documents of a model that are of older schema versions",
        description="Rewrite every document of a model and its subclasses whose version is older than that of"
        " its class, in batches. What does not fit is listed and left; the exit status is 1 then.",
    )
    parser.add_argument("model", metavar="MODULE:Model", help="the model, imported from here")
    parser.add_argument("--url", help="the URL of the store; as it is configured without one")
    parser.add_argument("--database", help="the database; the last segment of --url without it")
    parser.add_argument("--batch", type=_positive, default=500, help="documents in one request (500)")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, count what would be rewritten")
    parser.add_argument("--resume", action="store_true", help="go on where the last run was interrupted")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, surroundings: Surroundings) -> int:
    """Migrate and tell what was done; the status is 0, 1 when something was left, 130 when interrupted."""
    url, name = address(arguments.url, arguments.database)
    with importable(surroundings.cwd or Path.cwd()):
        model = find_model(arguments.model)
        with connect(url, environ=surroundings.environ) as client:
            database = client.database(name)
            migration = Migration(database, model, batch=arguments.batch, dry_run=arguments.dry_run)
            return _follow(migration, surroundings, resume=arguments.resume)


def address(url: str | None, database: str | None) -> tuple[str | None, str]:
    """Return the URL of the store and the name of the database, which may be the last segment of the URL.

    Raises `ConfigurationError` when neither names a database.
    """
    if database:
        return url, database
    if url is None:
        raise ConfigurationError("which database? Name it with --database")
    is_embedded = StoreURL.parse(url).embedded
    parts = urlsplit(url)
    path, _, name = parts.path.rstrip("/").rpartition("/")
    if is_embedded or not name:
        raise ConfigurationError("--url names no database; name it with --database")
    return urlunsplit(parts._replace(path=path)), unquote(name)


def _follow(migration: Migration, surroundings: Surroundings, *, resume: bool) -> int:
    """Run a migration and show its progress; in the end, also an early one, tell what became of it."""
    progress = MigrationProgress()
    unmigrated: list[Unmigrated] = []
    advice = "" if migration.dry_run else "; go on with --resume"
    try:
        with showing(surroundings.output) as show:
            for progress in migration.run(resume=resume):
                unmigrated += progress.unmigrated
                show(progress)
    except KeyboardInterrupt:
        _tell(migration, progress, unmigrated, surroundings)
        print(f"interrupted{advice}", file=surroundings.errors)
        return INTERRUPTED
    except CouchMapperError:
        if progress.seen:
            _tell(migration, progress, unmigrated, surroundings)
            print(f"ended early{advice}", file=surroundings.errors)
        raise
    _tell(migration, progress, unmigrated, surroundings)
    return LEFT if progress.left else COMPLETE


def _tell(
    migration: Migration,
    progress: MigrationProgress,
    unmigrated: Sequence[Unmigrated],
    surroundings: Surroundings,
) -> None:
    for line in _summary(migration, progress, unmigrated):
        print(line, file=surroundings.output)


def _summary(
    migration: Migration, progress: MigrationProgress, unmigrated: Sequence[Unmigrated]
) -> Iterator[str]:
    """Yield the lines that tell what was rewritten and what was left."""
    verb = "would be rewritten" if migration.dry_run else "rewritten"
    yield f"{sum(progress.rewritten.values())} {verb}"
    for (kind, version), count in sorted(progress.rewritten.items()):
        target = migration.targets.get(kind)
        yield f"  {printable(kind)}: {count} from version {version} to {target}"
    if progress.left:
        yield f"{progress.left} left as they were"
    for one in unmigrated:
        first, *rest = str(one.error).splitlines()
        yield f"  {printable(one.id)}: {printable(first)}"
        yield from (indent(printable(line), "  ") for line in rest)
    if progress.left > len(unmigrated):
        yield f"  and {progress.left - len(unmigrated)} that the interrupted run listed"


def _positive(text: str) -> int:
    """Read a number from 1 up; raises `ValueError`, of which argparse makes its own message."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
