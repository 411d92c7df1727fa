"""What follows from a field and can be compared as well: the length of a list, a remainder."""

from typing import NoReturn

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import And, Condition, Expression, Not, Path

__all__ = ["FieldLength", "FieldRemainder"]


class FieldLength:
    """The length of a list, in an expression."""

    __slots__ = ("_is_always_list", "_path")
    __hash__ = object.__hash__

    def __init__(self, path: Path, *, is_always_list: bool) -> None:
        self._path = path
        self._is_always_list = is_always_list

    def __eq__(self, other: int) -> Condition:  # type: ignore[override]
        """`{list: {"$size": n}}`."""
        if type(other) is not int or other < 0:
            raise ExpressionError(f"a length is compared with an integer from 0 up, got {other!r}")
        return Condition(self._path, "$size", other)

    def __ne__(self, other: int) -> Expression:  # type: ignore[override]
        """`{list: {"$not": {"$size": n}}}`: a list of another length."""
        differs = Not(self == other)
        return differs if self._is_always_list else And((Condition(self._path, "$type", "array"), differs))

    def _refuse_order(self, _other: object) -> NoReturn:
        raise ExpressionError(
            "CouchDB compares lengths with == and != only; store the length in a field of its own for more"
        )

    __lt__ = __le__ = __gt__ = __ge__ = _refuse_order


class FieldRemainder:
    """The remainder of a division, in an expression."""

    __slots__ = ("_divisor", "_path")
    __hash__ = object.__hash__

    def __init__(self, path: Path, divisor: int) -> None:
        if type(divisor) is not int or divisor == 0:
            raise ExpressionError(f"the divisor must be an integer other than 0, got {divisor!r}")
        self._path = path
        self._divisor = divisor

    def __eq__(self, other: int) -> Condition:  # type: ignore[override]
        """`{field: {"$mod": [divisor, remainder]}}`: integers only, the sign is the value's."""
        if type(other) is not int:
            raise ExpressionError(f"a remainder is compared with an integer, got {other!r}")
        return Condition(self._path, "$mod", [self._divisor, other])

    def __ne__(self, other: int) -> Expression:  # type: ignore[override]
        """`{field: {"$not": {"$mod": [divisor, remainder]}}}`: the field is there and leaves another one."""
        return Not(self == other)
