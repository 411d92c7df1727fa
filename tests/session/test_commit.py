"""What a commit writes, what it reports, and what it leaves to be done."""

import math

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import (
    ConnectionFailed,
    DocumentConflict,
    InvalidJSON,
    SessionError,
    TooLarge,
)
from couchmapper.jsonio import loads
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.session import CommitError, CommitReport
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


def statuses(database: Database) -> dict[str, str]:
    rows = database.bulk.all_docs(include_docs=True)["rows"]
    return {row["id"]: row["doc"]["status"] for row in rows}


def test_the_report_names_what_was_saved_and_deleted(database: Database):
    save(database, Order(number=1), Order(number=2), Order(number=3))

    with database.session() as session:
        changed, deleted, _ = session.get_many(Order, ["order:1", "order:2", "order:3"])
        new = Order(number=4)
        session.add(new)
        session.delete(deleted)
        changed.status = "paid"
        report = session.commit()

    assert report == CommitReport(saved=(changed, new), deleted=(deleted,))
    assert report
    assert str(report) == "2 saved, 1 deleted"


def test_everything_goes_in_one_request(database: Database, wire):
    save(database, Order(number=1))
    wire.requests.clear()

    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))
        session.add_all(Order(number=number) for number in range(2, 300))

    assert len(wire.bodies()) == 1


def test_more_than_five_hundred_documents_go_in_several_requests(database: Database, wire):
    with database.begin() as session:
        session.add_all(Order(number=number) for number in range(1201))

    assert [len(loads(body)["docs"]) for body in wire.bodies()] == [500, 500, 201]
    assert database.information()["doc_count"] == 1201


def test_large_documents_go_in_several_requests(database: Database, wire):
    with database.begin() as session:
        session.add_all(Order(number=number, status="x" * 3_000_000) for number in range(5))

    assert [len(loads(body)["docs"]) for body in wire.bodies()] == [2, 2, 1]


def test_a_request_that_the_server_finds_too_large_is_split(database: Database, wire):
    refusal = json_response({"error": "too_large", "reason": "the request entity is too large"}, status=413)
    wire.breaks(refusal, refusal)

    with database.begin() as session:
        session.add_all(Order(number=number) for number in range(8))

    assert [len(loads(body)["docs"]) for body in wire.bodies()] == [8, 4, 2, 2, 2, 2]
    assert database.information()["doc_count"] == 8


def test_a_document_that_is_too_large_alone_is_rejected_and_the_others_are_saved(database: Database, wire):
    refusal = json_response({"error": "document_too_large", "reason": "order:0"}, status=413)
    wire.breaks(refusal)

    with database.session() as session:
        orders = [Order(number=number) for number in range(2)]
        session.add_all(orders)
        error = failed(session)

    assert error.report.saved == (orders[1],)
    assert error.report.rejected[0].document is orders[0]
    assert isinstance(error.report.rejected[0].error, TooLarge)


def test_a_conflict_carries_base_mine_and_theirs(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", "theirs")
        order.status = "mine"
        conflict = failed(session).report.conflicts[0]

    assert conflict.document is order
    assert (conflict.base["status"], conflict.mine["status"], conflict.theirs["status"]) == (
        "new",
        "mine",
        "theirs",
    )
    assert conflict.theirs == database.documents.get("order:1")
    assert conflict.base["_rev"] == conflict.mine["_rev"] == order.rev


def test_the_error_of_a_commit_says_who_was_faster(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        session.get(Order, "order:1").status = "mine"
        elsewhere(database, "order:1", "theirs")
        error = failed(session)

    assert isinstance(error, SessionError)
    assert error.message == "the commit is not complete: 1 in conflict"
    assert isinstance(error.exceptions[0], DocumentConflict)
    assert "'order:1': somebody else saved revision 2-" in str(error.exceptions[0])
    assert "session.refresh(document)" in str(error.exceptions[0])


def test_a_document_in_conflict_stays_as_it_is_and_is_tried_again(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", "theirs")
        order.status = "mine"
        before = order.rev
        failed(session)

        assert (order.status, order.rev) == ("mine", before)
        assert len(failed(session).report.conflicts) == 1
    assert statuses(database) == {"order:1": "theirs"}


def test_after_refresh_the_change_can_be_made_again(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", "theirs")
        order.status = "mine"
        failed(session)
        session.refresh(order)
        assert order.status == "theirs"
        order.status = "mine after theirs"

        assert session.commit().saved == (order,)
    assert statuses(database) == {"order:1": "mine after theirs"}


def test_a_new_document_under_a_taken_id_is_a_conflict_without_a_base(database: Database):
    save(database, Order(number=1, status="theirs"))

    with database.session() as session:
        session.add(Order(number=1, status="mine"))
        conflict = failed(session).report.conflicts[0]

    assert conflict.base is None
    assert conflict.theirs["status"] == "theirs"


def test_an_equal_edit_by_somebody_else_is_no_conflict(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", "paid")
        order.status = "paid"
        wire.requests.clear()

        assert session.commit().saved == (order,)
    assert order.rev == database.documents.get("order:1")["_rev"]
    assert order.rev.startswith("2-")


def test_a_changed_document_that_was_deleted_is_a_conflict_without_theirs(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", None)
        order.status = "mine"
        error = failed(session)

    assert error.report.conflicts[0].theirs is None
    assert error.report.conflicts[0].mine["status"] == "mine"
    assert "somebody else deleted it" in str(error.exceptions[0])


def test_what_was_deleted_can_be_made_anew_by_agreeing_first(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", None)
        order.status = "mine"
        failed(session)
        session.delete(order)
        assert session.commit().deleted == (order,)
        session.add(order)
        assert session.commit().saved == (order,)

    assert statuses(database) == {"order:1": "mine"}


def test_deleting_what_was_changed_meanwhile_is_a_conflict_without_mine(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", "theirs")
        session.delete(order)
        conflict = failed(session).report.conflicts[0]

        assert conflict.mine is None
        assert conflict.theirs["status"] == "theirs"
        session.refresh(order)
        session.delete(order)
        assert session.commit().deleted == (order,)
    assert statuses(database) == {}


def test_deleting_what_is_deleted_already_is_done(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, "order:1", None)
        session.delete(order)

        assert session.commit().deleted == (order,)
        assert str(session.commit()) == "nothing to write"


def test_the_documents_beside_a_conflict_are_saved_and_know_it(database: Database, wire):
    save(database, *(Order(number=number) for number in range(4)))

    with database.session() as session:
        orders = session.get_many(Order, [f"order:{number}" for number in range(4)])
        elsewhere(database, "order:1", "theirs")
        for order in orders:
            order.status = "mine"
        error = failed(session)
        assert [document.number for document in error.report.saved] == [0, 2, 3]
        assert orders[0].rev.startswith("2-")

        wire.requests.clear()
        session.refresh(orders[1])
        assert str(session.commit()) == "nothing to write"
        assert wire.bodies() == []
    assert statuses(database) == {
        "order:0": "mine",
        "order:1": "theirs",
        "order:2": "mine",
        "order:3": "mine",
    }


def test_a_deletion_goes_to_the_id_under_which_the_document_was_loaded(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        vars(order)["id"] = "order:2"
        session.commit()

        assert str(session.commit()) == "nothing to write"
    assert statuses(database) == {}


def test_a_connection_that_is_lost_between_batches_leaves_the_rest_to_do(database: Database, wire):
    wire.breaks("passes", "unsent")

    with database.session() as session:
        session.add_all(Order(number=number) for number in range(1200))
        error = failed(session)

        assert str(error.report) == "500 saved, 700 not sent"
        assert isinstance(error.exceptions[0], ConnectionFailed)
        assert error.__cause__ is error.exceptions[0]
        assert len(session.commit().saved) == 700
    assert database.information()["doc_count"] == 1200


def test_nothing_to_write_asks_nothing(database: Database, wire):
    with database.session() as session:
        report = session.commit()

    assert report
    assert str(report) == "nothing to write"
    assert wire.requests == []


def test_what_a_function_decides_must_be_json(database: Database):
    save(database, Order(number=1))

    with database.session(on_conflict=lambda conflict: {**conflict.mine, "extra": math.nan}) as session:
        session.get(Order, "order:1").status = "mine"
        elsewhere(database, "order:1", "theirs")
        error = failed(session)

    assert isinstance(error.exceptions[0], InvalidJSON)
    assert "extra" in str(error.exceptions[0])
    assert database.documents.get("order:1")["status"] == "theirs"


def test_who_loses_again_takes_smaller_steps(database: Database, wire):
    def lost(numbers: range):
        return json_response([{"id": f"order:{one}", "error": "conflict", "reason": "?"} for one in numbers])

    wire.breaks(lost(range(8)), lost(range(8)), lost(range(4)), lost(range(4, 8)))

    with database.begin() as session:
        session.add_all(Order(number=number) for number in range(8))

    assert [len(loads(body)["docs"]) for body in wire.bodies()] == [8, 8, 4, 4, 2, 2, 2, 2]
    looks = [request.body for request in wire.requests if request.path[-1] == "_bulk_get"]
    assert [len(loads(body)["docs"]) for body in looks] == [8, 4, 4, 2, 2, 2, 2]
