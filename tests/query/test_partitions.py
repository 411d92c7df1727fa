"""Which partitions a query asks: those that a document that it means can be in, and no others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import PartitionRequired, QueryError
from couchmapper.mango.match import compile_match
from couchmapper.mango.nodes import Condition, Expression
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.partitions import (
    asked_partitions,
    check_partition,
    divided,
    ids_of_model,
    is_partitioned,
    partition_path,
)
from couchmapper.query.spec import QuerySpec


class Reading(Document, partition="sensor", id="{hour}"):
    sensor: Mapped[str] = field(name="s")
    hour: Mapped[int]


class Order(Document):
    sensor: Mapped[str]


def question(*conditions: Expression, across: bool = False) -> QuerySpec[Reading]:
    spec = QuerySpec(model=Reading, across=across)
    for one in conditions:
        spec = QuerySpec(model=Reading, where=spec.where & one, across=across)
    return spec


def named(*conditions: Expression, across: bool = False) -> tuple[str, ...] | None:
    return asked_partitions(question(*conditions, across=across))


def test_a_model_says_whether_it_has_partitions_and_in_which_member():
    assert (is_partitioned(Reading), is_partitioned(Order)) == (True, False)
    assert partition_path(Reading) == ("s",)
    assert asked_partitions(QuerySpec(model=Order)) is None


def test_partitions_are_in_the_order_of_their_ids():
    assert named(Reading.sensor.in_(["b", "a", "a-", "é", "a;", "B"])) == ("B", "a-", "a", "a;", "b", "é")


def test_partitions_are_told_apart_by_their_bytes():
    assert named(Reading.sensor == "é") == ("é",)
    assert named(Reading.sensor.in_(["é", "e\u0301"])) == ("e\u0301", "é")
    assert named(Reading.sensor == "é", Reading.sensor == "e\u0301") == ()


def test_what_is_no_text_is_no_partition():
    assert named(Condition(("s",), "$eq", None)) == ()
    assert named(Condition(("s",), "$in", [1, ["a"], "a"])) == ("a",)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        ("a:", "a:zz", ("a",)),
        ("a:1", "a:2", ("a",)),
        ("a:1", "a;", None),
        ("a:1", "b:1", None),
        ("a", "a:9", None),
    ],
)
def test_ids_name_a_partition_when_all_of_them_are_in_it(low: str, high: str, found: Any):
    assert named(Reading.id.between(low, high), across=True) == found


def test_all_partitions_are_asked_when_the_query_says_so():
    assert named(Reading.hour == 1, across=True) is None
    assert named(Reading.sensor == "a", across=True) == ("a",)


def test_a_question_is_divided_into_one_for_each_partition():
    spec = question(Reading.sensor.in_(["a", "b"]), Reading.hour > 1)

    assert [one.selector() for one in divided(spec, ["a", "b"])] == [
        {"type": "reading", "s": sensor, "hour": {"$gt": 1}} for sensor in "ab"
    ]


def test_what_names_its_partition_stays_as_it_is():
    by_field, by_id = question(Reading.sensor == "a"), question(Reading.id.startswith("a:"))

    assert divided(by_field, ["a"]) == [by_field]
    assert divided(by_id, ["a"]) == [by_id]


def test_ids_that_no_partition_can_have_are_none_of_a_partitioned_model():
    ids = ["a:1", "plain", ":1", "a:", "_a:1", "a:b:c", ""]

    assert ids_of_model(Reading, ids) == ("a:1", "a:b:c")
    assert ids_of_model(Order, ids) == tuple(ids)


def test_too_many_partitions_are_refused_with_advice():
    with pytest.raises(PartitionRequired, match=r"Reading.sensor is one of 101 values.*some of them at"):
        named(Reading.sensor.in_([f"s{number}" for number in range(101)]))


class Declared:
    def __init__(self, *, partitioned: bool | None) -> None:
        self.partitioned = partitioned

    def __repr__(self) -> str:
        return "<view v/by_hour>"


def test_what_is_declared_is_asked_as_its_design_says():
    for partitioned, partition in ((True, "a"), (False, None), (None, "a"), (None, None)):
        check_partition(Declared(partitioned=partitioned), partition)
    with pytest.raises(PartitionRequired, match=r"each partition has a <view v/by_hour> of its own: name"):
        check_partition(Declared(partitioned=True), None)
    with pytest.raises(QueryError, match=r"<view v/by_hour> is of all partitions together.*leave partition"):
        check_partition(Declared(partitioned=False), "a")


# --- nothing that is meant is left out

SENSORS = ["a", "a-", "b", "é", "a;"]
HOURS = range(3)
DOCUMENTS = [
    {"_id": f"{sensor}:{hour}", "type": "reading", "s": sensor, "hour": hour}
    for sensor in SENSORS
    for hour in HOURS
]
IDS: st.SearchStrategy[str] = st.sampled_from(
    [str(one["_id"]) for one in DOCUMENTS] + ["a", "a:", "a-", "a;", "b:", "é:"]
)
SIMPLE = st.one_of(
    st.sampled_from(SENSORS).map(lambda value: Reading.sensor == value),
    st.lists(st.sampled_from(SENSORS)).map(Reading.sensor.in_),
    st.sampled_from(HOURS).map(lambda value: Reading.hour > value),
    IDS.map(Reading.id.startswith),
    IDS.map(lambda value: Reading.id >= value),
    IDS.map(lambda value: Reading.id < value),
    st.tuples(IDS, IDS).map(lambda both: Reading.id.between(*both)),
)
CONDITIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda both: both[0] & both[1]),
        st.tuples(inner, inner).map(lambda both: both[0] | both[1]),
        inner.map(lambda one: ~one),
    ),
    max_leaves=5,
)


@given(CONDITIONS)
def test_every_document_that_is_meant_is_in_a_partition_that_is_asked(condition: Expression):
    spec = question(condition, across=True)
    partitions, matches = asked_partitions(spec), compile_match(spec.condition)
    meant = {str(one["_id"]) for one in DOCUMENTS if matches(one)}
    if partitions is None:
        return

    found = {
        str(one["_id"])
        for name, part in zip(partitions, divided(spec, partitions), strict=True)
        for one in DOCUMENTS
        if one["s"] == name and compile_match(part.condition)(one)
    }
    assert found == meant
