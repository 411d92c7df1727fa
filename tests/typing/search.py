"""What type checkers see of search indexes and searches. Checked, never run."""

from collections.abc import Iterator
from typing import Any, assert_type

from couchmapper import Design, Document, Mapped, SearchIndex, connect
from couchmapper.query import SearchGroup, SearchHit, SearchPage, SearchQuery

shop = connect("memory:").database("shop", create=True)


class Order(Document, database=shop):
    note: Mapped[str]
    number: Mapped[int]


class OrderSearch(Design, model=Order):
    text: SearchIndex[Order] = SearchIndex(Order.note, facet=[Order.number])
    plain = SearchIndex(Order.note)


with shop.session() as session:
    search = session.search(OrderSearch.text)
    assert_type(search, SearchQuery[Order])
    assert_type(search.where(Order.number > 5).words("tea").limit(5), SearchQuery[Order])
    assert_type(search.order_by(Order.number.desc()).matching("tea OR cup"), SearchQuery[Order])
    assert_type(iter(search), Iterator[Order])
    assert_type(search.all(), list[Order])
    assert_type(search.first(), Order | None)
    assert_type(search.hits(), Iterator[SearchHit])
    assert_type(search.page(20), SearchPage[Order])
    assert_type(search.page(20).documents, tuple[Order, ...])
    assert_type(search.counts(Order.number), dict[str, dict[str, int]])
    assert_type(search.group_by(Order.note), list[SearchGroup])
    assert_type(session.search(OrderSearch.plain), SearchQuery[Any])
