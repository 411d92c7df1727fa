# ruff: noqa: N806 - each test declares its model, on its own database

import os
import threading
import time

import pytest

from couchmapper.connect import connect
from couchmapper.exceptions import DatabaseNotFound
from couchmapper.mapping import Document, Mapped, field

SERVER = os.environ.get("COUCHMAPPER_TEST_URL")
# A request that waits cannot be taped, so these tests need the server itself.
LIVE = {
    "memory": "memory:",
    **({"couchdb": SERVER} if SERVER and "COUCHMAPPER_RECORD" not in os.environ else {}),
}


def order_model(database):
    class Order(Document, database=database, id="order:{number}"):
        number: Mapped[int]
        status: Mapped[str] = field(default="new")

    return Order


def save(database, *documents):
    with database.begin() as session:
        session.add_all(documents)


def run(database):
    database.hooks.run(until_idle=True)


def test_the_server_chooses_the_changes(database):
    Order = order_model(database)
    seen = []
    Order.on_change(where=Order.status == "paid", name="mailer")(seen.append)
    save(database, Order(number=1), Order(number=2, status="paid"))
    database.documents.put({"_id": "customer:1", "type": "customer", "status": "paid"})

    run(database)

    (change,) = seen
    assert change.id == "order:2"
    assert change.document.rev == change.rev


def test_a_change_comes_once_when_all_goes_well(database):
    Order = order_model(database)
    seen = []
    Order.on_change(name="mailer")(seen.append)
    save(database, Order(number=1))
    run(database)
    run(database)
    with database.begin() as session:
        session.get(Order, "order:1").status = "paid"
    run(database)

    assert [change.document.status for change in seen] == ["new", "paid"]


def test_a_change_that_failed_comes_again(database):
    Order = order_model(database)
    seen = []

    @Order.on_change()
    def mailer(change):
        seen.append(change.document.number)
        if len(seen) == 2:
            raise ZeroDivisionError

    save(database, Order(number=1), Order(number=2), Order(number=3))
    with pytest.raises(ZeroDivisionError):
        run(database)
    run(database)

    assert set(seen) == {1, 2, 3}
    assert seen.count(seen[1]) == 2


def test_hooks_that_write_drive_each_other(database):
    Order = order_model(database)
    shipped = []

    @Order.on_change(where=Order.status == "new")
    def pay(change):
        with database.begin() as session:
            session.get(Order, change.id).status = "paid"

    @Order.on_change(where=Order.status == "paid")
    def ship(change):
        shipped.append(change.document.number)

    save(database, Order(number=1), Order(number=2))
    run(database)

    assert sorted(shipped) == [1, 2]


def test_more_changes_than_one_batch_holds_come(database):
    Order = order_model(database)
    seen = []
    Order.on_change(name="counter")(lambda change: seen.append(change.document.number))
    save(database, *(Order(number=number) for number in range(205)))

    run(database)

    assert sorted(seen) == list(range(205))


def test_deletions_do_not_come(database):
    Order = order_model(database)
    seen = []
    Order.on_change(name="mailer")(seen.append)
    save(database, Order(number=1), Order(number=2))
    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))
    database.bulk.docs([{**database.documents.get("order:2"), "_deleted": True}])

    run(database)

    assert seen == []


def test_a_missing_database_is_told(client, database_name):
    database = client.database(database_name)
    order_model(database).on_change(name="mailer")(lambda _: None)

    with pytest.raises(DatabaseNotFound):
        run(database)


@pytest.mark.parametrize("url", LIVE.values(), ids=LIVE.keys())
def test_a_live_run_acts_at_once_and_stops_at_once(url):
    with connect(url) as client:
        database = client.database("couchmapper-hooks-live", create=True)
        Order = order_model(database)
        seen = threading.Event()
        Order.on_change(name="mailer")(lambda _: seen.set())
        thread = threading.Thread(target=database.hooks.run)
        thread.start()
        time.sleep(0.3)  # it waits for a change now

        save(database, Order(number=1))
        assert seen.wait(5)
        start = time.monotonic()
        database.hooks.stop()
        thread.join(5)
        spent = time.monotonic() - start
        client.databases.delete("couchmapper-hooks-live")

    assert spent < 0.2
