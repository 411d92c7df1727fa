"""One thread at a time, in one process, until the session is closed."""

import os
import threading
from collections.abc import Callable

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import SessionBusy, SessionClosed, SessionForked
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import Session
from couchmapper.session.guard import Guard, guarded


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")


class Room:
    """Holds whoever comes in until `leave` is set."""

    def __init__(self) -> None:
        self.guard = Guard()
        self.inside = threading.Event()
        self.leave = threading.Event()

    @guarded
    def stay(self) -> None:
        self.inside.set()
        self.leave.wait(10)

    @guarded
    def pass_through(self, value: int, *, twice: bool = False) -> int:
        """Return the value."""
        return value * 2 if twice else value

    @guarded
    def come_again(self) -> int:
        return self.pass_through(5)


def in_thread(work: Callable[[], object]) -> object:
    """Do some work in another thread; return what it returned or raised."""
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as error:  # noqa: BLE001 - it is what is asked for
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcome[0]


def in_child(work: Callable[[], object]) -> bool:
    """Tell whether some work raises `SessionForked` in a forked process."""
    child = os.fork()
    if child == 0:
        verdict = 1
        try:
            work()
        except SessionForked as error:
            verdict = 0 if "open a new one in the child" in str(error) else 2
        finally:
            os._exit(verdict)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def occupied() -> tuple[Room, threading.Thread]:
    room = Room()
    thread = threading.Thread(target=room.stay)
    thread.start()
    room.inside.wait(10)
    return room, thread


def test_a_guarded_method_is_what_it_was():
    room = Room()

    assert room.pass_through(2, twice=True) == 4
    assert Room.pass_through.__doc__ == "Return the value."


def test_a_second_thread_is_refused_at_once_and_told_what_to_do():
    room, thread = occupied()

    with pytest.raises(SessionBusy, match="give each thread a session of its own"):
        room.pass_through(1)
    room.leave.set()
    thread.join()


def test_when_one_thread_has_left_another_may_come():
    room, thread = occupied()
    room.leave.set()
    thread.join()

    assert room.pass_through(1) == 1
    assert in_thread(lambda: room.pass_through(2)) == 2


def test_the_thread_that_is_inside_may_come_in_again():
    assert Room().come_again() == 5


def test_who_raises_has_left():
    room = Room()
    with pytest.raises(TypeError):
        room.pass_through(None, twice=True)  # type: ignore[arg-type]

    assert in_thread(lambda: room.pass_through(2)) == 2


def test_nobody_comes_in_after_the_end():
    room = Room()
    room.guard.close()
    room.guard.close()

    for _ in range(2):
        with pytest.raises(SessionClosed, match="open a new one"):
            room.pass_through(1)
    assert isinstance(in_thread(lambda: room.pass_through(1)), SessionClosed)


def test_it_is_not_closed_while_another_thread_is_inside():
    room, thread = occupied()
    with pytest.raises(SessionBusy):
        room.guard.close()
    room.leave.set()
    thread.join()

    assert room.pass_through(1) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
class TestForks:
    def test_a_forked_process_is_refused(self):
        room = Room()

        assert in_child(lambda: room.pass_through(1))
        assert room.pass_through(1) == 1

    def test_a_forked_process_is_refused_also_when_a_thread_was_inside(self):
        room, thread = occupied()

        assert in_child(lambda: room.pass_through(1))
        room.leave.set()
        thread.join()

    def test_closing_in_a_forked_process_is_nothing(self, database: Database):
        session = database.session()
        session.add(Order(number=1))

        def close_and_use() -> None:
            session.close()
            session.commit()

        assert in_child(close_and_use)
        assert len(session.commit().saved) == 1

    def test_whatever_a_session_is_asked_in_a_forked_process_is_refused(self, database: Database):
        session = database.session()
        session.add(Order(number=1))

        assert in_child(session.commit)
        assert in_child(lambda: session.get(Order, "order:1"))
        assert in_child(lambda: list(session.query(Order)))
        assert in_child(lambda: session.pending)


class TestSessions:
    def test_are_handed_from_thread_to_thread(self, database: Database):
        with database.session() as session:
            in_thread(lambda: session.add(Order(number=1)))

            assert in_thread(session.commit)
        assert database.documents.get("order:1")["number"] == 1

    @pytest.mark.parametrize(
        "use",
        [
            lambda session: session.add(Order(number=1)),
            lambda session: session.get(Order, "order:1"),
            lambda session: session.modify(Order, "order:1", print),
            lambda session: session.commit(),
            lambda session: session.rollback(),
            lambda session: session.pending,
            lambda session: list(session.query(Order)),
            lambda session: session.close(),
        ],
        ids=["add", "get", "modify", "commit", "rollback", "pending", "query", "close"],
    )
    def test_are_used_by_one_thread_at_a_time(self, database: Database, use: Callable[[Session], object]):
        class Slow(Document):
            pass

        outcomes = []

        @Slow.before_save
        def look(_: Slow) -> None:
            outcomes.append(in_thread(lambda: use(session)))

        with database.session() as session:
            session.add(Slow())
            session.commit()

        assert isinstance(outcomes[0], SessionBusy)

    def test_are_used_again_from_a_hook(self, database: Database):
        class Counted(Document, id="counted:{number}"):
            number: Mapped[int]

        counts = []

        @Counted.after_save
        def count(_: Counted) -> None:
            counts.append(len(session.query(Counted).all()))

        with database.session() as session:
            session.add_all([Counted(number=1), Counted(number=2)])
            session.commit()

        assert counts == [2, 2]

    def test_are_used_inside_the_loop_over_a_query(self, database: Database):
        with database.begin() as session:
            session.add_all(Order(number=number) for number in range(5))

        with database.session() as session:
            for order in session.query(Order).page_size(2):
                order.status = "seen"
                session.commit()
                assert session.get(Order, order.id) is order

        assert {row["doc"]["status"] for row in database.bulk.all_docs(include_docs=True)["rows"]} == {"seen"}

    def test_are_used_by_another_thread_between_two_steps_of_a_query(self, database: Database):
        with database.begin() as session:
            session.add_all(Order(number=number) for number in range(2))

        with database.session() as session:
            orders = iter(session.query(Order))
            first = next(orders)

            assert in_thread(lambda: session.get(Order, first.id)) is first
            assert in_thread(lambda: next(orders)).id != first.id
