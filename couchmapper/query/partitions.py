"""Which partitions of a partitioned database a query is for.

A document of a partitioned model has its partition in a field and in front of its id, the same text. So what
a condition says of either of them tells where the documents are. Partitions are told apart by their bytes:
`é` of one and of two characters, the same for `==` in other fields, are two of them.
https://docs.couchdb.org/en/stable/partitioned-dbs/
"""

from collections.abc import Iterable
from typing import Any, Final, NoReturn, Protocol, TypeVar

import attrs

from couchmapper.exceptions import PartitionRequired, QueryError
from couchmapper.mango.nodes import And, Condition, Expression, Path
from couchmapper.mango.normalize import normalize
from couchmapper.mapping.converter import field_codecs
from couchmapper.mapping.document import Document
from couchmapper.mapping.ids import is_partition
from couchmapper.mapping.metadata import metadata_of
from couchmapper.query.id_conditions import id_range
from couchmapper.query.indexes import conjuncts, implies
from couchmapper.query.named_texts import named_texts
from couchmapper.query.spec import ID, QuerySpec

__all__ = [
    "asked_partitions",
    "check_partition",
    "divided",
    "ids_of_model",
    "is_partitioned",
    "partition_path",
]

D = TypeVar("D", bound=Document)

_MOST: Final = 100


def is_partitioned(model: type) -> bool:
    """Tell whether a model says that its documents are in partitions."""
    return metadata_of(model).partition is not None


def asked_partitions(spec: QuerySpec[Any]) -> tuple[str, ...] | None:
    """Return the partitions where the documents can be, in the order of their ids.

    None for all partitions, and for a model without. Raises `PartitionRequired` when a query names none, or
    more than a hundred, and does not say that all are meant.
    """
    if not is_partitioned(spec.model):
        return None
    by_field = named_texts(spec.condition, partition_path(spec.model))
    by_id = _partition_of_range(spec.condition)
    told = [one for one in (by_field, by_id) if one is not None]
    if not told:
        return None if spec.across else _refuse_all(spec)
    named = frozenset.intersection(*told)
    if len(named) > _MOST:
        return None if spec.across else _refuse_many(spec, len(named))
    possible = (one for one in named if is_partition(one) and _may_hold(one, spec.condition))
    return tuple(sorted(possible, key=_place))


class _Declared(Protocol):
    """A view or a search index."""

    @property
    def partitioned(self) -> bool | None:
        """Whether each partition has one of its own; None where nothing is said of partitions."""
        ...


def check_partition(declared: _Declared, partition: str | None) -> None:
    """Raise `PartitionRequired` or `QueryError` when a design class says that it cannot be asked so."""
    if partition is None and declared.partitioned:
        raise PartitionRequired(
            f"each partition has a {declared!r} of its own: name one with .partition(...), or declare it in a"
            " Design with partitioned=False to ask all together"
        )
    if partition is not None and declared.partitioned is False:
        raise QueryError(
            f"{declared!r} is of all partitions together, as its Design says with partitioned=False; leave"
            " partition() out"
        )


def divided(spec: QuerySpec[D], partitions: Iterable[str]) -> list[QuerySpec[D]]:
    """Return the same question for each partition by itself."""
    return [_within(spec, one) for one in partitions]


def ids_of_model(model: type, ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that documents of a model can have; a partitioned database answers others by errors."""
    return tuple(one for one in ids if not is_partitioned(model) or _is_in_partition(one))


def partition_path(model: Any) -> Path:
    """Return the member of a partitioned model's documents that holds their partition."""
    name = metadata_of(model).partition
    return next((field.name,) for field in field_codecs(model) if field.attribute == name)


def _is_in_partition(document_id: str) -> bool:
    partition, _, key = document_id.partition(":")
    return is_partition(partition) and key != ""


def _place(partition: str) -> bytes:
    return f"{partition}:".encode()


def _partition_of_range(condition: Expression) -> frozenset[str] | None:
    """Return the partition that holds a part of all ids, None when that reaches over several."""
    bounds = id_range(condition)
    if bounds is None:
        return None
    first, end = bounds
    partition, colon, _ = first.partition(":")
    if not colon or end is None or end.encode() > f"{partition};".encode():  # what follows `:` is `;`
        return None
    return frozenset({partition})


def _may_hold(partition: str, condition: Expression) -> bool:
    """Tell whether what a condition says of ids leaves any in a partition."""
    ids = Condition(ID, "$gte", f"{partition}:"), Condition(ID, "$lt", f"{partition};")
    bounds = id_range(And((*conjuncts(condition), *ids)))
    return bounds is None or bounds[1] is None or bounds[0].encode() < bounds[1].encode()


def _within(spec: QuerySpec[D], partition: str) -> QuerySpec[D]:
    """Return the question for one of the partitions that the field names; what follows from that is left out.

    A partition that ids alone name says nothing of the field.
    """
    path = partition_path(spec.model)
    here, told = Condition(path, "$eq", partition), conjuncts(normalize(spec.where))
    if here in told or named_texts(spec.condition, path) is None:
        return spec
    others = (one for one in told if not implies(here, one))
    return attrs.evolve(spec, where=And((here, *others)))


def _refuse_all(spec: QuerySpec[Any]) -> NoReturn:
    field = _field(spec)
    raise PartitionRequired(
        f"{spec.model.__name__} is partitioned by {field.rpartition('.')[2]}: a query for all partitions asks"
        f" every shard; add .where({field} == ...), or .across_partitions() if all are meant"
    )


def _refuse_many(spec: QuerySpec[Any], count: int) -> NoReturn:
    raise PartitionRequired(
        f"{_field(spec)} is one of {count} values, and at most {_MOST} partitions are asked in turn; ask"
        " for some of them at a time, or all together with .across_partitions()"
    )


def _field(spec: QuerySpec[Any]) -> str:
    return f"{spec.model.__name__}.{metadata_of(spec.model).partition}"
