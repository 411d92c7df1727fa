"""What a view computes over its rows: CouchDB's own reduce functions, or JavaScript."""

from typing import Any, ClassVar, Generic, TypeVar

import attrs

from couchmapper.mapping.expressions import Field, codec_of
from couchmapper.typing import JSON, JSONObject

__all__ = ["Count", "Reduce", "Stats", "Sum"]

R_co = TypeVar("R_co", covariant=True)


@attrs.frozen
class Reduce(Generic[R_co]):
    """A reduce function: the name of one of CouchDB's own, or JavaScript text."""

    function: str

    needs_numbers: ClassVar[bool] = False

    @property
    def is_built_in(self) -> bool:
        """Whether it is one of CouchDB's own."""
        return self.function.startswith("_")

    def load(self, value: JSON, field: Field[Any] | None) -> Any:  # noqa: ARG002 - `Sum` reads by it
        """Read a reduced value; `field` is the one whose values went in."""
        return value


class Count(Reduce[int]):
    """CouchDB's `_count`: the number of rows."""

    def __init__(self) -> None:
        super().__init__("_count")


class Sum(Reduce[Any]):
    """CouchDB's `_sum`: the sum of the values, of the same type as they; nulls are left out."""

    needs_numbers = True

    def __init__(self) -> None:
        super().__init__("_sum")

    def load(self, value: JSON, field: Field[Any] | None) -> Any:
        """Read the sum as a value of the field: a Decimal with `scale=` sums to a Decimal."""
        return value if field is None else codec_of(field).load(value, None)


class Stats(Reduce[JSONObject]):
    """CouchDB's `_stats`: an object with `sum`, `count`, `min`, `max` and `sumsqr`, as they are stored."""

    needs_numbers = True

    def __init__(self) -> None:
        super().__init__("_stats")
