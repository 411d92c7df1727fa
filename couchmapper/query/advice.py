"""Which index would serve a query, as the line of Python that declares it."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs

from couchmapper.mango.facts import Facts, facts_of
from couchmapper.mango.nodes import FALSE, And, Condition, Expression, Or, Path
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.declared import DeclaredIndex
from couchmapper.mapping.members import is_always_there, spelled
from couchmapper.query.askable import askable
from couchmapper.query.extent import bounds, excludes_all
from couchmapper.query.id_conditions import chosen_ids, id_range
from couchmapper.query.indexes import KnownIndex, conjuncts
from couchmapper.query.partitions import asked_partitions, divided, is_partitioned, partition_path
from couchmapper.query.planner import narrows
from couchmapper.query.rewrites import implied_range
from couchmapper.query.spec import ID, QuerySpec

__all__ = ["Advice", "advise"]

_NOTHING: Final = "no index is needed: no document can be found, and nothing is asked"
_BY_ID: Final = "no index is needed: the documents are read by their ids"
_NONE_SERVES: Final = (
    "no index can answer its conditions: add one by ==, <, <=, >, >=, between, in_ or startswith on a field"
    " that holds no list, declare an Index of just these documents by where=, or ask a view"
)


@attrs.frozen
class Advice:
    """An index that would serve a query, on `fields`; without fields, the reason why none can.

    `across` says that the query asks all partitions of a database, for which there are indexes of their own.
    `str()` is text for people: the declaration, or the reason.
    """

    model: type
    fields: tuple[Path, ...]
    reason: str = ""
    across: bool = False

    @property
    def declaration(self) -> str | None:
        """The line to put into a `Design` class of the model."""
        names = [spelled(self.model, path) or str(path) for path in self.fields]
        return f"Index({', '.join(names)})" if names else None

    def __str__(self) -> str:
        if self.declaration is None:
            return self.reason
        design = "a Design with partitioned=False" if self.across else "a Design"
        return f"declare {self.declaration} in {design} and deploy it"


def advise(spec: QuerySpec[Any]) -> Advice:
    """Return the index for a query; a server is not asked, and what is declared is not looked at.

    The index begins with the fields that have one value, which leaves the others in order. Then come the
    fields of the order, or a field that lies between bounds; CouchDB bounds by one such field only, and an
    order without bounds reads everything, so that bounds come first and the order is then made here. Raises
    `PartitionRequired` for a query that cannot be asked.
    """
    model, condition = spec.model, spec.condition
    if condition == FALSE or spec.limit == 0 or excludes_all(facts_of(condition)):
        return Advice(model, (), _NOTHING)
    if chosen_ids(condition) is not None or id_range(condition) is not None:
        return Advice(model, (), _BY_ID)
    partitions = asked_partitions(spec)
    if partitions == ():
        return Advice(model, (), _NOTHING)
    if partitions:
        (spec,) = divided(spec, partitions[:1])
    partition = partitions[0] if partitions else None
    for fields in _candidates(spec):
        made = DeclaredIndex(model=model, ddoc="", name="", fields=fields, partitioned=partition is not None)
        if narrows(KnownIndex.of(made), spec, partition):
            across = partition is None and is_partitioned(model)
            return Advice(model, fields, across=across)
    return Advice(model, (), _NONE_SERVES)


def _candidates(spec: QuerySpec[Any]) -> Iterator[tuple[Path, ...]]:
    """Yield what an index could be on, the best first; whether it serves is another question."""
    asked = askable(spec.condition)
    facts = facts_of(asked)
    named = [path for path in dict.fromkeys(_paths(conjuncts(asked))) if _is_choice(path, spec, facts)]
    pinned = [path for path in named if facts.pins(path)]
    ranged = [path for path in named if path not in pinned and _is_bounded(asked, path, spec)]
    order = _order(spec, facts)
    present = [path for path in named if path in facts.required]
    every = (
        *([(*pinned, *order)] if order else []),
        (*pinned, *ranged[:1]),
        *((path,) for path in ranged),
        (*order, *present),
        _any_field(spec.model),
    )
    for fields in every:
        if fields:
            yield tuple(dict.fromkeys(fields))


def _order(spec: QuerySpec[Any], facts: Facts) -> list[Path]:
    """Return the fields by which an index can order; rows with equal keys are in the order of their ids."""
    if spec.is_mixed():
        return []
    paths = [term.path for term in spec.order]
    until_id = paths[: paths.index(ID)] if ID in paths else paths
    return [path for path in until_id if not facts.pins(path) and spelled(spec.model, path) is not None]


def _any_field(model: type) -> tuple[Path, ...]:
    """Return a field that every document of a model has."""
    own = ((field.name,) for field in field_codecs(model) if field.name != "_id")
    return (next((path for path in own if is_always_there(model, path)), ID),)


def _is_choice(path: Path, spec: QuerySpec[Any], facts: Facts) -> bool:
    """Tell whether a field can be declared, and tells documents apart: not so the partition that is asked."""
    if is_partitioned(spec.model) and path == partition_path(spec.model) and facts.pins(path):
        return False
    return path != ID and spelled(spec.model, path) is not None


def _paths(expressions: Iterable[Expression]) -> Iterator[Path]:
    for one in expressions:
        match one:
            case Condition(path):
                yield path
            case And(operands) | Or(operands):
                yield from _paths(operands)


def _is_bounded(asked: Expression, path: Path, spec: QuerySpec[Any]) -> bool:
    return bounds(implied_range(asked, path, spec.model))
