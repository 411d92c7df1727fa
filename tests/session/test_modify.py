"""Reading, changing and saving one document until nobody else was faster."""

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import (
    ConnectionFailed,
    DocumentInvalid,
    DocumentNotFound,
    Forbidden,
    IdentityError,
    UnexpectedType,
)
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import CommitError, Session
from couchmapper.session.backoff import Backoff
from couchmapper.session.commit import Pacing
from couchmapper.session.limits import Limits
from couchmapper.session.workspace import Workspace


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    count: Mapped[int] = field(default=0)
    tags: Mapped[list[str]] = field(factory=list)


class Customer(Document, id="order:{number}"):
    number: Mapped[int]


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def stored(database: Database, document_id: str = "order:1") -> dict:
    return database.documents.get(document_id)


def increment(order: Order) -> None:
    order.count += 1


def increment_elsewhere(database: Database) -> None:
    with database.begin() as session:
        session.get(Order, "order:1").count += 10


def paced(database: Database, pauses: list[float], limit: int = 25) -> Session:
    pacing = Pacing(backoff=Backoff(limit=limit), sleep=pauses.append, random=lambda: 1.0)
    return Session([Workspace(database, (), Limits())], pacing=pacing)


@pytest.fixture
def session(database: Database):
    save(database, Order(number=1))
    with paced(database, []) as session:
        yield session


def test_the_document_is_saved_at_once(database: Database, session, wire):
    wire.requests.clear()
    order = session.modify(Order, "order:1", increment)

    assert order.count == stored(database)["count"] == 1
    assert order.rev == stored(database)["_rev"]
    assert len(wire.bodies()) == 1
    assert str(session.commit()) == "nothing to write"


def test_the_document_of_the_session_is_read_anew(database: Database, session):
    order = session.get(Order, "order:1")
    increment_elsewhere(database)

    assert session.modify(Order, "order:1", increment) is order
    assert order.count == 11


def test_what_is_not_changed_is_not_written(session, wire):
    session.modify(Order, "order:1", lambda order: order.count)

    assert len(wire.bodies()) == 1, "that of the fixture"


def test_the_function_is_called_again_when_somebody_else_was_faster(database: Database):
    save(database, Order(number=1))
    pauses: list[float] = []
    seen = []

    def change(order: Order) -> None:
        seen.append(order.count)
        if len(seen) < 4:
            increment_elsewhere(database)
        order.count += 1
        order.tags.append("once")

    with paced(database, pauses) as session:
        order = session.modify(Order, "order:1", change)

    assert seen == [0, 10, 20, 30]
    assert (order.count, order.tags) == (31, ["once"])
    assert stored(database)["count"] == 31
    assert pauses[1::2] == [0.02, 0.04, 0.08], "after those before each look at what is there"


def test_it_is_given_up_after_a_number_of_times(database: Database):
    save(database, Order(number=1))
    calls = []

    def change(order: Order) -> None:
        calls.append(order.count)
        increment_elsewhere(database)
        order.count += 1

    with paced(database, [], limit=3) as session:
        with pytest.raises(CommitError) as caught:
            session.modify(Order, "order:1", change)

        assert len(calls) == 3
        assert caught.value.report.conflicts[0].theirs["count"] == 30
        assert [*session.pending] == [session.get(Order, "order:1")]


@pytest.mark.parametrize("strategy", ["mine", "theirs", "merge"])
def test_a_conflict_is_decided_by_the_function_alone(database: Database, strategy):
    save(database, Order(number=1))
    seen = []

    def change(order: Order) -> None:
        seen.append(order.count)
        if len(seen) == 1:
            increment_elsewhere(database)
        order.count += 1

    with database.session(on_conflict=strategy) as session:
        session.modify(Order, "order:1", change)

    assert seen == [0, 10]
    assert stored(database)["count"] == 11


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_the_function_raises_takes_its_change_back(database: Database, session, error):
    order = session.get(Order, "order:1")

    def change(order: Order) -> None:
        order.count = 5
        order.tags.append("x")
        raise error

    with pytest.raises(error):
        session.modify(Order, "order:1", change)

    assert (order.count, order.tags) == (0, [])
    assert len(session.pending) == 0
    assert stored(database)["count"] == 0


def test_a_value_that_does_not_fit_takes_the_change_back(session):
    order = session.get(Order, "order:1")

    with pytest.raises(DocumentInvalid):
        session.modify(Order, "order:1", lambda order: order.tags.append(5))

    assert order.tags == []


def test_unsaved_changes_are_not_mixed_with_it(session):
    order = session.get(Order, "order:1")
    order.status = "mine"

    with pytest.raises(IdentityError, match="changes that are not saved"):
        session.modify(Order, "order:1", increment)

    assert (order.status, order.count) == ("mine", 0)


def test_a_new_document_is_not_there_yet(session):
    session.add(Order(number=2))

    with pytest.raises(IdentityError, match="changes that are not saved"):
        session.modify(Order, "order:2", increment)


def test_a_document_that_waits_for_its_deletion_is_not_changed(session):
    session.delete(session.get(Order, "order:1"))

    with pytest.raises(IdentityError, match="waits for its deletion"):
        session.modify(Order, "order:1", increment)

    assert len(session.pending.deleted) == 1


def test_a_missing_document_is_told(session):
    with pytest.raises(DocumentNotFound, match="there is no Order 'order:9'"):
        session.modify(Order, "order:9", increment)


def test_a_document_that_is_gone_by_now_is_told(database: Database, session):
    session.get(Order, "order:1")
    with database.begin() as other:
        other.delete(other.get(Order, "order:1"))

    with pytest.raises(DocumentNotFound):
        session.modify(Order, "order:1", increment)


def test_a_document_that_is_deleted_in_between_is_told(database: Database, session):
    def change(order: Order) -> None:
        order.count += 1
        with database.begin() as other:
            other.delete(other.get(Order, "order:1"))

    with pytest.raises(DocumentNotFound):
        session.modify(Order, "order:1", change)


def test_another_model_is_told(session):
    with pytest.raises(UnexpectedType):
        session.modify(Customer, "order:1", print)
    session.get(Order, "order:1")
    with pytest.raises(UnexpectedType):
        session.modify(Customer, "order:1", print)


def test_nothing_else_is_saved(database: Database, session):
    other = Order(number=2)
    session.add(other)

    session.modify(Order, "order:1", increment)

    assert [*session.pending] == [other]
    assert [row["id"] for row in database.bulk.all_docs()["rows"]] == ["order:1"]


@pytest.mark.parametrize("take", ["delete", "expunge"])
def test_the_function_does_not_take_the_document_away(database: Database, session, take):
    def change(order: Order) -> None:
        order.count = 5
        getattr(session, take)(order)

    with pytest.raises(IdentityError, match=r"to delete it, call session\.delete"):
        session.modify(Order, "order:1", change)

    assert stored(database)["count"] == 0


def test_a_lost_answer_is_looked_up(database: Database, session, wire):
    wire.breaks("unheard")

    order = session.modify(Order, "order:1", increment)

    assert order.count == stored(database)["count"] == 1
    assert order.rev == stored(database)["_rev"]


def test_a_connection_that_is_lost_leaves_the_change_to_the_next_commit(database: Database, session, wire):
    wire.breaks("unheard")
    wire.breaks("unsent", at="_bulk_get")
    with pytest.raises(CommitError) as caught:
        session.modify(Order, "order:1", increment)

    assert isinstance(caught.value.exceptions[0], ConnectionFailed)
    with pytest.raises(IdentityError, match="changes that are not saved"):
        session.modify(Order, "order:1", increment)
    assert len(session.commit().saved) == 1
    assert stored(database)["count"] == 1


def test_what_the_database_forbids_is_told(database: Database, session):
    guard = "function (doc) { if (doc.count > 0) throw({forbidden: 'no'}); }"
    database.design.put({"_id": "_design/guard", "validate_doc_update": guard})

    with pytest.raises(CommitError) as caught:
        session.modify(Order, "order:1", increment)

    assert isinstance(caught.value.exceptions[0], Forbidden)


def test_hooks_are_called_each_time(database: Database):
    class Hooked(Order, type="order", id="order:{number}"):
        pass

    events = []
    Hooked.after_load(lambda _: events.append("after_load"))
    Hooked.before_save(lambda order: events.append("before_save") or order.tags.append("seen"))
    Hooked.after_save(lambda _: events.append("after_save"))
    database.documents.put({"_id": "order:1", "type": "order", "number": 1})
    seen = []

    def change(order: Order) -> None:
        seen.append(order)
        if len(seen) == 1:
            database.documents.put(stored(database) | {"count": 10})
        order.count += 1

    with paced(database, []) as session:
        order = session.modify(Hooked, "order:1", change)

    assert events == ["after_load", "before_save", "after_load", "before_save", "after_save"]
    assert (order.count, order.tags) == (11, ["seen"])
    assert stored(database)["tags"] == ["seen"]


def test_what_a_hook_meets_elsewhere_does_not_repeat_it(database: Database):
    class Counted(Document, id=lambda _: "counted"):
        count: Mapped[int] = field(default=0)

    @Counted.after_save
    def meet(counted: Counted) -> None:
        del counted
        with database.session() as other:
            other.add(Order(number=1))
            other.commit()

    database.documents.put({"_id": "counted", "type": "counted", "count": 0})
    database.documents.put({"_id": "order:1", "type": "order", "number": 2})
    with paced(database, []) as session, pytest.raises(CommitError):
        session.modify(Counted, "counted", increment)

    assert stored(database, "counted")["count"] == 1
