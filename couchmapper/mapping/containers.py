"""Values that hold values ⇄ JSON: codecs made of codecs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from couchmapper import jsonio
from couchmapper.mapping.structure import Codec, Misfit
from couchmapper.typing import JSON

__all__ = [
    "CONTAINERS",
    "INTEGER_KEYS",
    "dict_codec",
    "literal_codec",
    "optional_codec",
    "sequence_codec",
    "tuple_codec",
    "union_codec",
]

CONTAINERS = (list, tuple, set, frozenset, dict)
"""The collections of Python that JSON can hold."""

_ARRAY = frozenset({"array"})


def optional_codec(inner: Codec) -> Codec:
    """Build the codec of `T | None`."""
    load_inner, dump_inner = inner.load, inner.dump
    return Codec(
        lambda value, annotation: None if value is None else load_inner(value, annotation),
        lambda value: None if value is None else dump_inner(value),
        inner.kinds | {"null"},
    )


def union_codec(codecs: Sequence[Codec], *, names: str, tagged: Mapping[tuple[str, str], Codec]) -> Codec:
    """Build the codec of a union: the member that the type tag names, or the first one that fits."""

    def load(value: JSON, annotation: Any) -> Any:
        if type(value) is dict:
            for (field, tag), member in tagged.items():
                if value.get(field) == tag:
                    return member.load(value, annotation)
        return _first_fit([partial(member.load, value, annotation) for member in codecs], names, value)

    def dump(value: Any) -> JSON:
        return _first_fit([partial(member.dump, value) for member in codecs], names, value)

    return Codec(load, dump, frozenset[str]().union(*(member.kinds for member in codecs)))


def _first_fit(attempts: Iterable[Callable[[], Any]], names: str, value: Any) -> Any:
    for attempt in attempts:
        try:
            return attempt()
        except (Misfit, KeyError):
            continue
    raise Misfit(f"expected {names}, got {value!r:.80}")


def literal_codec(values: tuple[Any, ...], inner: Codec) -> Codec:
    """Build the codec of `Literal["a", "b"]`."""

    def check(value: JSON, _: Any = None) -> Any:
        if any(jsonio.same(value, allowed) for allowed in values):
            return value
        raise Misfit(f"expected one of {', '.join(map(repr, values))}, got {value!r:.80}")

    return Codec(check, check, inner.kinds)


def sequence_codec(kind: Any, item: Codec) -> Codec:
    """Build the codec of `list[T]`, `set[T]`, `frozenset[T]` and `tuple[T, ...]`: a JSON array."""
    load_item, dump_item = item.load, item.dump
    unordered = kind in (set, frozenset)

    def load(value: JSON, annotation: Any) -> Any:
        return kind([load_item(element, annotation) for element in _array(value)])

    def dump(value: Any) -> JSON:
        if not isinstance(value, kind):
            raise Misfit(f"expected a {kind.__name__}, got {value!r:.80}")
        written = [dump_item(element) for element in value]
        # A set has no order; a stable one keeps equal sets equal documents.
        return sorted(written, key=jsonio.dumps) if unordered else written

    return Codec(load, dump, _ARRAY)


def tuple_codec(items: Sequence[Codec]) -> Codec:
    """Build the codec of `tuple[A, B]`: a JSON array of that length."""

    def load(value: JSON, annotation: Any) -> Any:
        parts = _of_length(items, _array(value))
        return tuple(item.load(part, annotation) for item, part in zip(items, parts, strict=True))

    def dump(value: Any) -> JSON:
        if not isinstance(value, tuple):
            raise Misfit(f"expected a tuple, got {value!r:.80}")
        return [item.dump(part) for item, part in zip(items, _of_length(items, value), strict=True)]

    return Codec(load, dump, _ARRAY)


def _array(value: JSON) -> Sequence[JSON]:
    if isinstance(value, list):
        return value
    raise Misfit(f"expected a list, got {value!r:.80}")


def _of_length(items: Sequence[Codec], values: Sequence[Any]) -> Sequence[Any]:
    if len(values) == len(items):
        return values
    raise Misfit(f"expected {len(items)} elements, got {len(values)}")


def dict_codec(keys: Codec, values: Codec) -> Codec:
    """Build the codec of `dict[K, V]`: a JSON object, whose keys are text."""

    def load(value: JSON, annotation: Any) -> Any:
        if type(value) is not dict:
            raise Misfit(f"expected an object, got {value!r:.80}")
        return {keys.load(key, annotation): values.load(item, annotation) for key, item in value.items()}

    def dump(value: Any) -> JSON:
        if not isinstance(value, dict):
            raise Misfit(f"expected a dict, got {value!r:.80}")
        return {keys.dump(key): values.dump(item) for key, item in value.items()}

    return Codec(load, dump, frozenset({"object"}))


def _load_integer_key(value: JSON, _: Any) -> int:
    if value.removeprefix("-").isdecimal() and str(int(value)) == value:
        return int(value)
    raise Misfit(f"expected an integer as key, got {value!r:.80}")


def _dump_integer_key(value: Any) -> str:
    if type(value) is int:
        return str(value)
    raise Misfit(f"expected an integer as key, got {value!r:.80}")


INTEGER_KEYS = Codec(_load_integer_key, _dump_integer_key, frozenset({"string"}))
"""`dict[int, T]`: the keys as their digits."""
