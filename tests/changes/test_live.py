"""Live runs: hooks act on what comes, until somebody stops them."""

# ruff: noqa: N806 - each test declares its model, on its own database

import threading
import time
from contextlib import contextmanager

import pytest

from couchmapper.changes.hooks import Hooks
from couchmapper.database import Client, Database
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import ConnectionFailed, HookError
from couchmapper.mapping import Change, Document, Mapped, field
from couchmapper.messages import Request, Response
from couchmapper.transport.base import TransportWrapper


def order_model(database: Database) -> type[Document]:
    class Order(Document, database=database, id="order:{number}"):
        number: Mapped[int]
        status: Mapped[str] = field(default="new")

    return Order


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def run(database: Database) -> None:
    database.hooks.run(until_idle=True)


@contextmanager
def live(hooks: Hooks):
    """Run hooks in a thread, and yield the list that gets the exception of the run."""
    raised: list[BaseException] = []

    def target() -> None:
        try:
            hooks.run()
        except BaseException as error:  # noqa: BLE001
            raised.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield raised
    finally:
        while thread.is_alive():
            hooks.stop()
            thread.join(0.05)


def wait_until(condition) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it did not happen within five seconds")


def test_the_checkpoint_outlives_the_program(database: Database):
    for number in (1, 2):
        program = Database(database.transport, database.name)
        Order = order_model(program)
        seen: list[Change] = []
        Order.on_change(name="mailer")(seen.append)
        save(program, Order(number=number))
        run(program)

        assert [change.document.number for change in seen] == [number]


def test_the_hooks_of_a_base_class_run_where_its_subclasses_live(database: Database):
    class Party(Document, id="{name}", abstract=True):
        name: Mapped[str]

    class Person(Party, database=database):
        pass

    class Company(Party, database=database):
        pass

    seen: list[Change] = []
    Party.on_change(name="greeter")(seen.append)
    save(database, Person(name="ann"), Company(name="couch"))

    run(database)

    assert len(seen) == 2


def test_a_live_run_acts_on_what_was_and_on_what_comes(database: Database):
    Order = order_model(database)
    seen: list[int] = []
    Order.on_change(name="mailer")(lambda change: seen.append(change.document.number))
    save(database, Order(number=1))

    with live(database.hooks):
        wait_until(lambda: seen == [1])
        save(database, Order(number=2))
        wait_until(lambda: seen == [1, 2])


def test_a_live_run_stops_at_once(database: Database):
    Order = order_model(database)
    seen: list[Change] = []
    Order.on_change(name="mailer")(seen.append)
    save(database, Order(number=1))

    with live(database.hooks):
        wait_until(lambda: seen)
        time.sleep(0.05)
        start = time.monotonic()
        database.hooks.stop()
        wait_until(lambda: not database.hooks._running.locked())

    assert time.monotonic() - start < 0.2


def test_a_live_run_leaves_the_rest_of_a_batch_when_it_is_stopped(database: Database):
    Order = order_model(database)
    seen: list[Change] = []

    @Order.on_change()
    def slow(change: Change) -> None:
        seen.append(change)
        time.sleep(0.005)

    save(database, *(Order(number=number) for number in range(100)))
    with live(database.hooks):
        wait_until(lambda: seen)
        database.hooks.stop()
    assert len(seen) < 50
    run(database)

    assert len({change.id for change in seen}) == len(seen) == 100


def test_what_a_hook_raises_in_a_live_run_is_raised_by_run(database: Database):
    Order = order_model(database)
    calls: list[int] = []

    @Order.on_change()
    def mailer(change: Change) -> None:
        calls.append(change.document.number)
        if change.document.number == 2:
            raise ZeroDivisionError

    save(database, Order(number=1))
    with live(database.hooks) as raised:
        wait_until(lambda: calls)
        save(database, Order(number=2))
        wait_until(lambda: raised)

    assert isinstance(raised[0], ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        run(database)


def test_a_hook_may_stop_a_live_run(database: Database):
    Order = order_model(database)
    Order.on_change(name="mailer")(lambda _: database.hooks.stop())

    threading.Timer(0.1, save, (database, Order(number=1))).start()
    database.hooks.run()

    run(database)


def test_a_run_that_waits_still_takes_no_part_in_the_next_one(database: Database):
    Order = order_model(database)
    seen: list[int] = []
    Order.on_change(name="mailer")(lambda change: seen.append(change.document.number))

    for _ in range(3):
        with live(database.hooks):
            time.sleep(0.05)
    with live(database.hooks):
        time.sleep(0.05)
        save(database, Order(number=1))
        wait_until(lambda: seen)
        time.sleep(0.1)

    assert seen == [1]


def test_one_run_at_a_time(database: Database):
    Order = order_model(database)
    Order.on_change(name="mailer")(lambda _: None)

    with live(database.hooks):
        wait_until(database.hooks._running.locked)
        with pytest.raises(HookError, match="running already"):
            run(database)


def test_a_lost_connection_ends_a_live_run():
    class Breakable(TransportWrapper):
        broken = False

        def send(self, request: Request) -> Response:
            if self.broken and request.query.get("feed") == "longpoll":
                raise ConnectionFailed("gone")
            return self.inner.send(request)

    with Client(Breakable(EmbeddedTransport())) as client:
        database = client.database("shop", create=True)
        order_model(database).on_change(name="mailer")(lambda _: None)
        client.transport.broken = True

        with pytest.raises(ConnectionFailed):
            database.hooks.run()


def test_the_threads_of_a_live_run_are_named_and_hinder_no_exit(database: Database):
    order_model(database).on_change(name="mailer")(lambda _: None)
    before = set(threading.enumerate())

    with live(database.hooks):
        wait_until(
            lambda: any(thread.name == "hook mailer" for thread in set(threading.enumerate()) - before)
        )
        (thread,) = (t for t in set(threading.enumerate()) - before if t.name == "hook mailer")

    assert thread.daemon
