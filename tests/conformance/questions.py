"""Every expression that can be asked of the documents of `meanings.py`: of models, and as JSON."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from meanings import (
    MEMBERS,
    MOMENTS,
    Line,
    Order,
    Stage,
    documents,
    few_documents,
    floats,
    integers,
    names,
    prefixes,
    scalars,
    short,
    texts,
    values,
)

from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import Expression
from couchmapper.mango.parse import parse
from couchmapper.mapping import Field
from couchmapper.typing import JSON, JSONObject

# --- expressions of models

Operation = Callable[[Any, Any], Expression]

EQUALITIES: tuple[Operation, ...] = (operator.eq, operator.ne)
ORDERS: tuple[Operation, ...] = (operator.lt, operator.le, operator.gt, operator.ge)
TYPES = ("null", "boolean", "number", "string", "array", "object")

fields_of_texts = st.sampled_from([Order.title, Order.note, Order.place.city, Order.tags[0], Line.sku])
fields_of_integers = st.sampled_from(
    [Order.number, Order.place.floor, Order.counts[1], Order.grid[0][0], Order.extra["a"], Line.quantity]
)


def compared(
    fields: SearchStrategy[Any], operands: SearchStrategy[Any], *, ordered: bool = True
) -> SearchStrategy[Expression]:
    """Compare a field with an operand, or with several."""
    several = st.lists(operands, max_size=3)
    comparisons = st.sampled_from(EQUALITIES + (ORDERS if ordered else ()))
    alternatives = [
        st.builds(lambda compare, one, operand: compare(one, operand), comparisons, fields, operands),
        st.builds(lambda one, some: one.in_(some), fields, several),
        st.builds(lambda one, some: one.not_in(some), fields, several),
    ]
    if ordered:
        alternatives.append(
            st.builds(lambda one, low, high: one.between(low, high), fields, operands, operands)
        )
    return st.one_of(alternatives)


patterns = short(
    st.builds(
        lambda option, start, parts, end: option + start + "".join(parts) + end,
        st.sampled_from(["", "", "", "(?i)", "(*UTF8)"]),
        st.sampled_from(["", "^"]),
        st.lists(
            st.builds(
                operator.add,
                st.sampled_from(
                    ["a", "b", "A", "1", "é", ".", "[ab]", "[^a]", "[a-c1]", "(?:ab|e)", "(a)", r"\."]
                ),
                st.sampled_from(["", "", "", "*", "+", "?", "{1,2}", "*?"]),
            ),
            max_size=3,
        ),
        st.sampled_from(["", "$"]),
    )
)
texts_alone = short(
    st.one_of(
        st.builds(lambda one, prefix: one.startswith(prefix), fields_of_texts, prefixes),
        st.builds(lambda one, suffix: one.endswith(suffix), fields_of_texts, prefixes),
        st.builds(lambda one, part: one.contains(part), fields_of_texts, prefixes),
        st.builds(lambda one, pattern: one.matches(pattern), fields_of_texts, patterns),
    )
)
FIELDS: list[Field[Any]] = [
    *(Order.number, Order.note, Order.either, Order.placed, Order.tags, Order.grid, Order.lines, Order.place),
    *(Order.place.city, Order.tags[0], Order.grid[1][0], Order.extra["a.b"], Order.anything, Order.id),
]
presence = short(
    st.one_of(
        st.builds(lambda one: one.exists(), st.sampled_from(FIELDS)),
        st.builds(lambda one: one.is_missing(), st.sampled_from(FIELDS)),
        st.builds(lambda one, kind: one.is_type(kind), st.sampled_from(FIELDS), st.sampled_from(TYPES)),
    )
)
derived = short(
    st.one_of(
        st.builds(
            lambda compare, one, size: compare(one.len(), size),
            st.sampled_from(EQUALITIES),
            st.sampled_from([Order.tags, Order.counts, Order.lines, Order.grid]),
            st.integers(0, 3),
        ),
        st.builds(
            lambda compare, one, divisor, rest: compare(one % divisor, rest),
            st.sampled_from(EQUALITIES),
            fields_of_integers,
            st.sampled_from([1, 2, 3, -3, 7]),
            st.integers(-2, 2),
        ),
    )
)
leaves = short(
    st.one_of(
        compared(fields_of_integers, integers),
        compared(st.just(Order.total), floats),
        compared(fields_of_texts, texts),
        compared(st.just(Order.either), st.one_of(integers, texts)),
        compared(st.just(Order.paid), st.booleans(), ordered=False),
        compared(st.just(Order.stage), st.sampled_from(Stage), ordered=False),
        compared(st.just(Order.placed), st.sampled_from(MOMENTS)),
        compared(
            st.just(Order.price), st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("0.07"), Decimal(1)])
        ),
        compared(st.just(Order.id), texts),
        st.builds(
            lambda compare, one: compare(one, None),
            st.sampled_from(EQUALITIES),
            st.sampled_from([Order.note, Order.placed, Order.place.floor, Order.anything]),
        ),
        st.builds(
            lambda compare, operand: compare(Order.anything, operand),
            st.sampled_from(EQUALITIES),
            values,
        ),
        texts_alone,
        presence,
        derived,
    )
)


def joined(inner: SearchStrategy[Expression]) -> SearchStrategy[Expression]:
    return st.one_of(
        st.builds(lambda one: ~one, inner),
        st.builds(operator.and_, inner, inner),
        st.builds(operator.or_, inner, inner),
    )


def of_elements(inner: SearchStrategy[Expression]) -> SearchStrategy[Expression]:
    """Ask about the elements of lists, which may hold lists."""
    quantifiers: SearchStrategy[Operation] = st.sampled_from(
        [
            lambda one, wanted: one.any(wanted),
            lambda one, wanted: one.all(wanted),
            lambda one, wanted: one.all_or_empty(wanted),
        ]
    )
    return st.one_of(
        st.builds(lambda of, wanted: of(Order.lines, wanted), quantifiers, inner),
        st.builds(lambda of, text: of(Order.tags, text), quantifiers, texts),
        st.builds(lambda of, number: of(Order.counts, number), quantifiers, integers),
        st.builds(lambda of, some: of(Order.grid, some), quantifiers, st.lists(integers, max_size=2)),
        st.builds(lambda of, text: of(Order.tags, lambda tag: tag < text), quantifiers, texts),
        st.builds(Order.tags.any_in, st.lists(texts, max_size=3)),
        st.builds(Order.tags.has_all, st.lists(texts, max_size=2)),
        st.builds(Order.counts.has_all, st.lists(integers, max_size=2)),
        st.builds(Order.extra.any_key, names),
    )


expressions = short(
    st.recursive(
        st.one_of(leaves, leaves, leaves, of_elements(leaves)),
        lambda inner: st.one_of(joined(inner), of_elements(inner)),
        max_leaves=5,
    )
)

# --- selectors as JSON

PATHS = (
    *(
        *MEMBERS,
        "_id",
        "place.city",
        "place.floor",
        "lines.0.sku",
        "tags.0",
        "tags.+1",
        "grid.0.1",
        "nothing",
    ),
    *("nothing.at.all", "number.x", "anything.a", "anything.0", r"extra.a\.b", "place.é", "extra.length"),
)
COMPARISONS = ("$lt", "$lte", "$eq", "$ne", "$gte", "$gt")
operations = short(
    st.one_of(
        st.builds(lambda name, value: {name: value}, st.sampled_from(COMPARISONS), values),
        st.builds(
            lambda name, some: {name: some},
            st.sampled_from(["$in", "$nin", "$all"]),
            st.lists(values, max_size=3),
        ),
        st.builds(lambda flag: {"$exists": flag}, st.booleans()),
        st.builds(lambda kind: {"$type": kind}, st.sampled_from([*TYPES, "nonsense"])),
        st.builds(lambda size: {"$size": size}, st.integers(0, 3)),
        st.builds(lambda by, rest: {"$mod": [by, rest]}, st.sampled_from([1, 2, -3, 7]), st.integers(-2, 2)),
        st.builds(lambda prefix: {"$beginsWith": prefix}, prefixes),
        st.builds(lambda pattern: {"$regex": pattern}, patterns),
    )
)


def beneath_a_field(inner: SearchStrategy[JSONObject]) -> SearchStrategy[JSONObject]:
    """Join operations on one field, or turn them to the elements of what it holds."""
    several = st.lists(inner, max_size=2)
    return st.one_of(
        st.builds(lambda one: {"$not": one}, inner),
        st.builds(lambda one, other: {**one, **other}, inner, inner),
        st.builds(lambda name, some: {name: some}, st.sampled_from(["$and", "$or", "$nor"]), several),
        st.builds(
            lambda name, one: {name: one}, st.sampled_from(["$elemMatch", "$allMatch", "$keyMapMatch"]), inner
        ),
    )


of_fields = short(st.recursive(operations, beneath_a_field, max_leaves=3))


def selectors_of(paths: SearchStrategy[str], operands: SearchStrategy[JSON]) -> SearchStrategy[JSONObject]:
    """Select by fields, joined in every way."""
    return st.recursive(
        st.builds(lambda path, operand: {path: operand}, paths, operands),
        lambda inner: st.one_of(
            st.builds(lambda one, other: {**one, **other}, inner, inner),
            st.builds(lambda one: {"$not": one}, inner),
            st.builds(
                lambda name, some: {name: some},
                st.sampled_from(["$and", "$or", "$nor"]),
                st.lists(inner, max_size=3),
            ),
        ),
        max_leaves=4,
    )


of_elements_as_json = short(
    st.builds(
        lambda name, inner: {name: inner},
        st.sampled_from(["$elemMatch", "$allMatch"]),
        selectors_of(st.sampled_from(["sku", "quantity", "shelf.city", "0"]), st.one_of(of_fields, scalars)),
    )
)
selectors = short(
    selectors_of(st.sampled_from(PATHS), st.one_of(of_fields, of_fields, of_elements_as_json, values))
)

# --- batches


@attrs.frozen
class Question:
    """A selector as it is sent, and the expression that it is."""

    selector: JSONObject
    expression: Expression


@st.composite
def asked(draw: st.DrawFn) -> Question:
    """Ask by an expression of a model."""
    expression = draw(expressions)
    return Question(dump(expression), expression)


@st.composite
def asked_as_json(draw: st.DrawFn) -> Question | None:
    """Ask by a selector; None when it has no meaning, such as one with `$a` for an operator."""
    selector = draw(selectors)
    try:
        return Question(selector, parse(selector))
    except InvalidSelector:
        return None


few_expressions = short(
    st.one_of(
        compared(st.just(Order.number), integers),
        compared(st.just(Order.title), texts),
        st.builds(Order.title.startswith, prefixes),
        st.builds(Order.title.endswith, prefixes),
        st.builds(Order.title.contains, prefixes),
        st.builds(Order.title.matches, patterns),
        st.builds(Order.tags.any, texts),
        st.builds(Order.tags.any_in, st.lists(texts, max_size=3)),
    )
)


@st.composite
def asked_of_few(draw: st.DrawFn) -> Question:
    """Ask by an expression of the members that most depends on."""
    expression = draw(few_expressions)
    return Question(dump(expression), expression)


@attrs.frozen
class Batch:
    """Some documents, and the questions about them: each is a case."""

    documents: list[JSONObject]
    questions: list[Question]


WIDE = (documents(), st.one_of(asked(), asked_as_json().filter(bool)))
NARROW = (few_documents(), asked_of_few())


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Ask everything about everything, or much about the little where most depends on the values."""
    some, questions = WIDE if draw(st.booleans()) else NARROW
    return Batch(
        draw(st.lists(some, min_size=4, max_size=8, unique_by=lambda one: one["_id"])),
        draw(st.lists(questions, min_size=20, max_size=20)),
    )
