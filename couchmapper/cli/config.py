"""`couchmapper config`: what a service is configured to be, where each part comes from, and what is wrong."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from couchmapper.auth.checks import OF_ALL_KINDS
from couchmapper.auth.configuration import Configuration
from couchmapper.auth.properties import PROPERTIES
from couchmapper.cli.surroundings import Surroundings
from couchmapper.cli.text import printable

__all__ = ["Commands", "add", "render", "run"]

Row = tuple[str, str, str]


class Commands(Protocol):
    """Takes the parsers of commands, as what `ArgumentParser.add_subparsers` returns."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:
        """Add the parser of one command."""
        ...


def add(commands: Commands) -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "config",
        help="show the effective configuration, with origins and without secrets",
        description="Show what connect() would use for a service: each property with its value, secrets"
        " masked, and its origin; the kind of authentication and why; what is not understood; every source.",
    )
    parser.add_argument("--service", default="CLOUDANT", help="what the names of its properties begin with")
    parser.add_argument("--url", help="the URL that connect() would be given")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, surroundings: Surroundings) -> int:
    """Print the configuration; raises its faults after that."""
    configuration = Configuration.read(
        arguments.service,
        url=arguments.url,
        environ=surroundings.environ,
        cwd=surroundings.cwd,
        home=surroundings.home,
    )
    for line in render(configuration):
        print(line, file=surroundings.output)
    configuration.check()
    return 0


def render(configuration: Configuration) -> Iterator[str]:
    """Yield the lines that show a configuration; no secret is in them."""
    yield f"service {configuration.service}"
    yield ""
    yield from _table([("property", "value", "origin"), *_settings(configuration), *_defaults(configuration)])
    yield ""
    yield _authentication(configuration)
    unused = (f"{setting.name} ({setting.origin})" for setting in configuration.unused())
    yield from _section("not used by this kind of authentication", unused)
    yield from _section("overridden", configuration.overridden)
    yield from _section("warnings", configuration.warnings)
    yield from _section("not understood", map(str, configuration.strays))
    yield ""
    yield "sources, the highest first:"
    yield from _table([(f"  {source.name}", source.state, "") for source in configuration.sources])


def _settings(configuration: Configuration) -> Iterator[Row]:
    for name in PROPERTIES:
        setting = configuration.settings.get(name)
        if setting is not None:
            yield name, printable(setting.shown()), setting.origin


def _defaults(configuration: Configuration) -> Iterator[Row]:
    """Yield what holds for the connection without being set; an embedded store has none."""
    if configuration.store is not None and configuration.store.embedded:
        return
    for name, known in PROPERTIES.items():
        if known.default and name not in OF_ALL_KINDS | {"AUTH_TYPE"} | configuration.settings.keys():
            yield name, known.default, "default"


def _authentication(configuration: Configuration) -> str:
    choice = configuration.choice
    if choice is None:
        return "authentication: none is chosen"
    return f"authentication: {choice.kind}, because {choice.reason}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield f"{title}:"
        yield from (f"  {printable(line)}" for line in found)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield rows with their columns below each other."""
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for first, second, third in rows:
        yield f"{first:{widths[0]}}  {second:{widths[1]}}  {third}".rstrip()
