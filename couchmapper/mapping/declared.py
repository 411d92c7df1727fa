"""The indexes that design classes declare for a model: what queries may count on without asking a server."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any, Final, Literal, TypeAlias, TypeVar

import attrs

from couchmapper import jsonio
from couchmapper.exceptions import ExpressionError
from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import TRUE, And, Expression, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mapping.metadata import metadata_of
from couchmapper.mapping.registry import family_count, type_condition
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["DeclaredIndex", "declaration_count", "declare", "declare_together", "declared_for"]

T = TypeVar("T")

_Owner: TypeAlias = tuple[str, str, str]


@attrs.frozen(kw_only=True, slots=False)
class DeclaredIndex:
    """One index of the documents of `model` that fulfil `where` and have all `fields`.

    `kind` is `json` for a Mango index, and `view` for a view that counts its rows (`_count`). `ddoc` is
    without `_design/`. A key is the list of the fields' values; with `is_list=False`, the one value alone.
    With `partial=False` it holds the documents of all types, and the type is its first field. `partitioned`
    says that it serves queries of one partition, and no others. `definition` writes what a design document
    holds under the name.
    """

    model: type[Any]
    ddoc: str
    name: str
    fields: tuple[Path, ...]
    where: Expression = TRUE
    kind: Literal["json", "view"] = "json"
    is_list: bool = True
    partial: bool = True
    partitioned: bool = False
    definition: Callable[[], JSONObject] | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def filter(self) -> Expression:
        """What every document in the index fulfils, in normal form: the model's type, and `where`."""
        return self._kept("filter", self._filter) if self.partial else TRUE

    @property
    def stored_name(self) -> str:
        """The name that it has in a database.

        That of a JSON index tells its fields and its filter, so that a query that names it never means one
        that another release of the program has left there, with other documents in it.
        """
        return self._kept("stored name", self._stored_name) if self.kind == "json" else self.name

    def _filter(self) -> Expression:
        return normalize(And((type_condition(self.model), self.where)))

    def _stored_name(self) -> str:
        try:
            filtered = dump(self.filter)
        except ExpressionError:
            return self.name  # a filter that no selector can say: it cannot be deployed
        told = jsonio.dumps([[list(path) for path in self.fields], filtered])
        return f"{self.name}-{hashlib.sha256(told).hexdigest()[:8]}"

    def _kept(self, name: str, make: Callable[[], T]) -> T:
        """Make what follows from the subclasses that the model has by now; keep it until there are more."""
        current = family_count()
        known: tuple[int, dict[str, Any]] | None = vars(self).get("_made")
        if known is None or known[0] != current:
            known = vars(self)["_made"] = current, {}
        made = known[1]
        if name not in made:
            made[name] = make()
        found: T = made[name]
        return found

    def is_in(self, design: JSONMapping) -> bool:
        """Tell whether a design document holds the index as it is declared now.

        It may hold one of the same name from another release of the program, with other documents in it.
        """
        stored = design.get("views", {}).get(self.stored_name)
        in_partitions = metadata_of(self.model).partition is not None
        if stored is None or self.definition is None:
            return False
        if design.get("options", {}).get("partitioned", in_partitions) != self.partitioned:
            return False
        return jsonio.dumps(stored) == jsonio.dumps(self.definition())


_DECLARED: Final[dict[_Owner, dict[tuple[str, str], DeclaredIndex]]] = {}


_changes = count()
_last_change = next(_changes)


def declare(index: DeclaredIndex) -> None:
    """Note an index; one of the same model, design document and name takes its place."""
    _count_change()
    _DECLARED.setdefault(_owner(index.model, ""), {})[index.ddoc, index.name] = index


def declare_together(model: type, design_name: str, indexes: Iterable[DeclaredIndex]) -> None:
    """Note all indexes that a design class declares for a model.

    A class that is defined again, as notebooks do, takes the place of its former self with all its indexes.
    """
    _count_change()
    _DECLARED[_owner(model, design_name)] = {(index.ddoc, index.name): index for index in indexes}


def declaration_count() -> int:
    """Return a number that is another one whenever something was declared."""
    return _last_change


def _count_change() -> None:
    global _last_change  # noqa: PLW0603 - there is one register of declarations
    _last_change = next(_changes)


def declared_for(model: type) -> Sequence[DeclaredIndex]:
    """Return the indexes declared for a model and the classes that it derives from, in their order."""
    return [
        index
        for together in _DECLARED.values()
        for index in together.values()
        if issubclass(model, index.model)
    ]


def _owner(model: type, design_name: str) -> _Owner:
    """Name a design class: programs may have two of one name for models of two databases."""
    return model.__module__, model.__qualname__, design_name
