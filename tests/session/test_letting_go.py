"""A session forgets what the program lets go of, and loses no change by that."""

import gc

import pytest

from couchmapper.database import Database
from couchmapper.mapping import Document, Embedded, Mapped, field

MANY = 20_000


class Line(Embedded):
    sku: Mapped[str]
    quantity: Mapped[int] = field(default=1)


class Order(Document, id="order:{number:05}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    lines: Mapped[list[Line]] = field(factory=list)


def fill(database: Database, count: int) -> None:
    lines = [{"sku": "tea", "quantity": 1}, {"sku": "cup", "quantity": 1}]
    database.bulk.docs(
        {"_id": f"order:{number:05}", "type": "order", "number": number, "status": "new", "lines": lines}
        for number in range(count)
    )


def held(session) -> int:
    return sum(len(one.identities) for one in session._workspaces)


@pytest.fixture(scope="module", autouse=True)
def collected():
    """Let go of what other tests left, so that it is not counted here."""
    gc.collect()


def test_a_loop_over_many_documents_holds_few(database: Database):
    fill(database, MANY)
    most = 0
    with database.session() as session:
        for number, _ in enumerate(session.query(Order).page_size(1000)):
            most = max(most, held(session)) if number % 100 == 0 else most

        assert number == MANY - 1
        assert most < 2500
        assert len(session.pending) == 0


def test_what_is_changed_in_the_loop_is_saved(database: Database):
    fill(database, 5000)
    with database.session() as session:
        for order in session.query(Order).page_size(1000):
            if order.number % 1000 == 7:
                order.lines[1].quantity = 5

        assert [order.number for order in session.pending] == [7, 1007, 2007, 3007, 4007]
        report = session.commit()

    assert len(report.saved) == 5
    assert database.documents.get("order:03007")["lines"][1] == {"sku": "cup", "quantity": 5}
    assert database.documents.get("order:03008")["lines"][1] == {"sku": "cup", "quantity": 1}


def test_what_is_committed_in_the_loop_is_forgotten(database: Database):
    fill(database, 3000)
    with database.session() as session:
        for order in session.query(Order).page_size(500):
            order.status = "seen"
            if order.number % 500 == 499:
                session.commit()

        assert held(session) < 2500
        assert len(session.pending) == 0
    assert database.documents.get("order:02999")["status"] == "seen"


def test_a_document_that_is_never_named_is_saved(database: Database):
    fill(database, 1)
    with database.begin() as session:
        session.get(Order, "order:00000").lines[1].quantity = 7
        gc.collect()

    assert database.documents.get("order:00000")["lines"][1]["quantity"] == 7


def test_a_part_that_is_held_longer_than_its_document_is_saved(database: Database):
    fill(database, 3000)
    with database.begin() as session:
        line = session.get(Order, "order:00000").lines[1]
        for _ in session.query(Order).page_size(1000):
            pass
        line.quantity = 7

    assert database.documents.get("order:00000")["lines"][1]["quantity"] == 7


def test_a_document_that_the_program_holds_stays_the_same(database: Database):
    fill(database, 3000)
    with database.session() as session:
        order = session.get(Order, "order:00001")
        for _ in session.query(Order).page_size(1000):
            pass

        assert session.get(Order, "order:00001") is order


def test_saved_documents_are_forgotten(database: Database):
    with database.session() as session:
        for start in range(0, 5000, 500):
            session.add_all(Order(number=number) for number in range(start, start + 500))
            session.commit()

        assert held(session) < 2500


def test_deleted_documents_are_forgotten(database: Database):
    fill(database, 500)
    with database.session() as session:
        for order in session.query(Order):
            session.delete(order)
        session.commit()

        assert held(session) == 0
