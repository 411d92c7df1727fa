"""The entry of the program: it finds the command and runs it."""

import argparse
from collections.abc import Sequence

from couchmapper import __version__
from couchmapper.cli import config, migrate
from couchmapper.cli.surroundings import Surroundings
from couchmapper.exceptions import CouchMapperError

__all__ = ["main"]

FAILED = 2

_COMMANDS = (config, migrate)


def main(arguments: Sequence[str] | None = None, surroundings: Surroundings | None = None) -> int:
    """Run the program and return its exit status: 0, or 2 with the reason on standard error.

    `arguments` are those of the command line unless others are given. Raises `SystemExit` as argparse does,
    with the usage for arguments that are not understood.
    """
    surroundings = Surroundings() if surroundings is None else surroundings
    parsed = _parser().parse_args(arguments)
    try:
        status: int = parsed.run(parsed, surroundings)
    except CouchMapperError as error:
        print(f"couchmapper: {error}", file=surroundings.errors)
        return FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="couchmapper", description="Tools for CouchDB and Cloudant stores.")
    parser.add_argument("--version", action="version", version=f"couchmapper {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return parser
