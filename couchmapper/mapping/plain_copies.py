"""Text that copies lists and dicts of plain values without a call for each member."""

from collections.abc import Callable, Sequence
from typing import Any

from couchmapper.mapping.codec import Plain, PlainMembers
from couchmapper.mapping.function_text import FunctionText

__all__ = ["copy_functions", "one_of", "plain_dict", "plain_list", "write_copy"]

Functions = tuple[Callable[..., Any], Callable[..., Any]]


def one_of(tests: Sequence[Plain | None]) -> Plain | None:
    """Return the test of values that pass one of several; None where some kind of value has no test."""
    known = [test for test in tests if test is not None]
    if len(known) < len(tests):
        return None
    return Plain(" or ".join(test.load for test in known), " or ".join(test.dump for test in known))


def plain_list(element: Plain | None) -> PlainMembers | None:
    """Return what is copied of a list, when its elements can be plain."""
    if element is None:
        return None
    loaded, dumped = (test.format("member") for test in (element.load, element.dump))
    return PlainMembers("list", "for member in {0}", Plain(loaded, dumped))


def plain_dict(key: Plain | None, value: Plain | None) -> PlainMembers | None:
    """Return what is copied of a dict, when its keys and values can be plain."""
    if key is None or value is None:
        return None
    loaded = f"{key.load.format('key')} and ({value.load.format('member')})"
    dumped = f"{key.dump.format('key')} and ({value.dump.format('member')})"
    return PlainMembers("dict", "for key, member in {0}.items()", Plain(loaded, dumped))


def write_copy(  # noqa: PLR0913 - the parts of a few lines
    text: FunctionText, name: str, members: PlainMembers, *, test: str, otherwise: str, depth: int = 1
) -> None:
    """Write how a variable becomes a copy of itself, or what `otherwise` makes of it when a member fails."""
    text.write(f"if type({name}) is {members.kind}:", depth=depth)
    text.write(f"{members.loop.format(name)}:", depth=depth + 1)
    text.write(f"if not ({test}):", f"    {name} = {otherwise}", "    break", depth=depth + 2)
    text.write("else:", f"    {name} = {name}.copy()", depth=depth + 1)
    text.write("else:", f"    {name} = {otherwise}", depth=depth)


def copy_functions(members: PlainMembers, load: Callable[..., Any], dump: Callable[..., Any]) -> Functions:
    """Write the functions that copy plain collections, and leave every other value to those given."""
    loading, dumping = FunctionText("copy", "value", "annotation"), FunctionText("copy", "value")
    otherwise = f"{loading.bind('load', load)}(value, annotation)"
    write_copy(loading, "value", members, test=members.tests.load, otherwise=otherwise)
    otherwise = f"{dumping.bind('dump', dump)}(value)"
    write_copy(dumping, "value", members, test=members.tests.dump, otherwise=otherwise)
    for text in (loading, dumping):
        text.write("return value")
    return loading.compile(f"of a {members.kind}"), dumping.compile(f"of a {members.kind}")
