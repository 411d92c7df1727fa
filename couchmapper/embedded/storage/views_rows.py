"""Rows of a view's index, and ranges of them."""

from typing import NamedTuple

import attrs

__all__ = ["RowEdge", "RowRange", "ViewRow"]


class ViewRow(NamedTuple):
    """One row: its collation key, the document's id, key and value as JSON texts."""

    key: bytes
    id: str
    key_text: bytes
    value_text: bytes


@attrs.frozen(kw_only=True)
class RowEdge:
    """Where a range ends: at a key, or with `id` at one document's rows with that key."""

    key: bytes
    id: str | None = None
    included: bool = True


@attrs.frozen(kw_only=True)
class RowRange:
    """The rows from `first` to `last` in ascending order; None is no edge."""

    first: RowEdge | None = None
    last: RowEdge | None = None

    def clause(self) -> tuple[str, list[bytes | str]]:
        """Return the range as SQL that begins with AND, and its arguments."""
        return _joined(_comparison(self.first, ">"), _comparison(self.last, "<"))

    def before(self) -> tuple[str, list[bytes | str]]:
        """Return the rows before the range as such SQL; without a first edge there are none."""
        return _complement(self.first, "<")

    def after(self) -> tuple[str, list[bytes | str]]:
        """Return the rows behind the range as such SQL; without a last edge there are none."""
        return _complement(self.last, ">")


def _comparison(edge: RowEdge | None, sign: str) -> tuple[str, list[bytes | str]]:
    if edge is None:
        return "", []
    operator = f"{sign}=" if edge.included else sign
    if edge.id is None:
        return f" AND key {operator} ?", [edge.key]
    return f" AND (key, id) {operator} (?, ?)", [edge.key, edge.id]


def _complement(edge: RowEdge | None, sign: str) -> tuple[str, list[bytes | str]]:
    if edge is None:
        return " AND 0", []
    return _comparison(attrs.evolve(edge, included=not edge.included), sign)


def _joined(
    left: tuple[str, list[bytes | str]], right: tuple[str, list[bytes | str]]
) -> tuple[str, list[bytes | str]]:
    return left[0] + right[0], left[1] + right[1]
