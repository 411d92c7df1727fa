"""Values that hold values ⇄ JSON: codecs made of codecs."""

import reprlib
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from couchmapper import jsonio
from couchmapper.mapping.codec import Codec, Misfit, Plain, expected
from couchmapper.mapping.plain_copies import copy_functions, one_of, plain_dict, plain_list
from couchmapper.typing import JSON, JSONObject

__all__ = [
    "CONTAINERS",
    "INTEGER_KEYS",
    "dict_codec",
    "optional_codec",
    "sequence_codec",
    "tuple_codec",
    "union_codec",
]

CONTAINERS = (list, tuple, set, frozenset, dict)
"""The collections of Python that JSON can hold."""

_ARRAY, _OBJECT = frozenset({"array"}), frozenset({"object"})
_NOTHING = Plain("{0} is None", "{0} is None")


def optional_codec(inner: Codec) -> Codec:
    """Build the codec of `T | None`."""
    load_inner, dump_inner = inner.load, inner.dump
    return Codec(
        lambda value, annotation: None if value is None else load_inner(value, annotation),
        lambda value: None if value is None else dump_inner(value),
        inner.kinds | {"null"},
        inner.is_ordered,
        one_of([_NOTHING, inner.plain]),
        by_equality=inner.by_equality,
    )


def union_codec(
    codecs: Sequence[Codec],
    *,
    untagged: Sequence[Codec],
    by_tag: Callable[[JSONObject], Codec | None],
    names: str,
) -> Codec:
    """Build the codec of a union: the member that the type tag names, or else the first one that fits.

    What is written must be read as the same member again, so a text that reads as a date is refused in
    `date | str`: it would come back as a date.
    """

    def reader(value: JSON, annotation: Any) -> tuple[Codec, Any]:
        tagged = by_tag(value) if type(value) is dict else None
        for member in untagged if tagged is None else [tagged]:
            try:
                return member, member.load(value, annotation)
            except (ValueError, TypeError, KeyError):
                if member is tagged:
                    raise
        raise expected(names, value)

    def dump(value: Any) -> JSON:
        for member in codecs:
            try:
                written = member.dump(value)
            except (ValueError, TypeError, KeyError):
                continue
            tagged = by_tag(written) if type(written) is dict else None
            if member is not (tagged or reader(written, None)[0]):
                raise Misfit(
                    f"{reprlib.repr(value)} would be read as another type of {names}; narrow the type"
                )
            return written
        raise expected(names, value)

    kinds = frozenset[str]().union(*(member.kinds for member in codecs))
    is_ordered = all(member.is_ordered for member in codecs)
    return Codec(
        lambda value, annotation: reader(value, annotation)[1],
        dump,
        kinds,
        is_ordered,
        one_of([member.plain for member in codecs]),
    )


def sequence_codec(kind: Any, item: Codec) -> Codec:
    """Build the codec of `list[T]`, `set[T]`, `frozenset[T]` and `tuple[T, ...]`: a JSON array."""
    load_item, dump_item = item.load, item.dump
    unordered = kind in (set, frozenset)

    def load(value: JSON, annotation: Any) -> Any:
        return kind([load_item(element, annotation) for element in _array(value)])

    def dump(value: Any) -> JSON:
        if not isinstance(value, kind):
            raise expected(f"a {kind.__name__}", value)
        written = [dump_item(element) for element in value]
        # A set has no order; a stable one keeps equal sets equal documents.
        return sorted(written, key=jsonio.dumps) if unordered else written

    members = plain_list(item.plain) if kind is list else None
    is_ordered = item.is_ordered and not unordered
    return _copying(Codec(load, dump, _ARRAY, is_ordered, members=members, by_equality=item.by_equality))


def _copying(codec: Codec) -> Codec:
    """Let a codec copy what is plain."""
    if codec.members is None:
        return codec
    load, dump = copy_functions(codec.members, codec.load, codec.dump)
    return attrs.evolve(codec, load=load, dump=dump)


def tuple_codec(items: Sequence[Codec]) -> Codec:
    """Build the codec of `tuple[A, B]`: a JSON array of that length."""

    def load(value: JSON, annotation: Any) -> Any:
        parts = _of_length(items, _array(value))
        return tuple(item.load(part, annotation) for item, part in zip(items, parts, strict=True))

    def dump(value: Any) -> JSON:
        if not isinstance(value, tuple):
            raise expected("a tuple", value)
        return [item.dump(part) for item, part in zip(items, _of_length(items, value), strict=True)]

    is_ordered = all(item.is_ordered for item in items)
    return Codec(load, dump, _ARRAY, is_ordered, by_equality=all(item.by_equality for item in items))


def _array(value: JSON) -> Sequence[JSON]:
    if isinstance(value, list):
        return value
    raise expected("a list", value)


def _of_length(items: Sequence[Codec], values: Sequence[Any]) -> Sequence[Any]:
    if len(values) == len(items):
        return values
    raise Misfit(f"expected {len(items)} elements, got {len(values)}")


def dict_codec(keys: Codec, values: Codec) -> Codec:
    """Build the codec of `dict[K, V]`: a JSON object, whose keys are text."""

    def load(value: JSON, annotation: Any) -> Any:
        if type(value) is not dict:
            raise expected("an object", value)
        loaded = {keys.load(key, annotation): values.load(item, annotation) for key, item in value.items()}
        if len(loaded) != len(value):
            raise Misfit(f"two of the keys {', '.join(map(repr, value))} mean the same")
        return loaded

    def dump(value: Any) -> JSON:
        if not isinstance(value, dict):
            raise expected("a dict", value)
        return {keys.dump(key): values.dump(item) for key, item in value.items()}

    members = plain_dict(keys.plain, values.plain)
    return _copying(Codec(load, dump, _OBJECT, members=members, by_equality=values.by_equality))


def _load_integer_key(value: JSON, _: Any) -> int:
    if value.removeprefix("-").isdecimal() and str(int(value)) == value:
        return int(value)
    raise expected("an integer as key", value)


def _dump_integer_key(value: Any) -> str:
    if type(value) is int:
        return str(value)
    raise expected("an integer as key", value)


INTEGER_KEYS = Codec(_load_integer_key, _dump_integer_key, frozenset({"string"}))
"""`dict[int, T]`: the keys as their digits."""
