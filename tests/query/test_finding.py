"""What is asked of `_find`, and what its answers mean."""

from itertools import chain
from typing import Any

import attrs
import pytest
from fake_source import FakeDatabase, stored_index

from couchmapper.exceptions import BadRequest, FullScanRefused, InvalidAnswer
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.finding import Finding, OrderUnknown
from couchmapper.query.plan import Find
from couchmapper.query.planner import plan
from couchmapper.query.scans import Watch
from couchmapper.query.source import Source
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSONObject

INDEX = stored_index("by_rank", "rank")


class Item(Document):
    name: Mapped[str]
    rank: Mapped[int] = field(default=0)


class Refusing(FakeDatabase):
    """Refuses what it is asked first, and answers from then on."""

    def __init__(self, *refusals: BadRequest, **options: Any) -> None:
        super().__init__(**options)
        self.refusals = list(refusals)

    def find(self, selector: JSONObject, **options: Any) -> JSONObject:
        answer = super().find(selector, **options)
        if self.refusals:
            raise self.refusals.pop(0)
        return answer


def documents(count: int) -> list[JSONObject]:
    return [
        {"_id": f"{number:04}", "_rev": "1-a", "type": "item", "name": "x", "rank": number // 3}
        for number in range(count)
    ]


def finding(source: Source, *fields: str, **asked: Any) -> Finding:
    """Return how a query is asked."""
    spec = QuerySpec(model=Item, **{"scans": "allow", **asked})
    how = plan(spec, source.known_indexes())
    assert isinstance(how, Find)
    return Finding(source=source, plan=how, watch=Watch(spec, how), fields=[(one,) for one in fields])


def ids_of(pages) -> list[str]:
    return [document["_id"] for document in chain.from_iterable(pages)]


def test_a_query_without_an_index_names_none():
    find = FakeDatabase(documents(2))

    finding(find.source(), where=Item.name == "x").answer(limit=5)

    (asked,) = find.asked
    assert asked["selector"].items() >= {"type": "item", "name": "x"}.items()
    assert asked["limit"] == 5
    named = ("use_index", "allow_fallback", "fields", "execution_stats")
    assert not any(asked[name] for name in named)


def test_an_index_is_named():
    find = FakeDatabase(documents(2), indexed=True, indexes=[INDEX])

    finding(find.source(), where=Item.rank >= 0, order=(Item.rank.asc(),)).answer(limit=5)

    (asked,) = find.asked
    assert asked["use_index"] == ["_design/by_rank", "by_rank"]
    assert asked["sort"] == [{"rank": "asc"}]
    assert asked["allow_fallback"] is None


@pytest.mark.parametrize(
    ("scans", "counted"), [("allow", None), (None, True), ("warn", True), ("forbid", True)]
)
def test_the_server_counts_unless_scans_are_allowed(scans, counted):
    find = FakeDatabase(documents(2), indexed=True, indexes=[INDEX])

    finding(find.source(), where=Item.rank > 0, scans=scans).answer(limit=5)

    assert find.asked[0]["execution_stats"] is counted


def test_where_scans_are_forbidden_no_other_index_is_allowed():
    find = FakeDatabase(documents(2), indexed=True, indexes=[INDEX])

    finding(find.source(), where=Item.rank > 0, scans="forbid").answer(limit=5)

    assert find.asked[0]["allow_fallback"] is False


def test_a_server_that_does_not_know_that_is_asked_without_from_then_on():
    unknown = BadRequest("Invalid key allow_fallback for this request.", error="invalid_key")
    find = Refusing(unknown, documents=documents(2), indexed=True, indexes=[INDEX])
    asked = finding(find.source(), where=Item.rank > 0, scans="forbid")

    asked.answer(limit=5)
    asked.answer(limit=5)

    assert [one["allow_fallback"] for one in find.asked] == [False, None, None]
    assert not find.notes.knows_fallback


def test_a_key_that_it_does_not_know_beside_that_is_an_error():
    unknown = [BadRequest("Invalid key", error="invalid_key") for _ in range(2)]
    find = Refusing(*unknown, documents=documents(2), indexed=True, indexes=[INDEX])

    with pytest.raises(BadRequest):
        finding(find.source(), where=Item.rank > 0, scans="forbid").answer(limit=5)

    assert len(find.asked) == 2


def test_an_index_that_is_gone_where_scans_are_forbidden_is_told_and_forgotten():
    gone = BadRequest("_design/by_rank, by_rank specified by `use_index` ...", error="invalid_index")
    find = Refusing(gone, documents=documents(2), indexed=True, indexes=[INDEX])
    asked = finding(find.source(), where=Item.rank > 0, scans="forbid")
    assert find.notes.indexes

    with pytest.raises(FullScanRefused, match="the index that serves the query is gone") as caught:
        asked.answer(limit=5)

    assert isinstance(caught.value.__cause__, BadRequest)
    assert find.notes.indexes is None


def test_another_refusal_is_passed_on():
    find = Refusing(BadRequest("no", error="bad_request"), documents=documents(2))

    with pytest.raises(BadRequest, match="no"):
        finding(find.source()).answer(limit=5)


def test_fields_are_asked_for_with_those_that_place_a_document():
    find = FakeDatabase(documents(2), indexed=True, indexes=[INDEX])

    finding(find.source(), "name", where=Item.rank >= 0, order=(Item.rank.asc(),)).answer(limit=5)

    assert sorted(find.asked[0]["fields"]) == ["_id", "name", "rank"]


def test_without_fields_whole_documents_are_asked_for():
    find = FakeDatabase(documents(2))

    finding(find.source()).answer(limit=5)

    assert find.asked[0]["fields"] is None


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8])
@pytest.mark.parametrize("limit", [None, 0, 1, 5, 7, 9])
def test_pages_give_everything_once(size, limit):
    find = FakeDatabase(documents(7))

    pages = [*finding(find.source()).pages(size, limit=limit)]

    assert ids_of(pages) == [f"{number:04}" for number in range(7)][:limit]
    assert all(len(page) == size for page in pages[:-1])


def test_a_bookmark_that_leads_to_the_same_page_is_an_error():
    class Stuck(FakeDatabase):
        def find(self, selector: JSONObject, **options: Any) -> JSONObject:
            return super().find(selector, **{**options, "bookmark": None})

    asked = finding(Stuck(documents(5), bookmark="x").source())
    unordered = attrs.evolve(asked, plan=attrs.evolve(asked.plan, rows=()))

    with pytest.raises(InvalidAnswer, match="the bookmark of a full page leads to the same page"):
        ids_of(unordered.pages(2))


def test_an_index_that_was_not_used_is_told_where_pages_need_its_order():
    told = "_design/by_rank, by_rank was not used because it does not exist."
    find = FakeDatabase(documents(5), indexed=True, indexes=[INDEX], warning=told)
    asked = finding(find.source(), where=Item.rank >= 0, order=(Item.rank.asc(),))

    with pytest.raises(OrderUnknown):
        ids_of(asked.pages(2))


def test_pages_do_not_go_on_by_another_index_that_is_under_the_name():
    find = FakeDatabase(documents(5)[::-1], indexed=True, indexes=[INDEX])
    asked = finding(find.source(), where=Item.rank >= 0)
    find.stored = [stored_index("by_rank", "name")]

    with pytest.raises(OrderUnknown, match="another index is under the name"):
        ids_of(asked.pages(2))


def test_a_bookmark_of_another_index_that_is_under_the_name_leads_nowhere():
    find = FakeDatabase(documents(6), indexed=True, indexes=[INDEX])
    pages = finding(find.source(), where=Item.rank >= 0).pages(2)
    next(pages)
    find.documents = [*find.documents[4:], *find.documents[:4]]
    find.stored = [stored_index("by_rank", "name")]

    with pytest.raises(OrderUnknown, match="another index is under the name"):
        ids_of(pages)


def test_documents_that_seem_to_have_changed_places_are_those_of_the_index_as_long_as_it_is_there():
    find = FakeDatabase(documents(5)[::-1], indexed=True, indexes=[INDEX])
    pages = finding(find.source(), where=Item.rank >= 0).pages(2)

    assert [one["_id"] for one in next(pages)] == ["0004", "0003"]
    assert find.routes.count("indexes") == 2


def test_the_watch_counts_what_the_server_examined():
    told = {"execution_stats": {"total_docs_examined": 40, "total_keys_examined": 70}}
    find = FakeDatabase(documents(5), **told)
    asked = finding(find.source(), scans=None)

    ids_of(asked.pages(2))

    pages = find.routes.count("find")
    assert (asked.watch.examined, asked.watch.returned) == (70 * pages, 5)
