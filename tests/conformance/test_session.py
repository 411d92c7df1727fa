import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from couchmapper.database import Client
from couchmapper.exceptions import ConnectionFailed, DatabaseNotFound, DocumentNotFound, Forbidden
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.revisions import revision_id
from couchmapper.session import CommitError
from couchmapper.transport.base import TransportWrapper
from couchmapper.typing import JSON

PLACED = datetime(2026, 11, 23, 10, tzinfo=UTC)


class Line(Embedded):
    sku: Mapped[str]
    price: Mapped[Decimal] = field(default=Decimal("3.50"))


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    placed: Mapped[datetime] = field(default=PLACED)
    lines: Mapped[list[Line]] = field(factory=list)
    notes: Mapped[JSON] = field(default=None)


def save(database, *documents):
    with database.begin() as session:
        session.add_all(documents)


def elsewhere(database, status):
    """Change order 1 as somebody else would, or delete it."""
    with database.begin() as session:
        order = session.get(Order, "order:1")
        if status is None:
            session.delete(order)
        else:
            order.status = status


def failed(session):
    with pytest.raises(CommitError) as caught:
        session.commit()
    return caught.value


class Deaf(TransportWrapper):
    """Loses the answer of the next bulk write when it is told to, and the connection with it."""

    deaf = False

    def send(self, request):
        if self.deaf and request.path[-1] == "_bulk_get":
            self.deaf = False
            raise ConnectionFailed("no route", sent=False)
        response = self.inner.send(request)
        if self.deaf and request.path[-1] == "_bulk_docs":
            raise ConnectionFailed("the connection broke")
        return response


def test_a_document_lives(database):
    with database.session() as session:
        order = Order(number=1, lines=[Line(sku="tea")])
        session.add(order)
        session.commit()
        order.lines[0].price = Decimal("4.00")
        session.commit()
        assert database.documents.get("order:1") == {
            "_id": "order:1",
            "_rev": order.rev,
            "type": "order",
            "number": 1,
            "status": "new",
            "placed": "2026-11-23T10:00:00.000000Z",
            "lines": [{"sku": "tea", "price": "4.00"}],
            "notes": None,
        }
        session.delete(order)
        assert session.commit().deleted == (order,)
    with pytest.raises(DocumentNotFound, match="deleted"):
        database.documents.get("order:1")


def test_revisions_follow_from_what_is_written(database):
    with database.session() as session:
        order = Order(number=1, notes={"b": [1, 2.0, None, "é"], "a": 2**70})
        session.add(order)
        session.commit()
        written = database.documents.get("order:1")

    assert order.rev == written["_rev"] == revision_id(written, parent=None, deleted=False)


@pytest.mark.parametrize(
    "value",
    [
        {"deep": [{"er": [[]]}, {}]},
        [0, -1, 2**53 + 1, -(2**70), 10**30],
        [0.1, 1.0, -0.5, 1e21, 1e-7, math.pi, 1.7976931348623157e308],
        ["", "\x00", "é", "é", "日本語", "🦆", "\u2028", '"\\/'],
        [True, False, None],
    ],
)
def test_values_come_back_as_they_were(database, value):
    save(database, Order(number=1, notes=value))

    with database.session() as session:
        loaded = session.get(Order, "order:1").notes
        assert repr(loaded) == repr(value)
        assert str(session.commit()) == "nothing to write"


@pytest.mark.parametrize("document_id", ["a/b", "a+b", "a b", "%2F", "ümläut", "🦆", "x?y#z", "a:b", "'\""])
def test_any_text_may_be_an_id(database, document_id):
    save(database, Order(number=1, id=document_id))

    with database.begin() as session:
        assert session.get_many(Order, [document_id])[0].id == document_id
        session.delete(session.get(Order, document_id))
    assert database.information()["doc_count"] == 0


def test_many_documents_are_read_at_once(database):
    save(database, Order(number=1), Order(number=2), Order(number=3))
    with database.begin() as session:
        session.delete(session.get(Order, "order:2"))

    with database.session() as session:
        found = session.get_many(Order, ["order:3", "order:2", "order:9", "order:1"])

    assert [order and order.number for order in found] == [3, None, None, 1]


def test_a_conflict_holds_base_mine_and_theirs(database):
    save(database, Order(number=1), Order(number=2))

    with database.session() as session:
        first, second = session.get_many(Order, ["order:1", "order:2"])
        elsewhere(database, "theirs")
        first.status = second.status = "mine"
        report = failed(session).report
        conflict = report.conflicts[0]

        assert report.saved == (second,)
        assert conflict.base["status"] == "new"
        assert conflict.mine["status"] == "mine"
        assert conflict.theirs == database.documents.get("order:1")
        session.refresh(first)
        first.status = "mine after all"
        assert session.commit().saved == (first,)
    assert database.documents.get("order:1")["status"] == "mine after all"


def test_an_equal_edit_is_no_conflict(database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "paid")
        order.status = "paid"

        assert session.commit().saved == (order,)
        assert order.rev == database.documents.get("order:1")["_rev"]


def test_a_new_document_meets_another_one(database):
    save(database, Order(number=1, status="theirs"))

    with database.session() as session:
        session.add(Order(number=1, status="mine"))
        conflict = failed(session).report.conflicts[0]

    assert conflict.base is None
    assert conflict.theirs["status"] == "theirs"


def test_a_change_meets_a_deletion(database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, None)
        order.status = "mine"
        assert failed(session).report.conflicts[0].theirs is None
        session.delete(order)
        session.commit()
        session.add(order)
        session.commit()
    assert database.documents.get("order:1")["status"] == "mine"


def test_a_deletion_meets_a_change(database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "theirs")
        session.delete(order)
        conflict = failed(session).report.conflicts[0]
        assert conflict.mine is None
        assert conflict.theirs["status"] == "theirs"
        session.refresh(order)
        session.delete(order)
        session.commit()
    assert database.information()["doc_del_count"] == 1


def test_a_deletion_meets_a_deletion(database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, None)
        session.delete(order)

        assert session.commit().deleted == (order,)


def test_a_document_is_made_anew_over_its_tombstone(database):
    save(database, Order(number=1))
    elsewhere(database, None)
    save(database, Order(number=1, status="again"))

    document = database.documents.get("order:1")
    assert document["status"] == "again"
    assert document["_rev"].startswith("3-")


@pytest.mark.parametrize("second", ["paid", "shipped"])
def test_a_write_whose_answer_was_lost_is_found(client, database, second):
    wire = Deaf(client.transport)
    mine = Client(wire).database(database.name)
    save(database, Order(number=1))

    with mine.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        wire.deaf = True
        assert failed(session).report.unanswered == (order,)
        order.status = second

        assert session.commit().saved == (order,)
    document = database.documents.get("order:1")
    assert document["status"] == second
    assert document["_rev"] == order.rev


def test_a_deletion_whose_answer_was_lost_can_be_taken_back(client, database):
    wire = Deaf(client.transport)
    mine = Client(wire).database(database.name)
    save(database, Order(number=1))

    with mine.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        wire.deaf = True
        failed(session)
        session.add(order)

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "new"


def test_what_the_database_forbids_is_rejected_with_its_reason(database):
    guard = "function (doc) { if (doc.status === 'void') { throw({forbidden: 'no void orders'}); } }"
    database.design.put({"_id": "_design/guard", "validate_doc_update": guard})

    with database.session() as session:
        good, bad = Order(number=1), Order(number=2, status="void")
        session.add_all([good, bad])
        report = failed(session).report

    assert report.saved == (good,)
    assert report.rejected[0].document is bad
    assert isinstance(report.rejected[0].error, Forbidden)
    assert report.rejected[0].error.reason == "no void orders"
    assert report.rejected[0].error.request == "POST /{db}/_bulk_docs, 'order:2'"


def test_more_documents_than_fit_one_request_are_saved(database):
    save(database, *(Order(number=number) for number in range(501)))

    assert database.information()["doc_count"] == 501


def test_a_missing_database_is_told(client, database_name):
    database = client.database(database_name)

    with database.session() as session:
        with pytest.raises(DatabaseNotFound):
            session.get(Order, "order:1")
        with pytest.raises(DatabaseNotFound):
            session.get_many(Order, ["order:1"])
        with pytest.raises(DatabaseNotFound):
            session.query(Order).all()
        session.add(Order(number=1))
        error = failed(session)

    assert isinstance(error.exceptions[0], DatabaseNotFound)
    assert len(error.report.unsent) == 1
