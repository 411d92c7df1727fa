"""What type checkers see of view queries. Checked, never run."""

from collections.abc import Iterator
from typing import Any, assert_type

from couchmapper import Count, Design, Document, Mapped, Ref, Row, View, ViewPage, ViewQuery, connect, field
from couchmapper.mapping.links import Link

shop = connect("memory:").database("shop", create=True)


class Customer(Document, database=shop, id="customer:{name}"):
    name: Mapped[str]


class Order(Document, database=shop, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    note: Mapped[str | None] = field(default=None)
    paid: Mapped[bool] = field(default=False)
    customer: Mapped[Ref[Customer] | None] = field(default=None)


class OrderViews(Design, model=Order):
    by_status = View(key=Order.status)
    by_customer = View(key=Order.customer, value=Order.number)
    by_two = View(key=(Order.status, Order.number), value=Order.paid, reduce=Count())
    by_three = View(key=(Order.status, Order.number, Order.paid))
    by_four = View(key=(Order.status, Order.number, Order.paid, Order.note), reduce=Count())
    customers = View(key=Order.number, link=Order.customer)
    counted = View(key=Order.number, link=Order.customer, reduce=Count())


with shop.session() as session:
    texts = session.view(OrderViews.by_status)
    assert_type(texts, ViewQuery[str, None, None])
    assert_type(texts.key("new"), ViewQuery[str, None, None])
    assert_type(texts.keys(["new"]).limit(1).skip(1), ViewQuery[str, None, None])
    assert_type(texts.range("a", "b", inclusive_end=False).descending(), ViewQuery[str, None, None])
    assert_type(texts.range(end="b"), ViewQuery[str, None, None])
    assert_type(texts.range(..., "b"), ViewQuery[str, None, None])
    assert_type(texts.prefix("n"), ViewQuery[str, None, None])
    assert_type(texts.partition("p").update("lazy").stable(), ViewQuery[str, None, None])
    assert_type(iter(texts), Iterator[Row[str, None]])
    assert_type(texts.all(), list[Row[str, None]])
    assert_type(texts.first(), Row[str, None] | None)
    assert_type(texts.one(), Row[str, None])
    assert_type(texts.one_or_none(), Row[str, None] | None)
    assert_type(texts.count(), int)
    assert_type(texts.page(5, after=None), ViewPage[str, None])
    assert_type(texts.page(5).rows, tuple[Row[str, None], ...])
    assert_type(texts.page(5).next, str | None)
    assert_type(texts.to_dicts(), list[dict[str, Any]])
    assert_type(texts.documents(), Iterator[Document])
    assert_type(texts.documents(Order, unique=True), Iterator[Order])
    texts.key(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    texts.keys([5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    texts.range(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    texts.prefix(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    texts.update("later")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    of_customer = session.view(OrderViews.by_customer)
    assert_type(of_customer, ViewQuery[Ref[Customer], int, int])
    assert_type(of_customer.key("customer:ann"), ViewQuery[Ref[Customer], int, int])
    assert_type(of_customer.key(Customer(name="ann")), ViewQuery[Ref[Customer], int, int])
    assert_type(of_customer.keys([Ref("customer:ann")]), ViewQuery[Ref[Customer], int, int])
    of_customer.key(Order(number=1))  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]

    pairs = session.view(OrderViews.by_two)
    assert_type(pairs, ViewQuery[tuple[str, int], int, bool])
    assert_type(pairs.rows(), ViewQuery[tuple[str, int], bool, bool])
    assert_type(pairs.group(), ViewQuery[tuple[str, int], int, bool])
    assert_type(pairs.group(level=1), ViewQuery[tuple[Any, ...], int, bool])
    assert_type(pairs.value(), int | None)
    assert_type(pairs.prefix(("new",)), ViewQuery[tuple[str, int], int, bool])
    assert_type(pairs.range(("new",), ("paid", 5)), ViewQuery[tuple[str, int], int, bool])
    pairs.key(("new", "one"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    pairs.prefix((5,))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    pairs.range((5,))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    triples = session.view(OrderViews.by_three)
    assert_type(triples, ViewQuery[tuple[str, int, bool], None, None])
    assert_type(triples.prefix(("new", 1)), ViewQuery[tuple[str, int, bool], None, None])
    triples.prefix((1,))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    assert_type(session.view(OrderViews.by_four), ViewQuery[tuple[Any, ...], int, None])

    assert_type(session.view(OrderViews.customers).documents(), Iterator[Customer])
    assert_type(session.view(OrderViews.customers).first(), Row[int, Link[Customer]] | None)
    assert_type(session.view(OrderViews.counted).value(), int | None)
    assert_type(session.view(OrderViews.counted).rows().documents(), Iterator[Customer])
