"""Places: the order in which no two documents are equal, and the condition for what is behind one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.mango.indexes import Index as MangoIndex
from couchmapper.mango.match import compile_match
from couchmapper.mango.nodes import FALSE, TRUE, Condition
from couchmapper.mango.normalize import normalize
from couchmapper.mango.ranges import field_range
from couchmapper.mango.sort import SortTerm, sort_key
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.indexes import KnownIndex
from couchmapper.query.keyset import Place, place_of, reversed_order, starting_at, total_order
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSON


class Item(Document, id="{name}"):
    name: Mapped[str]
    rank: Mapped[int]
    size: Mapped[int]
    color: Mapped[str | None] = field(default=None)


UP, DOWN = SortTerm(ID), SortTerm(ID, descending=True)


def stored(*fields: str) -> KnownIndex:
    index = MangoIndex(ddoc="_design/i", name="-".join(fields), fields=tuple((one,) for one in fields))
    return KnownIndex(index=index, is_stored=True)


def written(order: tuple[SortTerm, ...]) -> list[str]:
    return [("-" if term.descending else "") + ".".join(term.path) for term in order]


@pytest.mark.parametrize(
    ("order", "where", "indexes", "expected"),
    [
        ([], TRUE, [], ["_id"]),
        ([Item.rank.asc()], TRUE, [], ["rank", "_id"]),
        ([Item.rank.desc()], TRUE, [], ["-rank", "-_id"]),
        ([Item.rank.desc(), Item.size.asc()], TRUE, [], ["-rank", "size", "_id"]),
        ([Item.id.asc()], TRUE, [], ["_id"]),
        ([Item.rank.asc(), Item.id.asc(), Item.size.asc()], TRUE, [], ["rank", "_id"]),
        ([Item.rank.asc()], Item.rank > 1, [stored("rank")], ["rank", "_id"]),
        ([Item.rank.asc()], Item.rank > 1, [stored("rank", "size")], ["rank", "size", "_id"]),
        ([Item.rank.desc()], Item.rank > 1, [stored("rank", "size")], ["-rank", "-size", "-_id"]),
        ([], Item.rank > 1, [stored("rank", "size")], ["rank", "size", "_id"]),
        ([], Item.rank == 1, [stored("rank", "size")], ["size", "_id"]),
        ([Item.size.asc()], Item.rank == 1, [stored("rank", "size", "name")], ["size", "name", "_id"]),
        ([Item.rank.desc(), Item.size.asc()], TRUE, [stored("rank", "size")], ["-rank", "size", "_id"]),
    ],
    ids=range(13),
)
def test_an_order_is_filled_up_with_the_fields_of_its_index_and_the_id(order, where, indexes, expected):
    spec = QuerySpec(model=Item, where=where, order=tuple(order))

    assert written(total_order(spec, indexes)) == expected


def test_an_order_read_backwards_is_turned_in_each_field():
    order = (SortTerm(("rank",)), SortTerm(("size",), descending=True), UP)

    assert written(reversed_order(order)) == ["-rank", "size", "-_id"]
    assert reversed_order(reversed_order(order)) == order


def test_fields_with_one_value_say_nothing_of_what_is_behind():
    place = Place(order=(SortTerm(("rank",)), UP), values=(1, "a"))

    assert starting_at(normalize(Item.rank == 1), place) == Condition(ID, "$gt", "a")
    assert starting_at(normalize((Item.rank == 1) & (Item.id == "a")), place) == FALSE


@pytest.mark.parametrize("descending", [False, True])
def test_an_index_can_begin_at_the_first_field_that_varies(descending):
    terms = tuple(SortTerm(path, descending) for path in (("color",), ("rank",), ID))
    behind = starting_at(Condition(("color",), "$eq", "red"), Place(order=terms, values=("red", 5, "a")))
    found: Any = field_range(normalize(behind), ("rank",))

    assert (found.high if descending else found.low).value == 5
    assert (found.low if descending else found.high) is None


values: st.SearchStrategy[JSON] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1.0, -0.0, 2**60, "", "a", "B", "é", "e\u0301", "\0", "🦆"]),
    st.lists(st.sampled_from([None, 1, "a"]), max_size=2),
    st.dictionaries(st.sampled_from(["a", "b", "$gt"]), st.sampled_from([None, 1, [None]]), max_size=2),
)
documents = st.builds(
    lambda document_id, rank, size: {"_id": document_id, "rank": rank, "size": size},
    st.sampled_from(["a", "B", "b", "ä", "é", "e\u0301", "z", "\U0001f986", "\uffff"]),
    values,
    values,
)
orders = st.builds(
    lambda fields, directions: tuple(map(SortTerm, (*((one,) for one in fields), ID), directions)),
    st.permutations(["rank", "size"]).flatmap(lambda some: st.sampled_from([some, some[:1], []])),
    st.lists(st.booleans(), min_size=3, max_size=3),
)


@given(documents, documents, orders)
def test_what_is_behind_a_place_is_what_sorts_behind_its_document(one, other, order):
    behind = compile_match(starting_at(TRUE, place_of(one, order)))
    key = sort_key(order)

    assert behind(other) is (key(other) > key(one))
