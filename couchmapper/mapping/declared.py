"""The indexes that design classes declare for a model: what queries may count on without asking a server."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import attrs

from couchmapper.mango.nodes import TRUE, And, Expression, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mapping.registry import type_condition

__all__ = ["DeclaredIndex", "declare", "declared_for"]


@attrs.frozen(kw_only=True)
class DeclaredIndex:
    """One index of the documents of `model` that fulfil `where` and have all `fields`.

    `kind` is `json` for a Mango index, and `view` for a view that counts its rows (`_count`). `ddoc` is
    without `_design/`. A key is the list of the fields' values; with `is_list=False`, the one value alone.
    """

    model: type[Any]
    ddoc: str
    name: str
    fields: tuple[Path, ...]
    where: Expression = TRUE
    kind: Literal["json", "view"] = "json"
    is_list: bool = True

    @property
    def filter(self) -> Expression:
        """What every document in the index fulfils, in normal form: the model's type, and `where`."""
        return normalize(And((type_condition(self.model), self.where)))


_DECLARED: Final[dict[tuple[str, str], DeclaredIndex]] = {}


def declare(index: DeclaredIndex) -> None:
    """Note an index; one of the same design document and name takes its place, as notebooks do."""
    _DECLARED[index.ddoc, index.name] = index


def declared_for(model: type) -> Sequence[DeclaredIndex]:
    """Return the indexes declared for a model and the classes that it derives from."""
    return [index for index in _DECLARED.values() if issubclass(model, index.model)]
