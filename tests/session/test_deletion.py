"""Documents are deleted with all the branches that replication left."""

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import ConnectionFailed, Forbidden
from couchmapper.jsonio import loads
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import CommitError, CommitReport, Session
from couchmapper.session.backoff import Backoff
from couchmapper.session.commit import Pacing
from couchmapper.session.limits import Limits
from couchmapper.session.workspace import Workspace
from couchmapper.transport.mock import json_response


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")


def branch(database: Database, digest: str, status: str, number: int = 1) -> None:
    """Let a replication bring a branch of one revision."""
    json = {"_id": f"order:{number}", "type": "order", "number": number, "status": status}
    database.bulk.docs([{**json, "_revisions": {"start": 1, "ids": [digest * 32]}}], new_edits=False)


def branched(database: Database, number: int = 1) -> None:
    branch(database, "0", "loser", number)
    branch(database, "e", "winner", number)


def elsewhere(database: Database, status: str) -> None:
    with database.begin() as session:
        session.get(Order, "order:1").status = status


def living(database: Database) -> list[str]:
    """Return what the branches of order 1 say that live."""
    docs = database.bulk.get([{"id": "order:1"}])[0]["docs"]
    return [one["ok"]["status"] for one in docs if "ok" in one and not one["ok"].get("_deleted")]


def failed(session: Session, **options) -> CommitError:
    with pytest.raises(CommitError) as caught:
        session.commit(**options)
    return caught.value


def deleting(session: Session) -> Order:
    order = session.get(Order, "order:1")
    session.delete(order, all_branches=True)
    return order


def refusal(status: int = 503):
    return json_response({"error": "unavailable", "reason": "?"}, status=status)


def test_a_deletion_of_the_winner_shows_the_loser(database: Database):
    branched(database)
    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))

    assert database.documents.get("order:1")["status"] == "loser"


def test_a_deletion_of_all_branches_leaves_none(database: Database, wire):
    branched(database)
    wire.requests.clear()
    with database.session() as session:
        order = deleting(session)
        report = session.commit()

        assert report == CommitReport(deleted=(order,))
        assert session.get(Order, "order:1") is None
        assert str(session.commit()) == "nothing to write"
    assert living(database) == []
    assert len(loads(wire.bodies()[0])["docs"]) == 2
    assert len(wire.bodies()) == 1


def test_a_document_of_one_branch_is_deleted_as_well(database: Database):
    branch(database, "0", "only")
    with database.session() as session:
        order = deleting(session)

        assert session.commit().deleted == (order,)
    assert living(database) == []


def test_many_documents_are_deleted_together(database: Database, wire):
    for number in range(5):
        branched(database, number)
    with database.session() as session:
        orders = session.query(Order).all()
        for order in orders:
            session.delete(order, all_branches=True)
        session.add(Order(number=9))
        wire.requests.clear()
        report = session.commit()

    assert len(report.deleted) == 5
    assert len(report.saved) == 1
    assert [len(loads(body)["docs"]) for body in wire.bodies()] == [10, 1]
    assert database.information()["doc_count"] == 1


def test_it_may_be_said_later_that_all_branches_are_meant(database: Database):
    branched(database)
    with database.begin() as session:
        order = session.get(Order, "order:1")
        session.delete(order)
        session.delete(order, all_branches=True)

    assert living(database) == []


def test_what_is_deleted_already_is_done(database: Database):
    branch(database, "0", "only")
    with database.session() as session:
        order = deleting(session)
        with database.begin() as other:
            other.delete(other.get(Order, "order:1"))

        assert session.commit().deleted == (order,)


def test_a_new_document_is_only_forgotten(database: Database, wire):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        session.delete(order, all_branches=True)
        session.commit()

    assert wire.requests == []


class TestConflicts:
    def test_a_winner_that_the_session_has_not_read_is_one(self, database: Database):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            elsewhere(database, "theirs")
            conflict = failed(session).report.conflicts[0]

            assert (conflict.document, conflict.mine) == (order, None)
            assert conflict.theirs["status"] == "theirs"
            assert session.pending.deleted == (order,)
        assert sorted(living(database)) == ["loser", "theirs"]

    def test_read_anew_it_can_be_deleted(self, database: Database):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            elsewhere(database, "theirs")
            failed(session)
            session.refresh(order)
            session.delete(order, all_branches=True)

            assert session.commit().deleted == (order,)
        assert living(database) == []

    def test_a_branch_that_came_to_be_the_winner_is_none(self, database: Database):
        branched(database)
        with database.begin() as session:
            deleting(session)
            branch(database, "f", "replicated")

        assert living(database) == []

    def test_what_somebody_writes_between_look_and_deletion_is_one(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            deleting(session)
            winner = database.documents.get("order:1")
            found = database.bulk.get.request([{"id": "order:1"}], revs=True)
            before = database.transport.send(found)
            database.documents.put(winner | {"status": "theirs"})
            wire.breaks(before, at="_bulk_get")
            conflict = failed(session).report.conflicts[0]

        assert conflict.theirs["status"] == "theirs"
        assert living(database) == ["theirs"]

    def test_mine_deletes_it(self, database: Database):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            elsewhere(database, "theirs")

            assert session.commit(on_conflict="mine").deleted == (order,)
        assert living(database) == []

    def test_theirs_takes_the_deletion_back(self, database: Database):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            elsewhere(database, "theirs")

            assert session.commit(on_conflict="theirs").yielded == (order,)
            assert session.get(Order, "order:1") is order
            assert len(session.pending) == 0
        assert sorted(living(database)) == ["loser", "theirs"]

    def test_a_function_may_write_something_else(self, database: Database):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            elsewhere(database, "theirs")
            report = session.commit(on_conflict=lambda conflict: conflict.theirs | {"status": "kept"})

            assert report.merged == (order,)
            assert len(session.pending) == 0
        assert sorted(living(database)) == ["kept", "loser"]

    def test_a_function_may_delete_it(self, database: Database):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            elsewhere(database, "theirs")

            assert session.commit(on_conflict=lambda _: None).deleted == (order,)
        assert living(database) == []

    def test_others_that_are_faster_each_time_end_it(self, database: Database, wire):
        branched(database)
        met = [{"id": "order:1", "error": "conflict", "reason": "?"}] * 2
        wire.breaks(*[json_response(met, status=201)] * 9)
        pauses: list[float] = []
        pacing = Pacing(backoff=Backoff(limit=3), sleep=pauses.append, random=lambda: 1.0)
        with Session([Workspace(database, (), Limits())], pacing=pacing) as session:
            deleting(session)
            wire.requests.clear()
            error = failed(session)

        assert error.report.conflicts[0].reason == "other writers were faster each time"
        assert len(wire.bodies()) == 3
        assert len(pauses) == 2


class TestLostAnswers:
    def test_are_looked_up_at_once(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            wire.breaks("unheard")

            assert session.commit().deleted == (order,)
        assert living(database) == []
        assert len(wire.bodies()) == 3, "two of the replication, one of the deletion"

    def test_of_what_was_not_done_are_sent_again(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            wire.breaks(refusal())

            assert session.commit().deleted == (order,)
        assert living(database) == []

    def test_that_cannot_be_looked_up_are_told(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            wire.breaks("unheard")
            wire.breaks("passes", "unsent", at="_bulk_get")
            error = failed(session)

            assert error.report.unanswered == (order,)
            assert isinstance(error.exceptions[0], ConnectionFailed)
            assert session.commit().deleted == (order,)

    def test_again_and_again_end_the_commit(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            wire.requests.clear()
            wire.breaks(*[refusal()] * 9)

            assert failed(session).report.unanswered == (order,)
        assert len(wire.bodies()) == 4

    def test_do_not_delete_what_was_written_after_them(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            deleting(session)
            wire.breaks("unheard")
            wire.breaks("passes", "unsent", at="_bulk_get")
            failed(session)
            with database.begin() as other:
                other.add(Order(number=1, status="anew"))

            assert failed(session).report.conflicts[0].theirs["status"] == "anew"
        assert living(database) == ["anew"]

    def test_of_an_earlier_change_do_not_hide_somebody_elses(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = session.get(Order, "order:1")
            order.status = "mine"
            wire.breaks("unheard")
            wire.breaks("unsent", at="_bulk_get")
            failed(session)
            elsewhere(database, "theirs")
            session.delete(order, all_branches=True)

            assert failed(session).report.conflicts[0].theirs["status"] == "theirs"

    def test_of_an_earlier_change_are_deleted_with_it(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = session.get(Order, "order:1")
            order.status = "mine"
            wire.breaks("unheard")
            wire.breaks("unsent", at="_bulk_get")
            failed(session)
            session.delete(order, all_branches=True)

            assert session.commit().deleted == (order,)
        assert living(database) == []

    def test_of_a_deletion_of_the_winner_do_not_hinder_that_of_all(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = session.get(Order, "order:1")
            session.delete(order)
            wire.breaks("unheard")
            wire.breaks("unsent", at="_bulk_get")
            failed(session)
            assert living(database) == ["loser"]
            session.delete(order, all_branches=True)

            assert session.commit().deleted == (order,)
        assert living(database) == []

    def test_that_are_taken_back_are_taken_back_on_the_server_too(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            wire.breaks("unheard")
            wire.breaks("passes", "unsent", at="_bulk_get")
            failed(session)
            session.add(order)

            assert session.commit().saved == (order,)
        assert living(database) == ["winner"]


class TestAddedAgain:
    def test_before_the_commit_it_stays(self, database: Database, wire):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            session.add(order)
            wire.requests.clear()
            session.commit()

        assert wire.requests == []
        assert sorted(living(database)) == ["loser", "winner"]

    def test_before_the_commit_a_later_deletion_is_a_plain_one(self, database: Database):
        branched(database)
        with database.begin() as session:
            order = deleting(session)
            session.add(order)
            session.delete(order)

        assert living(database) == ["loser"]

    def test_after_the_commit_it_is_made_anew(self, database: Database):
        branched(database)
        with database.session() as session:
            order = deleting(session)
            session.commit()
            session.add(order)
            report = session.commit()

        assert report.saved == report.resurrected == (order,)
        assert living(database) == ["winner"]


@pytest.mark.parametrize("end", ["expunge", "rollback", "refresh"])
def test_who_gives_the_deletion_up_does_not_delete(database: Database, end):
    branched(database)
    with database.session() as session:
        order = deleting(session)
        session.rollback() if end == "rollback" else getattr(session, end)(order)
        session.commit()

    assert sorted(living(database)) == ["loser", "winner"]


def test_what_the_database_forbids_is_told_once(database: Database):
    branched(database)
    guard = "function (doc) { if (doc._deleted) throw({forbidden: 'nothing is deleted'}); }"
    database.design.put({"_id": "_design/guard", "validate_doc_update": guard})
    with database.session() as session:
        order = deleting(session)
        error = failed(session)

        assert [one.document for one in error.report.rejected] == [order]
        assert isinstance(error.exceptions[0], Forbidden)
        assert session.pending.deleted == (order,)


def test_a_deletion_that_is_not_at_quorum_is_told(database: Database, wire):
    branched(database)
    with database.session() as session:
        order = deleting(session)
        wire.breaks(json_response([{"ok": True, "id": "order:1", "rev": "2-a"}] * 2, status=202))
        report = session.commit()

    assert report.deleted == report.accepted == (order,)
