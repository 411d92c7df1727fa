"""The fields of a search index, and conditions on them, for tests."""

from collections.abc import Mapping

from couchmapper.mango.lucene import ID, SearchField
from couchmapper.mango.nodes import And, Condition, Elements, Expression, Path


def field(
    name: str, form: str, *kinds: str, elements: tuple[str, ...] = (), is_ordered: bool = False
) -> SearchField:
    return SearchField(
        path=(name,),
        name=name,
        form=form,  # type: ignore[arg-type]
        kinds=frozenset(kinds),
        is_list=bool(elements),
        elements=frozenset(elements),
        is_ordered=is_ordered,
    )


FIELDS: Mapping[Path, SearchField] = {
    one.path: one
    for one in (
        ID,
        field("name", "keyword", "string", "null"),
        field("note", "text", "string"),
        field("total", "number", "number"),
        field("weight", "number", "number", "null"),
        field("paid", "boolean", "boolean"),
        field("placed", "keyword", "string", "null", is_ordered=True),
        field("tags", "keyword", "array", elements=("string",)),
        field("sizes", "number", "array", "null", elements=("number",)),
        field("rates", "number", "array", elements=("number", "null")),
        field("marks", "boolean", "array", elements=("boolean",)),
    )
}


def is_(name: str, operator: str, argument: object) -> Condition:
    return Condition((name,), operator, argument)


def has(name: str, *operands: Expression) -> Elements:
    return Elements((name,), "$elemMatch", operands[0] if len(operands) == 1 else And(operands))


def item(operator: str, argument: object) -> Condition:
    return Condition((), operator, argument)
