"""Functions that copy lists and dicts of plain values without a call for each, written as text."""

from collections.abc import Callable, Sequence
from typing import Any

from couchmapper.mapping.codec import Plain
from couchmapper.mapping.function_text import FunctionText

__all__ = ["dict_copies", "list_copies", "one_of"]

Functions = tuple[Callable[..., Any], Callable[..., Any]]


def one_of(tests: Sequence[Plain | None]) -> Plain | None:
    """Return the test of values that pass one of several; None where some kind of value has no test."""
    known = [test for test in tests if test is not None]
    if len(known) < len(tests):
        return None
    return Plain(" or ".join(test.load for test in known), " or ".join(test.dump for test in known))


def list_copies(item: Plain | None, load: Callable[..., Any], dump: Callable[..., Any]) -> Functions:
    """Return functions that copy a list of plain elements, and leave every other value to those given."""
    if item is None:
        return load, dump
    return (
        _copy("list", "item in value", item.load, load, "value", "annotation"),
        _copy("list", "item in value", item.dump, dump, "value"),
    )


def dict_copies(
    key: Plain | None, item: Plain | None, load: Callable[..., Any], dump: Callable[..., Any]
) -> Functions:
    """Return functions that copy a dict of plain keys and values, and leave every other to those given."""
    if key is None or item is None:
        return load, dump
    members = "key, item in value.items()"
    loaded = f"{key.load.format('key')} and ({item.load})"
    dumped = f"{key.dump.format('key')} and ({item.dump})"
    return (
        _copy("dict", members, loaded, load, "value", "annotation"),
        _copy("dict", members, dumped, dump, "value"),
    )


def _copy(kind: str, loop: str, test: str, otherwise: Callable[..., Any], *parameters: str) -> Any:
    """Write a function that copies a collection when all its members pass the test."""
    text = FunctionText("copy", *parameters)
    text.write(f"if type(value) is {kind}:")
    text.write(f"for {loop}:", depth=2)
    text.write(f"if not ({test.format('item')}):", "    break", depth=3)
    text.write("else:", "    return value.copy()", depth=2)
    text.write(f"return {text.bind('otherwise', otherwise)}({', '.join(parameters)})")
    return text.compile(f"of a {kind}")
