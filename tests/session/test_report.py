"""What a commit refuses and what it is refused, each told in its report."""

import math
import pickle

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import (
    DocumentInvalid,
    Forbidden,
    IdentityError,
    InvalidAnswer,
    ServerError,
)
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.messages import Response
from couchmapper.session import CommitError, Conflict
from couchmapper.transport.mock import json_response
from couchmapper.typing import JSON


class Line(Embedded):
    sku: Mapped[str]
    price: Mapped[float] = field(default=1.0)


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    lines: Mapped[list[Line]] = field(factory=list)
    notes: Mapped[JSON] = field(default=None)


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def elsewhere(database: Database, document_id: str, status: str | None) -> None:
    """Change a document as somebody else would, or delete it."""
    with database.begin() as session:
        order = session.get(Order, document_id)
        assert order is not None
        if status is None:
            session.delete(order)
        else:
            order.status = status


def failed(session) -> CommitError:
    with pytest.raises(CommitError) as caught:
        session.commit()
    return caught.value


def answer_of(*results: dict) -> Response:
    return json_response(list(results), status=201)


def test_when_a_document_does_not_fit_its_model_nothing_is_sent(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        deleted = session.get(Order, "order:1")
        wire.requests.clear()
        session.delete(deleted)
        good, wrong = Order(number=2), Order(number=3)
        session.add_all([good, wrong])
        wrong.status = 5
        error = failed(session)

        assert wire.requests == []
        assert error.report.rejected[0].document is wrong
        assert error.report.unsent == (good, deleted)
        wrong.status = "right"
        assert str(session.commit()) == "2 saved, 1 deleted"


def test_every_wrong_field_of_every_document_is_named_with_its_path(database: Database):
    with database.session() as session:
        first, second = Order(number=1, lines=[Line(sku="tea"), Line(sku="cup")]), Order(number=2)
        session.add_all([first, second])
        first.lines[1].price = "dear"
        first.status = None
        second.number = "2"
        error = failed(session)

    faults = [[fault.path for fault in invalid.faults] for invalid in error.exceptions]
    assert faults == [["status", "lines[1].price"], ["number"]]
    assert all(isinstance(invalid, DocumentInvalid) for invalid in error.exceptions)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_have_is_refused_with_its_path(database: Database, wire, number: float):
    with database.session() as session:
        order = Order(number=1, lines=[Line(sku="tea")])
        session.add(order)
        order.lines[0].price = number
        order.notes = {"deep": [0, {"er": number}]}
        error = failed(session)

    paths = [fault.path for fault in error.exceptions[0].faults]
    assert paths == ["lines[0].price", "notes.deep[1].er"]
    assert wire.requests == []


def test_text_that_is_no_unicode_is_refused_before_anything_is_sent(database: Database, wire):
    with database.session() as session:
        session.add_all(Order(number=number) for number in range(600))
        session.add(Order(number=600, lines=[Line(sku="\ud800")]))
        error = failed(session)

    assert error.report.rejected[0].document.number == 600
    assert error.exceptions[0].faults[0].path == "lines[0].sku"
    assert wire.requests == []


def test_an_id_is_for_ever(database: Database, wire):
    save(database, Order(number=1))
    wire.requests.clear()

    with database.session() as session:
        order = session.get(Order, "order:1")
        wire.requests.clear()
        vars(order)["id"] = "order:2"
        error = failed(session)

        assert isinstance(error.exceptions[0], IdentityError)
        assert "'order:1' was changed to 'order:2'" in str(error.exceptions[0])
        assert wire.requests == []
        session.rollback()
        assert order.id == "order:1"


def test_a_document_that_the_database_forbids_is_rejected_with_its_reason(database: Database):
    guard = "function (doc) { if (doc.status === 'void') throw({forbidden: 'no void orders'}); }"
    database.design.put({"_id": "_design/guard", "validate_doc_update": guard})

    with database.session() as session:
        good, bad = Order(number=1), Order(number=2, status="void")
        session.add_all([good, bad])
        error = failed(session)

        assert error.report.saved == (good,)
        assert isinstance(error.report.rejected[0].error, Forbidden)
        assert "'order:2': 403 forbidden: no void orders" in str(error.exceptions[0])
        bad.status = "new"
        assert session.commit().saved == (bad,)


@pytest.mark.parametrize(
    "answer",
    [
        json_response({"ok": True}, status=201),
        json_response(None, status=201),
        answer_of(),
        answer_of({"ok": True, "id": "order:2", "rev": "1-a"}),
        answer_of({"ok": True, "id": "order:1", "rev": "1-a"}, {"ok": True, "id": "order:2", "rev": "1-b"}),
        answer_of({}),
        answer_of({"ok": True, "id": "order:1"}),
        Response(
            status=200, headers={"content-type": "text/html"}, body=b"<html>Welcome to the hotel</html>"
        ),
    ],
)
def test_an_answer_that_is_not_the_servers_settles_nothing(database: Database, wire, answer: Response):
    wire.breaks(answer)
    wire.breaks("unsent", at="_bulk_get")

    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        error = failed(session)

        assert isinstance(error.exceptions[0], InvalidAnswer)
        assert error.report.unanswered == (order,)
        assert order.rev is None
        assert session.commit().saved == (order,)


def test_an_error_with_a_revision_is_an_error(database: Database, wire):
    result = {"id": "order:1", "rev": "1-a", "error": "forbidden", "reason": "no"}
    wire.breaks(answer_of(result))

    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        failed(session)

        assert order.rev is None


def test_a_row_that_could_not_be_read_is_no_deletion(database: Database, wire):
    save(database, Order(number=1))
    unread = {"id": "order:1", "rev": "2-a", "error": "internal_server_error", "reason": "?"}
    answer = {"id": "order:1", "docs": [{"error": unread}]}

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", "theirs")
        session.delete(order)
        wire.breaks(json_response({"results": [answer]}), at="_bulk_get")
        error = failed(session)

        assert isinstance(error.exceptions[0], ServerError)
        assert error.report.unsent == (order,)
        assert failed(session).report.conflicts[0].theirs["status"] == "theirs"


def test_a_part_of_the_errors_keeps_the_report(database: Database):
    with database.session() as session:
        session.add_all([Order(number=1, status=5), Order(number=2, status=6)])
        error = failed(session)

    part = error.subgroup(lambda invalid: getattr(invalid, "document_id", "") == "order:1")

    assert isinstance(part, CommitError)
    assert part.report is error.report
    assert len(part.exceptions) == 1


def test_the_error_travels_between_processes(database: Database):
    save(database, Order(number=1))
    with database.session() as session:
        session.get(Order, "order:1").status = "mine"
        elsewhere(database, "order:1", "theirs")
        error = failed(session)

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert str(copy) == str(error)
    assert isinstance(copy.exceptions[0].conflict, Conflict)
    assert copy.report.conflicts[0].theirs == error.report.conflicts[0].theirs
