"""Every operator of Mango that looks at one field: its argument's rule, its meaning, its negation.

The rules and the error codes are CouchDB's. https://docs.couchdb.org/en/stable/api/database/find.html
"""

from collections.abc import Callable
from operator import methodcaller
from typing import Final

import attrs

from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.clusters import are_joined
from couchmapper.mango.comparison import COLLATED, RAW, Ordering, Test, erlang_term
from couchmapper.mango.regex import compile_regex
from couchmapper.mango.text_patterns import part_of, prefix_of, suffix_of
from couchmapper.typing import JSON

__all__ = ["COMBINATIONS", "ELEMENT_OPERATORS", "OPERATORS", "Operator", "check_argument", "compile_test"]


@attrs.frozen
class Operator:
    """One operator: `accepts` an argument or not, `compile` makes the test, `negation` is its contrary."""

    accepts: Callable[[JSON], bool]
    compile: Callable[[JSON, Ordering], Test]
    negation: str | None = None
    refusal: str = "bad_arg"


def check_argument(name: str, argument: JSON) -> None:
    """Raise `InvalidSelector` with CouchDB's code unless the operator exists and takes the argument."""
    if name in _UNSUPPORTED:
        raise _not_supported(name)
    known = OPERATORS.get(name)
    if known is None:
        raise InvalidSelector(f"Invalid operator: {name}", error="invalid_operator")
    if not known.accepts(argument):
        raise InvalidSelector(f"Bad argument for operator {name}: {argument!r}", error=known.refusal)


def compile_test(name: str, argument: JSON, *, raw: bool = False) -> Test:
    """Make the test of one operator; `raw` compares by Erlang's own order, as CouchDB does for `_id`."""
    check_argument(name, argument)
    return OPERATORS[name].compile(argument, RAW if raw else COLLATED)


def _not_supported(name: str) -> InvalidSelector:
    return InvalidSelector(f"Unsupported operator: {name}", error="not_supported")


def _anything(_argument: JSON) -> bool:
    return True


def _is_list(argument: JSON) -> bool:
    return isinstance(argument, list)


def _is_text(argument: JSON) -> bool:
    return isinstance(argument, str)


def _is_boolean(argument: JSON) -> bool:
    return isinstance(argument, bool)


def _is_integer(argument: JSON) -> bool:
    return isinstance(argument, int) and not isinstance(argument, bool)


def _is_size(argument: JSON) -> bool:
    return _is_integer(argument) and argument >= 0


def _is_modulus(argument: JSON) -> bool:
    return _is_list(argument) and list(map(type, argument)) == [int, int] and argument[0] != 0


def _is_regex(argument: JSON) -> bool:
    if not isinstance(argument, str):
        return False
    compile_regex(argument)  # raises with the right code itself
    return True


def _comparison(name: str) -> Callable[[JSON, Ordering], Test]:
    """`{"$lt": any}`: view collation across all types."""

    def compile_comparison(argument: JSON, ordering: Ordering) -> Test:
        return ordering.compile(name, argument)

    return compile_comparison


def _in(argument: list[JSON], ordering: Ordering) -> Test:
    """`{"$in": [...]}`: one of the values; of an array, any element, never the array itself."""
    keys = {ordering.key(item) for item in argument}
    key = ordering.key

    def is_in(value: JSON) -> bool:
        if isinstance(value, list):
            return any(key(item) in keys for item in value)
        return key(value) in keys

    return is_in


def _not_in(argument: list[JSON], ordering: Ordering) -> Test:
    is_in = _in(argument, ordering)
    return lambda value: not is_in(value)


def _exists(argument: bool, _ordering: Ordering) -> Test:  # noqa: FBT001 (an argument of the wire)
    """`{"$exists": false}` on a missing field is decided where fields are looked up."""
    return lambda _value: argument


def _type(argument: str, _ordering: Ordering) -> Test:
    kinds = _TYPES.get(argument, ())
    return lambda value: type(value) in kinds


def _size(argument: int, _ordering: Ordering) -> Test:
    return lambda value: isinstance(value, list) and len(value) == argument


def _modulo(argument: list[int], _ordering: Ordering) -> Test:
    """`{"$mod": [divisor, remainder]}`: of integers; the remainder has the sign of the value."""
    divisor, remainder = argument

    def has_remainder(value: JSON) -> bool:
        if not _is_integer(value):
            return False
        rest: int = abs(value) % abs(divisor)
        return (rest if value >= 0 else -rest) == remainder

    return has_remainder


def _regex(argument: str, _ordering: Ordering) -> Test:
    matches = _plain_search(argument) or compile_regex(argument)
    return lambda value: isinstance(value, str) and matches(value)


def _plain_search(pattern: str) -> Callable[[str], bool] | None:
    """Return the search for a text as it is, None for a pattern that is more."""
    if (prefix := prefix_of(pattern)) is not None:
        return methodcaller("startswith", prefix)
    if (suffix := suffix_of(pattern)) is not None:
        return methodcaller("endswith", suffix)
    part = part_of(pattern)
    return None if part is None else lambda text: part in text


def _begins_with(argument: str, _ordering: Ordering) -> Test:
    """`{"$beginsWith": text}`: a text up to the end of a character, be that of several code points."""
    length = len(argument)

    def begins(value: JSON) -> bool:
        if not isinstance(value, str) or not value.startswith(argument):
            return False
        return length in {0, len(value)} or not are_joined(argument[-1], value[length])

    return begins


def _is_search(argument: JSON) -> bool:
    return isinstance(argument, str | bool | int | float)


def _search(_argument: JSON, _ordering: Ordering) -> Test:
    """`{"$text": query}`: what a search index finds, and nothing else can tell."""
    raise _not_supported("$text")


def _all(argument: list[JSON], _ordering: Ordering) -> Test:
    """`{"$all": [...]}`: an array with every value, `2` and `2.0` apart; `[[...]]` also as the array."""
    wanted = {erlang_term(item, exact=True) for item in argument}
    whole = erlang_term(argument[0], exact=False) if len(argument) == 1 and _is_list(argument[0]) else None

    def has_all(value: JSON) -> bool:
        if not isinstance(value, list) or not wanted:
            return False
        if wanted <= {erlang_term(item, exact=True) for item in value}:
            return True
        return whole is not None and erlang_term(value, exact=False) == whole

    return has_all


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}

OPERATORS: Final[dict[str, Operator]] = {
    "$lt": Operator(_anything, _comparison("$lt"), "$gte"),
    "$lte": Operator(_anything, _comparison("$lte"), "$gt"),
    "$eq": Operator(_anything, _comparison("$eq"), "$ne"),
    "$ne": Operator(_anything, _comparison("$ne"), "$eq"),
    "$gte": Operator(_anything, _comparison("$gte"), "$lt"),
    "$gt": Operator(_anything, _comparison("$gt"), "$lte"),
    "$in": Operator(_is_list, _in, "$nin"),
    "$nin": Operator(_is_list, _not_in, "$in"),
    "$exists": Operator(_is_boolean, _exists),
    "$type": Operator(_is_text, _type),
    "$size": Operator(_is_size, _size),
    "$mod": Operator(_is_modulus, _modulo),
    "$regex": Operator(_is_regex, _regex, refusal="invalid_operator"),
    "$beginsWith": Operator(_is_text, _begins_with, refusal="invalid_operator"),
    "$all": Operator(_is_list, _all),
    "$text": Operator(_is_search, _search),
}
"""The operators with a plain argument. `$exists` has its negation in its argument."""

ELEMENT_OPERATORS: Final = frozenset({"$elemMatch", "$allMatch", "$keyMapMatch"})
"""The operators whose argument is a selector for what a field holds."""

COMBINATIONS: Final = frozenset({"$and", "$or", "$nor", "$not"})
"""The operators that join selectors."""

_UNSUPPORTED: Final = frozenset({"$where", "$near", "$nearSphere", "$geoWithin", "$geoIntersects"})
