"""The indexes that a query may use, and which conditions follow from others."""

from typing import Any

import pytest
from fake_source import stored_index
from hypothesis import given, settings
from hypothesis import strategies as st

from couchmapper.mango import FALSE, TRUE, Expression, compile_match, normalize, parse
from couchmapper.mango.indexes import Index
from couchmapper.mapping import Document, Mapped
from couchmapper.mapping.declared import DeclaredIndex
from couchmapper.query.indexes import KnownIndex, conjuncts, implies, stored_indexes


class Sale(Document):
    status: Mapped[str]


STATUS = DeclaredIndex(model=Sale, ddoc="sales.by_status", name="by_status", fields=(("status",),))


def plain(selector: Any) -> Expression:
    return normalize(parse(selector))


# --- what is known of an index


def test_a_declared_index_is_known_by_its_stored_name_and_its_filter():
    known = KnownIndex.of(STATUS)

    assert known == KnownIndex(
        index=Index(
            ddoc="_design/sales.by_status", name=STATUS.stored_name, fields=(("status",),), partial=True
        ),
        filter=plain({"type": "sale"}),
    )
    assert known.use_index == ["_design/sales.by_status", STATUS.stored_name]
    assert known.fields == (("status",),)
    assert not known.is_stored


def test_a_declared_index_of_all_types_has_no_filter():
    everything = DeclaredIndex(
        model=Sale, ddoc="sales.all", name="all", fields=(("type",), ("status",)), partial=False
    )
    known = KnownIndex.of(everything)

    assert known.filter == TRUE
    assert not known.index.partial


def test_a_declared_index_tells_whether_it_is_for_one_partition():
    parted = DeclaredIndex(model=Sale, ddoc="a", name="a", fields=(("status",),), partitioned=True)

    assert KnownIndex.of(parted).partitioned
    assert not KnownIndex.of(STATUS).partitioned


def test_the_json_indexes_of_an_answer_are_known():
    special = {"ddoc": None, "name": "_all_docs", "type": "special", "def": {"fields": [{"_id": "asc"}]}}
    text = {"ddoc": "_design/t", "name": "t", "type": "text", "def": {"fields": []}}

    assert [one.use_index for one in stored_indexes([special, text, stored_index("one", "a")])] == [
        ["_design/one", "one"]
    ]


def test_an_index_on_a_field_that_no_selector_can_name_serves_no_query():
    told = [stored_index("one", "a."), stored_index("two", "a", "b..c"), stored_index("three", "a")]

    assert [one.index.name for one in stored_indexes(told)] == ["three"]


def test_the_fields_of_a_stored_index_are_paths():
    (known,) = stored_indexes([stored_index("one", "address.city", "a\\.b", "tags.0")])

    assert known.fields == (("address", "city"), ("a.b",), ("tags", "0"))


def test_the_fields_of_a_stored_index_may_be_names_alone():
    told = stored_index("one", "a")
    told["def"] = {"fields": ["a", {"b": "desc"}]}

    (known,) = stored_indexes([told])
    assert known.fields == (("a",), ("b",))


def test_of_a_stored_index_it_is_known_whether_it_is_partial_and_not_how():
    whole, partial = stored_indexes([stored_index("one", "a"), stored_index("two", "a", b=1)])

    assert (whole.index.partial, whole.filter, whole.is_stored) == (False, TRUE, True)
    assert (partial.index.partial, partial.filter, partial.is_stored) == (True, TRUE, True)


def test_a_stored_index_tells_whether_it_is_for_one_partition():
    parted = {**stored_index("one", "a"), "partitioned": True}
    unsaid = {name: value for name, value in parted.items() if name != "partitioned"}

    assert [one.partitioned for one in stored_indexes([parted, unsaid])] == [True, False]


# --- conditions that are joined


@pytest.mark.parametrize(
    ("selector", "count"), [({"a": 1, "b": 2}, 2), ({"a": 1}, 1), ({"$or": [{"a": 1}, {"b": 1}]}, 1), ({}, 0)]
)
def test_conditions_that_must_all_hold_are_told_apart(selector: Any, count: int):
    assert len(conjuncts(plain(selector))) == count


# --- what follows from what


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({"a": 1}, {}),
        ({"a": 1, "b": 2}, {"b": 2}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": {"$exists": True}}),
        ({"a": None}, {"a": {"$gte": None}}),
        ({"a": {"$ne": 1}}, {"a": {"$exists": True}}),
        ({"$or": [{"a": 1}, {"a": {"$gt": 5}}]}, {"a": {"$exists": True}}),
        ({"a": {"$gt": 5}}, {"a": {"$gt": 4}}),
        ({"a": {"$gt": 5}}, {"a": {"$gte": 5}}),
        ({"a": {"$gt": 5, "$lt": 9}}, {"a": {"$lte": 9}}),
        ({"a": 5}, {"a": {"$gt": 4, "$lt": 6}}),
        ({"a": "x"}, {"a": {"$ne": "void"}}),
        ({"a": 1}, {"a": {"$in": [1, 2]}}),
        ({"a": {"$in": [1, 2]}}, {"a": {"$in": [3, 2, 1]}}),
        ({"a": 5}, {"a": {"$type": "number"}}),
        ({"a": 5}, {"$or": [{"a": 4}, {"a": {"$gte": 5}}]}),
        ({"a.b": 5}, {"a.b": {"$gt": 4}}),
        ({"tags": {"$elemMatch": {"$eq": 1}}}, {"tags": {"$elemMatch": {"$eq": 1}}}),
    ],
)
def test_what_follows_plainly_is_told(condition: Any, wanted: Any):
    assert implies(plain(condition), plain(wanted))


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({}, {"a": 1}),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": True}),
        ({"a": {"$gte": True}}, {"a": {"$gte": 1}}),
        ({"a": {"$lte": 0}}, {"a": {"$lte": False}}),
        ({"a": {"$gt": 5}}, {"a": {"$gt": 6}}),
        ({"a": {"$gte": 5}}, {"a": {"$gt": 5}}),
        ({"a": {"$exists": False}}, {"a": {"$exists": True}}),
        ({"$or": [{"a": 1}, {"b": 1}]}, {"a": {"$exists": True}}),
        ({"a": 1}, {"a": {"$ne": 1}}),
        ({"a": {"$in": [1, 2]}}, {"a": {"$in": [1]}}),
        ({"a": {"$in": [1, 2]}}, {"a": {"$lt": 5}}),
        ({"a": {"$gt": 5}}, {"a": {"$type": "number"}}),
        ({"a": "e\u0301"}, {"a": {"$regex": "^\u00e9"}}),
        ({"_id": {"$gt": "B"}}, {"_id": {"$gt": "a"}}),
        ({"_id": {"$gt": "B", "$lt": "a"}}, {"_id": {"$gt": "z"}}),
        ({"_id": "e\u0301"}, {"_id": {"$lte": "\u00e9"}}),
        ({"a": {"$beginsWith": "เ"}}, {"a": {"$gte": "เ"}}),
    ],
)
def test_what_does_not_follow_is_not_told(condition: Any, wanted: Any):
    assert not implies(plain(condition), plain(wanted))


def test_everything_follows_from_what_never_holds():
    assert not implies(TRUE, FALSE)
    assert implies(plain({"a": {"$gt": 5, "$lt": 4}}), plain({"a": {"$gt": 6}}))


# --- the law: what is told to follow does, for every document

TEXTS = ["", "a", "A", "b", "B", "ab", "\u00e9", "e\u0301", "e", "f", "เ", "เก", "ก", "a\u00ad"]
SCALARS = st.sampled_from([None, False, True, 0, 1, 1.0, 2, -1, 0.5, 2**60, 2**60 + 1, *TEXTS])
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from("xy"), SCALARS, max_size=2)
KINDS = ["null", "boolean", "number", "string", "array", "object"]
OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["$eq", "$ne", "$lt", "$lte", "$gt", "$gte"]), VALUES),
    st.tuples(st.sampled_from(["$in", "$nin", "$all"]), st.lists(VALUES, max_size=3)),
    st.tuples(st.just("$exists"), st.booleans()),
    st.tuples(st.just("$type"), st.sampled_from(KINDS)),
    st.tuples(st.just("$beginsWith"), st.sampled_from(TEXTS)),
    st.tuples(st.just("$regex"), st.sampled_from(["^a", "a", "^\u00e9"])),
    st.tuples(st.just("$size"), st.integers(0, 2)),
)
DOCUMENTS = st.fixed_dictionaries(
    {"_id": st.sampled_from([text for text in TEXTS if text])}, optional={"a": VALUES, "b": VALUES}
)


def selectors(*fields: str) -> st.SearchStrategy[Any]:
    """Draw selectors of a few conditions on some fields."""
    leaves = st.tuples(st.sampled_from(fields), OPERATIONS).map(lambda leaf: {leaf[0]: dict([leaf[1]])})
    joined = st.tuples(
        st.sampled_from(["$and", "$and", "$or", "$nor"]), st.lists(leaves, min_size=1, max_size=3)
    )
    return leaves | joined.map(lambda one: dict([one]))


PAIRS = st.sampled_from(["a", "a", "a.x", "a.0", "_id"]).flatmap(
    lambda field: st.tuples(selectors(field, field, "b"), selectors(field))
)


@settings(max_examples=300, deadline=None)
@given(pair=PAIRS, documents=st.lists(DOCUMENTS, min_size=8, max_size=12))
def test_a_document_that_fulfils_a_condition_fulfils_what_follows_from_it(pair: Any, documents: Any):
    condition, wanted = map(plain, pair)
    if implies(condition, wanted):
        fulfils, follows = compile_match(condition), compile_match(wanted)
        assert [one for one in documents if fulfils(one) and not follows(one)] == []
