"""What is sold is taken from the stock once, and what two tills change at once is merged."""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import orders
import pytest

from couchmapper import Database, connect

URLS = ["memory:", "sqlite"] + [url for url in [os.environ.get("COUCHMAPPER_TEST_URL")] if url]

pytestmark = pytest.mark.xdist_group("orders")


@pytest.fixture(params=URLS, ids=lambda url: url.partition(":")[0])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'orders.db'}" if request.param == "sqlite" else request.param
    with connect(url) as client:
        database = orders.fresh_database(client)
        orders.fill(database)
        yield database
        client.databases.delete(orders.DATABASE)


def stock(database: Database) -> dict[str, int]:
    with database.session() as session:
        return {product.sku: product.stock for product in session.query(orders.Product)}


def test_an_order_takes_from_the_stock(database: Database):
    order = orders.place(database, 1, "ann", {"sencha": 2, "cup": 1})

    assert order.total == Decimal("29.00")
    assert stock(database) == {"sencha": 18, "cup": 2}


def test_an_order_that_cannot_be_filled_leaves_everything_as_it_was(database: Database):
    with pytest.raises(orders.SoldOutError, match="Cup: 3 left, 4 wanted"):
        orders.place(database, 1, "ann", {"sencha": 2, "cup": 4})

    assert stock(database) == {"sencha": 20, "cup": 3}
    with database.session() as session:
        assert session.query(orders.Order).all() == []


def test_customers_and_products_come_with_one_request(database: Database):
    for number in range(1, 4):
        orders.place(database, number, "ann", {"sencha": 1})

    with database.session() as session:
        assert orders.receipts(session) == ["Ann: 1 Sencha; 8.50 EUR, thank you"] * 3

    with database.session(max_requests=2) as session:
        found = session.query(orders.Order).include(orders.Order.customer, orders.Line.product).all()
        assert {order.lines[0].product.document.name for order in found} == {"Sencha"}


def test_two_changes_at_once_are_both_there(database: Database):
    sencha = orders.change_at_once(database, "sencha")

    assert (sencha.price, sencha.stock, sencha.tags) == (Decimal("9.00"), 119, {"green", "new harvest"})
    assert stock(database)["sencha"] == 119


def test_the_program_prints_what_became_of_it(capsys: pytest.CaptureFixture[str]):
    orders.main("memory:")

    assert capsys.readouterr().out.splitlines() == [
        "not ordered: Cup: 2 left, 5 wanted",
        "Ann: 2 Sencha, 1 Cup; 29.00 EUR, thank you",
        "Sencha: 9.00 EUR, 117 in stock, green, new harvest",
    ]
