"""What is asked of a database for a page, and where it ends when documents move while it is read."""

from typing import Any

import pytest
from fake_source import FakeDatabase, stored_index

from couchmapper.design import Design, Index
from couchmapper.exceptions import FullScanWarning
from couchmapper.mapping import Document, Mapped, field
from couchmapper.mapping.declared import declared_for
from couchmapper.query.cursor import read_cursor
from couchmapper.query.paging import FoundPage, PageRequest, read_page
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSONObject


class Item(Document, id="{name}"):
    name: Mapped[str] = field(default="")
    rank: Mapped[int]


class Items(Design, model=Item):
    by_rank = Index(Item.rank)


(DECLARED,) = declared_for(Item)
STORED = {
    **stored_index(DECLARED.ddoc, "rank", type="item"),
    "name": DECLARED.stored_name,
}
VIEW = DECLARED.ddoc, DECLARED.stored_name
BY_RANK = (Item.rank.asc(),)


def item(number: int, **members: Any) -> JSONObject:
    return {"_id": f"{number:02}", "_rev": "1-a", "type": "item", "name": "x", "rank": number, **members}


def row(number: int, **members: Any) -> JSONObject:
    """Make the row of an index, with a document that need not be as it was when the row was made."""
    return {"id": f"{number:02}", "key": [number], "value": None, "doc": item(number, **members)}


def page(database: FakeDatabase, size: int, *, after: str | None = None, **asked: Any) -> FoundPage:
    spec = QuerySpec(model=Item, **{"order": BY_RANK, "scans": "allow", **asked})
    return read_page(spec, database.source(), PageRequest(size=size, after=after))


def ids(found: FoundPage) -> list[str]:
    return [document["_id"] for document in found.documents]


def values(cursor: str | None, **asked: Any) -> tuple[Any, ...]:
    assert cursor is not None
    return read_cursor(QuerySpec(model=Item, **{"order": BY_RANK, **asked}), cursor, b"").values


def test_the_rows_of_an_index_are_read_from_the_place_on():
    database = FakeDatabase(indexes=[STORED], views={VIEW: [row(number) for number in range(4)]})
    first = page(database, 3)
    second = page(database, 3, after=first.next)

    assert database.routes == ["indexes", "view", "view"]
    assert [asked["limit"] for asked in database.asked] == [5, 5]
    assert database.asked[0]["start_key"] == [None]
    assert (database.asked[1]["start_key"], database.asked[1]["start_key_doc_id"]) == ([2], "02")
    assert (ids(first), ids(second)) == (["00", "01", "02"], ["00", "01", "03"])


def test_a_page_is_read_by_one_request_however_large_it_is():
    database = FakeDatabase([item(number) for number in range(30)], indexed=True, indexes=[stored("rank")])
    found = page(database, 20, page_size=3)

    assert len(found.documents) == 20
    assert (database.routes, database.asked[0]["limit"]) == (["indexes", "find", "all_docs"], 21)


def stored(*fields: str) -> JSONObject:
    return stored_index("by hand", *fields)


def test_a_row_says_where_its_document_was_found():
    rows = [row(1), row(2, rank=900), row(3, rank=-900), row(4)]
    database = FakeDatabase(indexes=[STORED], views={VIEW: rows})

    assert values(page(database, 2).next) == (2, "02")
    assert values(page(database, 3).next) == (3, "03")
    assert [one["rank"] for one in page(database, 3).documents] == [1, 900, -900]


def test_a_document_that_is_not_there_any_more_ends_no_page():
    rows = [row(1), {**row(2), "doc": None}, {**row(3), "doc": {"_id": "03", "_deleted": True}}, row(4)]
    database = FakeDatabase(indexes=[STORED], views={VIEW: rows})

    assert ids(page(database, 3)) == ["01", "04"]


def test_the_document_of_the_edge_comes_again_only_when_it_has_moved_on():
    database = FakeDatabase(indexes=[STORED], views={VIEW: [row(1), row(2), row(3)]})
    cursor = page(database, 2).next

    database.views = {VIEW: [row(2), row(3)]}
    assert ids(page(database, 2, after=cursor)) == ["03"]
    database.views = {VIEW: [row(3), {**row(2, rank=5), "key": [5]}]}
    assert ids(page(database, 2, after=cursor)) == ["03", "02"]


class Moving(FakeDatabase):
    """Changes its documents so many times, each time just when they were found."""

    times = 1

    def find(self, selector: JSONObject, **options: Any) -> JSONObject:
        answer = super().find(selector, **options)
        if options.get("sort") and self.times > 0:
            self.times -= 1
            self.documents = [{**one, "_rev": one["_rev"] + "a"} for one in self.documents]
        return answer

    def all_docs(self, **options: Any) -> JSONObject:
        answer = super().all_docs(**options)
        revisions = {one["_id"]: one["_rev"] for one in self.documents}
        rows = [{**one, "value": {"rev": revisions[one["id"]]}} for one in answer["rows"]]
        return {"rows": rows}


def test_a_page_that_ends_at_a_document_that_was_just_changed_is_asked_for_again():
    database = Moving([item(number) for number in range(9)], indexed=True, indexes=[stored("rank")])

    assert values(page(database, 3).next) == (2, "02")
    assert database.routes == ["indexes", *("find", "all_docs") * 2]
    assert database.asked[1]["keys"] == ["02"]


def test_what_changes_all_the_time_is_sorted_here():
    database = Moving([item(8 - number) for number in range(9)], indexed=True, indexes=[stored("rank")])
    database.times = 99

    assert ids(page(database, 3)) == ["00", "01", "02"]
    assert database.routes == ["indexes", *("find", "all_docs") * 5, "find"]
    assert database.asked[-1]["sort"] is None


def test_what_ids_alone_order_is_not_looked_at_again():
    database = FakeDatabase([item(number) for number in range(9)])

    assert values(page(database, 3, order=()).next, order=()) == ("02",)
    assert database.routes == ["indexes", "find"]


def test_an_index_that_has_gone_is_looked_for_again():
    database = FakeDatabase([item(number) for number in range(9)], indexes=[STORED])
    database.source().known_indexes()
    database.stored = []

    assert ids(page(database, 3)) == ["00", "01", "02"]
    assert database.routes == ["indexes", "view", "indexes", "find"]


def test_another_index_under_the_name_orders_no_page():
    database = FakeDatabase([item(3), item(1), item(2)], indexed=True, indexes=[stored("rank")])
    known = database.source().known_indexes()
    database.stored = []
    found = page(database, 5)

    assert len(known) == 1
    assert ids(found) == ["01", "02", "03"]
    assert database.routes == ["indexes", "find", "indexes", "indexes", "find"]


@pytest.mark.parametrize("size", [1, 3])
def test_equal_documents_are_read_off_the_rows_although_others_are_among_them(size):
    rows = [{**row(number, rank=1), "key": [1]} for number in range(9)]
    database = FakeDatabase([one["doc"] for one in rows], indexed=True, indexes=[STORED], views={VIEW: rows})
    asked = {"where": Item.name != "y"}
    first = page(database, size, **asked)
    page(database, size, after=first.next, **asked)

    assert database.routes == ["indexes", "find", "all_docs", "view"]


def test_rows_that_are_read_in_vain_are_told_of():
    rows = [{**row(number, rank=1, name="x" if number < 3 else "y"), "key": [1]} for number in range(150)]
    documents = [one["doc"] for one in rows]
    database = FakeDatabase(documents, indexed=True, indexes=[STORED], views={VIEW: rows})
    asked = {"where": Item.name != "y", "scans": None}
    first = page(database, 2, **asked)

    with pytest.warns(FullScanWarning, match="is a scan"):
        page(database, 200, after=first.next, **asked)
