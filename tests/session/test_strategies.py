"""What a commit does where somebody else was faster, and who may say so."""

import pytest

from couchmapper.database import Client, Database
from couchmapper.exceptions import ConfigurationError, DocumentNotFound, ModelError, SessionBusy
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
    paid: Mapped[bool] = field(default=False)
    count: Mapped[int] = field(default=0, merge="add")


class Lenient(Order, id="order:{number}", type="lenient", on_conflict="theirs"):
    pass


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def elsewhere(database: Database, **values: object) -> None:
    """Change order 1 as somebody else would."""
    with database.begin() as session:
        order = session.get(Order, "order:1")
        for name, value in values.items():
            setattr(order, name, value)


def delete_elsewhere(database: Database) -> None:
    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))


def failed(session: Session, **options) -> CommitError:
    with pytest.raises(CommitError) as caught:
        session.commit(**options)
    return caught.value


def stored(database: Database) -> dict:
    return database.documents.get("order:1")


def in_conflict(database: Database, session: Session, order: Document | None = None) -> Order:
    """Return order 1, changed here after it was changed elsewhere."""
    save(database, order or Order(number=1))
    mine = session.get(Order, "order:1")
    elsewhere(database, status="theirs", count=1)
    mine.status = "mine"
    return mine


def paced(database: Database, limit: int, pauses: list[float]) -> Session:
    pacing = Pacing(backoff=Backoff(limit=limit), sleep=pauses.append, random=lambda: 1.0)
    return Session([Workspace(database, (), Limits())], on_conflict="mine", pacing=pacing)


def answer_of_a_conflict(document_id: str = "order:1"):
    return json_response([{"id": document_id, "error": "conflict", "reason": "?"}], status=201)


def test_merge_joins_both_sides(database: Database):
    save(database, Order(number=1))

    with database.session(on_conflict="merge") as session:
        order = session.get(Order, "order:1")
        elsewhere(database, status="theirs", count=2)
        order.paid, order.count = True, 3
        report = session.commit()

        assert report == CommitReport(merged=(order,))
        assert str(report) == "1 merged"
        assert (order.status, order.paid, order.count) == ("theirs", True, 5)
        assert str(session.commit()) == "nothing to write"
    assert stored(database)["_rev"] == order.rev
    assert (stored(database)["status"], stored(database)["paid"], stored(database)["count"]) == (
        "theirs",
        True,
        5,
    )


def test_merge_writes_nothing_when_theirs_has_it_all(database: Database, wire):
    save(database, Order(number=1))

    with database.session(on_conflict="merge") as session:
        order = session.get(Order, "order:1")
        elsewhere(database, status="both", paid=True)
        order.status = "both"
        wire.requests.clear()

        assert session.commit().merged == (order,)
        assert len(wire.bodies()) == 1
    assert order.paid


def test_merge_tells_what_both_changed(database: Database):
    with database.session(on_conflict="merge") as session:
        order = in_conflict(database, session)
        error = failed(session)

        assert (order.status, order.count) == ("mine", 0)
    assert [clash.path for clash in error.report.conflicts[0].clashes] == ["status"]
    assert "both sides changed status" in str(error.exceptions[0])


def test_theirs_that_does_not_fit_the_model_is_a_conflict_and_stops_nobody_else(database: Database):
    save(database, Order(number=1), Order(number=2))
    with database.session() as session:
        first, second = session.get_many(Order, ["order:1", "order:2"])
        elsewhere(database, paid=True)
        database.documents.put({**stored(database), "status": 5})
        with database.begin() as other:
            other.get(Order, "order:2").count = 1
        first.paid = second.paid = True
        second.status = "mine"
        report = failed(session, on_conflict="merge").report

    assert [conflict.document for conflict in report.conflicts] == [first]
    assert "status: expected text" in report.conflicts[0].reason
    assert report.merged == (second,)


def test_mine_is_written_over_theirs(database: Database):
    with database.session(on_conflict="mine") as session:
        order = in_conflict(database, session)

        assert session.commit() == CommitReport(saved=(order,))
    assert (stored(database)["status"], stored(database)["count"]) == ("mine", 0)


def test_theirs_takes_the_place_of_mine(database: Database, wire):
    with database.session(on_conflict="theirs") as session:
        order = in_conflict(database, session)
        wire.requests.clear()
        report = session.commit()

        assert report == CommitReport(yielded=(order,))
        assert str(report) == "1 given up for theirs"
        assert (order.status, order.count, order.rev) == ("theirs", 1, stored(database)["_rev"])
        assert str(session.commit()) == "nothing to write"
    assert len(wire.bodies()) == 1


def test_a_function_is_asked_with_all_that_is_known(database: Database):
    seen = []
    with database.session() as session:
        order = in_conflict(database, session)
        session.commit(on_conflict=lambda conflict: seen.append(conflict) or "mine")

    assert seen[0].document is order
    assert [side["status"] for side in (seen[0].base, seen[0].mine, seen[0].theirs)] == [
        "new",
        "mine",
        "theirs",
    ]


def test_what_a_function_returns_is_written(database: Database):
    with database.session() as session:
        order = in_conflict(database, session)
        report = session.commit(on_conflict=lambda conflict: {**conflict.mine, "status": "both"})

        assert report.merged == (order,)
        assert order.status == "both"
    assert stored(database)["status"] == "both"


def test_a_function_may_delete(database: Database):
    with database.session() as session:
        order = in_conflict(database, session)

        assert session.commit(on_conflict=lambda _: None).deleted == (order,)
        assert order not in session
    with pytest.raises(DocumentNotFound):
        stored(database)


def test_a_function_may_write_what_was_to_be_deleted(database: Database):
    with database.session() as session:
        order = in_conflict(database, session)
        session.delete(order)

        assert session.commit(on_conflict=lambda conflict: conflict.theirs | {"paid": True}).merged == (
            order,
        )
        assert session.get(Order, "order:1") is order
    assert (stored(database)["status"], stored(database)["paid"]) == ("theirs", True)


@pytest.mark.parametrize("nonsense", [5, {"_id": "order:2"}])
def test_what_a_function_cannot_return_is_told_and_nothing_is_written(database: Database, nonsense: object):
    with database.session() as session:
        order = in_conflict(database, session)
        error = failed(session, on_conflict=lambda _: nonsense)

        assert isinstance(error.exceptions[0], ConfigurationError)
        assert error.report.unsent == (order,)
        assert session.commit(on_conflict="mine").saved == (order,)
    assert database.information()["doc_count"] == 1


def test_what_a_function_raises_is_passed_on_and_the_document_stays(database: Database):
    def fail(_: object) -> None:
        raise ZeroDivisionError

    with database.session() as session:
        order = in_conflict(database, session)
        with pytest.raises(ZeroDivisionError):
            session.commit(on_conflict=fail)

        assert order.status == "mine"
        assert session.commit(on_conflict="mine").saved == (order,)


def test_a_function_cannot_commit(database: Database):
    with database.session() as session:
        in_conflict(database, session)

        error = failed(session, on_conflict=lambda _: session.commit())

    assert isinstance(error.exceptions[0], SessionBusy)


class TestWhoDecides:
    def test_the_model_when_nobody_else_does(self, database: Database):
        with database.session() as session:
            order = in_conflict(database, session, Lenient(number=1))

            assert session.commit().yielded == (order,)

    def test_the_session_before_the_model(self, database: Database):
        with database.session(on_conflict="mine") as session:
            order = in_conflict(database, session, Lenient(number=1))

            assert session.commit().saved == (order,)

    def test_the_commit_before_the_session(self, database: Database):
        with database.session(on_conflict="mine") as session:
            in_conflict(database, session, Lenient(number=1))

            assert len(failed(session, on_conflict="raise").report.conflicts) == 1

    def test_the_session_that_begin_opens(self, database: Database):
        with database.begin(on_conflict="mine") as session:
            in_conflict(database, session)

        assert stored(database)["status"] == "mine"

    def test_each_model_for_itself(self, database: Database):
        with database.session() as session:
            save(database, Order(number=1), Lenient(number=2))
            strict, lenient = session.get_many(Order, ["order:1", "order:2"])
            with database.begin() as other:
                for order in other.get_many(Order, ["order:1", "order:2"]):
                    order.status = "theirs"
            strict.status = lenient.status = "mine"
            report = failed(session).report

        assert report.yielded == (lenient,)
        assert [conflict.document for conflict in report.conflicts] == [strict]

    @pytest.mark.parametrize("nonsense", ["yours", 5, ""])
    def test_nobody_who_says_nonsense(self, database: Database, wire, nonsense):
        with database.session() as session:
            session.add(Order(number=1))
            with pytest.raises(ModelError, match="on_conflict= is one of"):
                session.commit(on_conflict=nonsense)
        with pytest.raises(ModelError, match="on_conflict= is one of"):
            database.session(on_conflict=nonsense)

        assert wire.requests == []


class TestDeletions:
    def test_mine_deletes_what_was_changed(self, database: Database):
        with database.session(on_conflict="mine") as session:
            order = in_conflict(database, session)
            session.delete(order)

            assert session.commit().deleted == (order,)
        assert database.information()["doc_count"] == 0

    def test_theirs_takes_the_deletion_back(self, database: Database):
        with database.session(on_conflict="theirs") as session:
            order = in_conflict(database, session)
            session.delete(order)

            assert session.commit().yielded == (order,)
            assert session.get(Order, "order:1") is order
            assert order.status == "theirs"
            assert str(session.commit()) == "nothing to write"

    def test_mine_makes_anew_what_was_deleted_and_says_so(self, database: Database):
        save(database, Order(number=1))
        with database.session(on_conflict="mine") as session:
            order = session.get(Order, "order:1")
            delete_elsewhere(database)
            order.status = "mine"
            report = session.commit()

        assert report.saved == report.resurrected == (order,)
        assert stored(database)["status"] == "mine"

    def test_theirs_lets_go_of_what_was_deleted(self, database: Database):
        save(database, Order(number=1))
        with database.session(on_conflict="theirs") as session:
            order = session.get(Order, "order:1")
            delete_elsewhere(database)
            order.status = "mine"

            assert session.commit().yielded == (order,)
            assert order not in session
            assert session.get(Order, "order:1") is None
            assert str(session.commit()) == "nothing to write"

    def test_merge_tells_a_deletion(self, database: Database):
        save(database, Order(number=1))
        with database.session(on_conflict="merge") as session:
            order = session.get(Order, "order:1")
            delete_elsewhere(database)
            order.status = "mine"
            error = failed(session)

        assert "a deletion and a change cannot be merged" in str(error.exceptions[0])


class TestPurged:
    @staticmethod
    def purge(database: Database, wire) -> None:
        """Let the document be gone without a trace; CouchDB then refuses most edits of it."""
        client = Client(wire.inner)
        client.databases.delete(database.name)
        client.databases.create(database.name)
        wire.breaks(answer_of_a_conflict())

    def test_a_document_that_is_gone_without_a_trace_is_a_conflict(self, database: Database, wire):
        save(database, Order(number=1))
        with database.session() as session:
            order = session.get(Order, "order:1")
            self.purge(database, wire)
            order.status = "mine"

            assert failed(session).report.conflicts[0].theirs is None

    def test_mine_makes_it_anew(self, database: Database, wire):
        save(database, Order(number=1))
        with database.session(on_conflict="mine") as session:
            order = session.get(Order, "order:1")
            self.purge(database, wire)
            order.status = "mine"

            assert session.commit().saved == (order,)
        assert stored(database)["_rev"].startswith("1-")


class TestMadeAnew:
    def test_a_new_document_over_a_tombstone_is_told(self, database: Database):
        save(database, Order(number=1))
        delete_elsewhere(database)
        with database.session() as session:
            order = Order(number=1)
            session.add(order)
            report = session.commit()

        assert report.saved == report.resurrected == (order,)
        assert str(report) == "1 saved, 1 made anew"

    def test_a_new_document_is_not(self, database: Database):
        with database.session() as session:
            session.add(Order(number=1))

            assert session.commit().resurrected == ()

    def test_a_new_document_that_somebody_else_made_equally_is_not(self, database: Database):
        save(database, Order(number=1))
        elsewhere(database, status="paid")
        with database.session() as session:
            order = Order(number=1, status="paid")
            session.add(order)

            assert session.commit() == CommitReport(saved=(order,))


class TestAccepted:
    def test_writes_that_are_not_at_quorum_are_told(self, database: Database, wire):
        wire.breaks(json_response([{"ok": True, "id": "order:1", "rev": "1-a"}], status=202))
        with database.session() as session:
            order = Order(number=1)
            session.add(order)
            report = session.commit()

        assert report.saved == report.accepted == (order,)
        assert str(report) == "1 saved, 1 not at quorum yet"

    def test_what_was_refused_is_not_among_them(self, database: Database, wire):
        refusal = {"id": "order:2", "error": "forbidden", "reason": "no"}
        wire.breaks(json_response([{"ok": True, "id": "order:1", "rev": "1-a"}, refusal], status=202))
        with database.session() as session:
            orders = [Order(number=1), Order(number=2)]
            session.add_all(orders)

            assert failed(session).report.accepted == (orders[0],)


class TestTooManyOthers:
    def test_a_write_is_given_up_after_a_number_of_repetitions(self, database: Database, wire):
        pauses: list[float] = []
        save(database, Order(number=1))
        with paced(database, 3, pauses) as session:
            order = session.get(Order, "order:1")
            order.status = "mine"
            wire.requests.clear()
            wire.breaks(*[answer_of_a_conflict()] * 9)
            error = failed(session)

            assert error.report.conflicts[0].reason == "other writers were faster each time"
            assert len(wire.bodies()) == 3
            assert pauses == [0.02, 0.04]
            wire.breaks()
            assert session.commit().saved == (order,)

    def test_a_write_that_gets_through_in_time_is_saved(self, database: Database, wire):
        pauses: list[float] = []
        save(database, Order(number=1))
        with paced(database, 3, pauses) as session:
            order = session.get(Order, "order:1")
            order.status = "mine"
            wire.breaks(*[answer_of_a_conflict()] * 2)

            assert session.commit().saved == (order,)
