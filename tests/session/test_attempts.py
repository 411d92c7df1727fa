"""Writes whose answer was lost: they are neither repeated nor taken for somebody else's."""

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import ConnectionFailed, DocumentNotFound, ServerError
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import CommitError, CommitReport
from couchmapper.transport.mock import json_response


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def unheard(session, wire) -> CommitReport:
    """Commit, and lose the answer and the connection with it."""
    wire.breaks("unheard")
    wire.breaks("unsent", at="_bulk_get")
    with pytest.raises(CommitError) as caught:
        session.commit()
    assert isinstance(caught.value.exceptions[0], ConnectionFailed)
    return caught.value.report


def unheard_twice(session, wire) -> None:
    """Commit; the look-up of what was sent before works, and the connection breaks after that."""
    wire.breaks("unheard")
    wire.breaks(*["passes"] * ("order:1" in session._workspaces[0].attempts), "unsent", at="_bulk_get")
    with pytest.raises(CommitError):
        session.commit()


def test_the_report_does_not_pretend_to_know(database: Database, wire):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        report = unheard(session, wire)

    assert report.unanswered == (order,)
    assert (report.saved, report.unsent) == ((), ())
    assert str(report) == "1 without an answer"
    assert not report


def test_a_lost_answer_is_looked_up_at_once(database: Database, wire):
    wire.breaks("unheard")
    with database.session() as session:
        order = Order(number=1)
        session.add(order)

        assert session.commit().saved == (order,)
        assert str(session.commit()) == "nothing to write"
    assert order.rev == database.documents.get("order:1")["_rev"]
    assert len(wire.bodies()) == 1


def test_a_write_that_did_not_arrive_is_sent_again_when_the_server_can_be_asked(database: Database, wire):
    wire.breaks(json_response({"error": "unavailable", "reason": "?"}, status=503))
    with database.session() as session:
        order = Order(number=1)
        session.add(order)

        assert session.commit().saved == (order,)
    assert len(wire.bodies()) == 2


def test_answers_that_are_lost_again_and_again_end_the_commit(database: Database, wire):
    wire.breaks(*[json_response({"error": "unavailable", "reason": "?"}, status=503)] * 9)
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert caught.value.report.unanswered == (order,)
    assert isinstance(caught.value.exceptions[0], ServerError)
    assert len(wire.bodies()) == 4


def test_the_next_commit_finds_its_own_new_document(database: Database, wire):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        unheard(session, wire)

        assert session.commit().saved == (order,)
    assert order.rev == database.documents.get("order:1")["_rev"]
    assert order.rev.startswith("1-")


def test_the_next_commit_finds_its_own_change(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        unheard(session, wire)

        assert session.commit().saved == (order,)
        assert str(session.commit()) == "nothing to write"
    assert database.documents.get("order:1")["_rev"].startswith("2-")


def test_a_document_that_was_changed_again_is_written_on_top_of_its_own_attempt(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        unheard(session, wire)
        order.status = "shipped"

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "shipped"
    assert order.rev.startswith("3-")


def test_a_new_document_that_was_changed_again_is_written_on_top_of_its_own_attempt(database: Database, wire):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        unheard(session, wire)
        order.status = "paid"

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "paid"


def test_a_change_that_is_taken_back_is_taken_back_on_the_server_too(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        unheard(session, wire)
        order.status = "new"
        session.commit()

    assert database.documents.get("order:1")["status"] == "new"


def test_any_of_several_attempts_is_recognised(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        for status in ("a", "b", "c"):
            order.status = status
            unheard(session, wire)
        order.status = "d"

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "d"


def test_a_write_that_never_arrived_is_written_by_the_next_commit(database: Database, wire):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        wire.breaks("unsent")
        with pytest.raises(CommitError):
            session.commit()

        assert session.commit().saved == (order,)


def test_an_unheard_write_on_which_somebody_else_went_on_is_saved(database: Database, wire):
    """It was stored, and whoever wrote after it had read it."""
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        unheard(session, wire)
        with database.begin() as other:
            other.get(Order, "order:1").status = "theirs"

        assert session.commit().saved == (order,)
        assert order.rev.startswith("2-")
    assert database.documents.get("order:1")["status"] == "theirs"


def test_a_change_after_an_unheard_write_on_which_somebody_else_went_on_is_a_conflict(
    database: Database, wire
):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        unheard(session, wire)
        with database.begin() as other:
            other.get(Order, "order:1").status = "theirs"
        order.status = "shipped"
        with pytest.raises(CommitError) as caught:
            session.commit()

    conflict = caught.value.report.conflicts[0]
    assert conflict.base["status"] == "paid", "what this session wrote unheard, and they have read"
    assert conflict.theirs["status"] == "theirs"
    assert database.documents.get("order:1")["status"] == "theirs"


def test_a_deletion_whose_answer_was_lost_is_done(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        assert unheard(session, wire).unanswered == (order,)

        assert session.commit().deleted == (order,)


def test_a_deletion_that_is_taken_back_is_taken_back_on_the_server_too(database: Database, wire):
    save(database, Order(number=1, status="kept"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        unheard(session, wire)
        session.add(order)

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "kept"


def test_deleting_a_new_document_whose_answer_was_lost_deletes_it_on_the_server(database: Database, wire):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        unheard(session, wire)
        session.delete(order)

        assert session.commit().deleted == (order,)
    with pytest.raises(DocumentNotFound):
        database.documents.get("order:1")


def test_deleting_a_new_document_leaves_somebody_elses_alone(database: Database, wire):
    with database.session() as session:
        order = Order(number=1, status="mine")
        session.add(order)
        unheard(session, wire)
        with database.begin() as other:
            other.get(Order, "order:1").status = "theirs"
        session.delete(order)
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert caught.value.report.conflicts[0].theirs["status"] == "theirs"
    assert database.documents.get("order:1")["status"] == "theirs"


def test_a_deletion_after_an_unheard_change_deletes_what_the_change_made(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        unheard(session, wire)
        session.delete(order)

        assert session.commit().deleted == (order,)
    with pytest.raises(DocumentNotFound, match="deleted"):
        database.documents.get("order:1")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_failed_may_have_written(database: Database, wire, status: int):
    wire.breaks(json_response({"error": "internal_server_error", "reason": "?"}, status=status))
    wire.breaks("unsent", at="_bulk_get")

    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert caught.value.report.unanswered == (order,)
    assert isinstance(caught.value.exceptions[0], ServerError)


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_server_that_refused_has_not_written(database: Database, wire, status: int):
    wire.breaks(json_response({"error": "no", "reason": "no"}, status=status))

    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert caught.value.report.unsent == (order,)
    assert caught.value.report.unanswered == ()


@pytest.mark.parametrize("status", [400, 412])
def test_one_document_for_which_the_server_refuses_them_all_is_found(database: Database, wire, status: int):
    refusal = json_response({"error": "no", "reason": "no"}, status=status)
    wire.breaks(refusal, "passes", refusal, "passes", refusal)  # 4, the first 2, the last 2, one, the other

    with database.session() as session:
        orders = [Order(number=number) for number in range(4)]
        session.add_all(orders)
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert [rejected.document for rejected in caught.value.report.rejected] == [orders[3]]
    assert caught.value.report.saved == tuple(orders[:3])


def test_a_document_that_the_server_failed_at_is_rejected_and_found_again(database: Database, wire):
    failure = {"id": "order:1", "error": "internal_server_error", "reason": "no quorum"}
    wire.breaks(json_response([failure], status=201))

    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        with pytest.raises(CommitError) as caught:
            session.commit()
        assert caught.value.report.rejected[0].document is order
        save(database, Order(number=1))  # what the server may have done after all
        order.status = "paid"

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "paid"


def test_an_interrupted_commit_is_remembered(database: Database, wire):
    """Control-C may come after the server has written."""
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        wire.breaks("interrupted")
        with pytest.raises(KeyboardInterrupt):
            session.commit()
        order.status = "shipped"

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "shipped"


@pytest.mark.parametrize("give_up", ["rollback", "expunge"])
def test_who_gives_up_does_not_write(database: Database, wire, give_up: str):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        wire.breaks("unsent")
        with pytest.raises(CommitError):
            session.commit()
        session.rollback() if give_up == "rollback" else session.expunge(order)
        wire.requests.clear()
        session.commit()

    assert wire.bodies() == []


def test_nobody_is_in_conflict_with_what_he_put_on_top_unheard(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        for status in ("a", "b"):
            order.status = status
            unheard_twice(session, wire)
        order.status = "c"

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "c"


def test_a_conflict_whose_other_side_cannot_be_read_is_left_to_do(database: Database, wire):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        with database.begin() as other:
            other.get(Order, "order:1").status = "theirs"
        order.status = "mine"
        wire.breaks("unheard", at="_bulk_get")
        with pytest.raises(CommitError) as caught:
            session.commit()
        assert caught.value.report == CommitReport(unsent=(order,))

        with pytest.raises(CommitError) as caught:
            session.commit()
        assert caught.value.report.conflicts[0].theirs["status"] == "theirs"


def test_an_unheard_write_on_top_of_an_unheard_write_is_found(database: Database, wire):
    """The first attempt is found, the write is sent again on top of it, and this answer is lost as well."""
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "a"
        unheard(session, wire)
        order.status = "b"
        wire.breaks("unheard")
        wire.breaks("passes", "unsent", at="_bulk_get")
        with pytest.raises(CommitError) as caught:
            session.commit()
        assert caught.value.report.unanswered == (order,)

        assert session.commit().saved == (order,)
    assert database.documents.get("order:1")["status"] == "b"
    assert order.rev.startswith("3-")


@pytest.mark.parametrize("broken", [False, True], ids=["nothing can be asked", "a document does not fit"])
def test_what_got_no_answer_is_told_as_long_as_nothing_is_known(database: Database, wire, *, broken: bool):
    with database.session() as session:
        orders = [Order(number=1), Order(number=2)]
        session.add_all(orders)
        unheard(session, wire)
        if broken:
            vars(orders[1])["status"] = 2
        wire.breaks("unsent", at="_bulk_get")
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert caught.value.report.unanswered == tuple(orders[: 1 if broken else 2])
    assert caught.value.report.unsent == ()


def test_histories_are_read_only_to_find_a_write_without_an_answer(database: Database, wire):
    save(database, Order(number=1))
    with database.session() as session:
        session.add(Order(number=1, status="mine"))
        with pytest.raises(CommitError):
            session.commit()
    with database.session() as session:
        wire.breaks("unheard")
        session.add(Order(number=2))
        session.commit()

    looks = [request for request in wire.requests if request.path[-1] == "_bulk_get"]
    assert [dict(look.query) for look in looks] == [{}, {"revs": "true"}]
