"""Which index would serve a query, as the line of Python that declares it."""

from collections.abc import Iterator
from typing import Any

import attrs

from couchmapper.mango.nodes import And, Condition, Expression, Or, Path
from couchmapper.mango.ranges import pins
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.members import is_always_there, spelled
from couchmapper.mapping.registry import type_condition
from couchmapper.query.indexes import conjuncts
from couchmapper.query.partitions import asked_partitions, divided, is_partitioned
from couchmapper.query.rewrites import implied_range
from couchmapper.query.spec import ID, QuerySpec

__all__ = ["Advice", "advise"]


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
        if not self.fields:
            return None
        return f"Index({', '.join(spelled(self.model, path) for path in self.fields)})"

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
    model = spec.model
    partitions = asked_partitions(spec)
    if partitions:
        (spec,) = divided(spec, partitions[:1])
    kind = conjuncts(type_condition(model))
    given = [one for one in conjuncts(spec.condition) if one not in kind]
    named = [path for path in dict.fromkeys(_paths(given)) if path != ID]
    pinned = [path for path in named if pins(spec.condition, path)]
    ranged = [path for path in named if path not in pinned and _is_bounded(spec, path)]
    order = [] if spec.is_mixed() else [term.path for term in spec.order]
    last = ranged[:1]
    if order and (pinned or order[0] in ranged or not ranged):
        last = order
    fields = tuple(dict.fromkeys((*pinned, *last)))
    if fields or not given:
        across = partitions is None and is_partitioned(model)
        return Advice(model, fields or (_any_field(model),), across=across)
    return Advice(
        model,
        (),
        "no index can answer its conditions: add one by ==, <, <=, >, >=, between, in_ or startswith on a"
        " field that holds no list, or ask a view",
    )


def _any_field(model: type) -> Path:
    """Return a field that every document of a model has."""
    own = ((field.name,) for field in field_codecs(model) if field.name != "_id")
    return next((path for path in own if is_always_there(model, path)), ID)


def _paths(expressions: list[Expression]) -> Iterator[Path]:
    for one in expressions:
        match one:
            case Condition(path):
                yield path
            case And(operands) | Or(operands):
                yield from _paths(list(operands))


def _is_bounded(spec: QuerySpec[Any], path: Path) -> bool:
    """Tell whether the conditions bound a field; that it is there, be it null, bounds nothing."""
    found = implied_range(spec.condition, path, spec.model)
    if found is None:
        return False
    return found.high is not None or (found.low is not None and found.low.value is not None)
