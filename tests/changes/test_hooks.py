"""Hooks are called for the changes of their documents, at least once."""

# ruff: noqa: N806 - each test declares its model, on its own database

import pytest

from couchmapper.database import Client, Database
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import DatabaseNotFound, DocumentInvalid, HookError
from couchmapper.mapping import Change, Document, Mapped, field


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


def test_a_hook_gets_each_document_that_meets_its_condition(database: Database):
    Order = order_model(database)
    seen: list[Change] = []
    Order.on_change(where=Order.status == "paid", name="mailer")(seen.append)
    save(database, Order(number=1), Order(number=2, status="paid"))

    run(database)

    (change,) = seen
    assert (change.id, change.document.number) == ("order:2", 2)
    assert change.rev == change.document.rev == database.documents.get("order:2")["_rev"]
    assert isinstance(change.document, Order)


def test_documents_of_other_models_are_not_its_business(database: Database):
    Order = order_model(database)
    seen: list[Change] = []
    Order.on_change(name="mailer")(seen.append)
    database.documents.put({"_id": "x", "type": "customer"})
    database.documents.put({"_id": "y"})

    run(database)

    assert seen == []


def test_a_change_is_acted_on_once_when_all_goes_well(database: Database):
    Order = order_model(database)
    seen: list[Change] = []
    Order.on_change(name="mailer")(seen.append)
    save(database, Order(number=1))

    run(database)
    run(database)

    assert len(seen) == 1


def test_each_hook_has_its_own_checkpoint(database: Database):
    Order = order_model(database)
    first: list[Change] = []
    second: list[Change] = []
    Order.on_change(name="first")(first.append)
    save(database, Order(number=1))
    run(database)
    Order.on_change(name="second")(second.append)
    run(database)

    assert (len(first), len(second)) == (1, 1)


def test_an_exception_surfaces_and_its_change_comes_again(database: Database):
    Order = order_model(database)
    seen: list[int] = []

    @Order.on_change()
    def mailer(change: Change) -> None:
        seen.append(change.document.number)
        if seen.count(2) == 1 and seen[-1] == 2:
            raise ZeroDivisionError

    save(database, *(Order(number=number) for number in (1, 2, 3)))
    with pytest.raises(ZeroDivisionError):
        run(database)
    assert seen == [1, 2]
    run(database)

    assert seen == [1, 2, 2, 3]


def test_a_document_that_does_not_fit_stops_the_hook_and_is_named(database: Database):
    Order = order_model(database)
    Order.on_change(name="mailer")(lambda _: None)
    database.documents.put({"_id": "order:1", "type": "order", "number": "one"})

    with pytest.raises(DocumentInvalid, match="order:1"):
        run(database)


def test_a_hook_may_write_and_others_see_it(database: Database):
    Order = order_model(database)
    shipped: list[int] = []

    @Order.on_change(where=Order.status == "new")
    def pay(change: Change) -> None:
        with database.begin() as session:
            session.get(Order, change.id).status = "paid"

    @Order.on_change(where=Order.status == "paid")
    def ship(change: Change) -> None:
        shipped.append(change.document.number)
        with database.begin() as session:
            session.add(change.document)
            change.document.status = "shipped"

    save(database, Order(number=1), Order(number=2))
    run(database)

    assert sorted(shipped) == [1, 2]
    assert {row["doc"]["status"] for row in database.bulk.all_docs(include_docs=True)["rows"]} == {"shipped"}


def test_more_changes_than_fit_a_batch_all_come(database: Database):
    Order = order_model(database)
    seen: list[int] = []
    Order.on_change(name="counter")(lambda change: seen.append(change.document.number))
    save(database, *(Order(number=number) for number in range(450)))

    run(database)

    assert sorted(seen) == list(range(450))


def test_deleted_documents_do_not_come(database: Database):
    Order = order_model(database)
    seen: list[Change] = []
    Order.on_change(name="mailer")(seen.append)
    save(database, Order(number=1))
    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))
    stub = {"_id": "order:2", "_deleted": True, "type": "order", "number": 2}
    database.bulk.docs([stub])

    run(database)

    assert seen == []


def test_a_hook_on_a_base_class_gets_each_document_as_its_own_class(database: Database):
    class Party(Document, database=database, id="{name}", abstract=True):
        name: Mapped[str]

    class Person(Party):
        pass

    class Company(Party):
        seat: Mapped[str] = field(default="")

    seen: list[Change] = []
    Party.on_change(name="greeter")(seen.append)
    save(database, Person(name="ann"), Company(name="couch", seat="Ghent"))

    run(database)

    assert [type(change.document) for change in seen] == [Person, Company]


def test_models_without_hooks_have_nothing_to_run(database: Database):
    order_model(database)

    with pytest.raises(HookError, match="no model of 'shop' has a hook"):
        run(database)


def test_two_hooks_of_one_name_would_share_a_checkpoint(database: Database):
    order_model(database).on_change(name="mailer")(lambda _: None)

    class Customer(Document, database=database, id="customer:{code}"):
        code: Mapped[str]

    Customer.on_change(name="mailer")(lambda _: None)

    with pytest.raises(HookError, match="mailer"):
        run(database)


def test_a_missing_database_is_told():
    with Client(EmbeddedTransport()) as client:
        nowhere = client.database("nowhere")
        order_model(nowhere).on_change(name="mailer")(lambda _: None)

        with pytest.raises(DatabaseNotFound):
            run(nowhere)


def test_an_idle_run_ends_when_a_hook_stops_it(database: Database):
    Order = order_model(database)
    seen: list[int] = []

    @Order.on_change()
    def mailer(change: Change) -> None:
        seen.append(change.document.number)
        if len(seen) == 2:
            database.hooks.stop()

    save(database, *(Order(number=number) for number in range(5)))
    run(database)
    assert len(seen) == 2
    run(database)

    assert sorted(seen) == [0, 1, 2, 3, 4]


def test_stopping_what_does_not_run_changes_nothing(database: Database):
    Order = order_model(database)
    seen: list[Change] = []
    Order.on_change(name="mailer")(seen.append)
    save(database, Order(number=1))
    database.hooks.stop()

    run(database)

    assert len(seen) == 1
