"""Write the tables of docs/endpoints.md anew, from the docstrings of operations; run it when those change."""

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from couchmapper.client import Client
from couchmapper.client.chapters import Chapter
from couchmapper.client.operation import Operation
from couchmapper.client.resource import Resource
from couchmapper.transport.mock import MockTransport, json_response

PAGE = Path(__file__).parent.parent / "docs" / "endpoints.md"
BEGIN = "<!-- the tables below are written by scripts/endpoint_table.py -->\n"
END = "<!-- the end of the tables -->\n"


def tables() -> str:
    """Return a table of operations for each chapter, as Markdown."""
    client = Client(MockTransport(lambda _: json_response({})))
    database = client.database("shop")
    places = {"client": client, "db": database, 'db.partition("p")': database.partition("p")}
    return "\n".join(
        "".join(_table(name, chapter))
        for root, place in places.items()
        for name, chapter in _chapters(root, place)
    )


def page_with(rendered: str, page: str) -> str:
    """Return the page with other tables between the two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}\n{rendered}\n{END}{behind}"


def _chapters(name: str, place: object) -> Iterator[tuple[str, Resource]]:
    """Yield the chapters at a place and below it, in the order in which the place has them."""
    if isinstance(place, Resource):
        yield name, place
    late = [part for part, found in vars(type(place)).items() if isinstance(found, Chapter)]
    for part in [*vars(place), *late]:
        if isinstance(found := getattr(place, part), Resource):
            yield from _chapters(f"{name}.{part}", found)


def _table(name: str, chapter: Resource) -> Iterator[str]:
    title = (inspect.getdoc(inspect.getmodule(type(chapter))) or "").splitlines()[0]
    operations = list(_operations(chapter))
    if operations:
        yield f"### `{name}`\n\n{title}\n\n| endpoint | call | what it does |\n|---|---|---|\n"
    for part, operation in operations:
        yield _row(f"{name}.{part}", operation, chapter)


def _operations(chapter: Resource) -> Iterator[tuple[str, Operation[..., Any]]]:
    """Yield the operations of a chapter in the order of its file, those of its bases first."""
    names = {part: None for kind in reversed(type(chapter).__mro__) for part in vars(kind)}
    for part in names:
        if not part.startswith("_") and isinstance(found := getattr(chapter, part), Operation):
            yield part, found


def _row(call: str, operation: Operation[..., Any], chapter: Resource) -> str:
    first, _, _ = inspect.cleandoc(operation.__doc__ or "").partition("\n\n")
    endpoint, _, summary = " ".join(first.split()).partition(" \N{EM DASH} ")
    method, route = endpoint.split(" ")
    begin = chapter.place[2]
    if not route.startswith(begin):
        route = begin + route.removeprefix("/{db}")
    text = summary.replace("|", "\\|")
    return f"| `{method} {route}` | `{call}({_required(operation.__wrapped__)})` | {text} |\n"


def _required(function: Callable[..., object]) -> str:
    """Spell the arguments that an operation cannot do without."""
    names = []
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            continue
        if parameter.default is parameter.empty:
            names.append(f"{name}=" if parameter.kind is parameter.KEYWORD_ONLY else name)
    return ", ".join(names)


if __name__ == "__main__":
    PAGE.write_text(page_with(tables(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is current\n")
