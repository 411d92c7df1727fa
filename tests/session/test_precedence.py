"""Documents are written after those that they are to come after."""

import pytest

from couchmapper.database import Client, Database
from couchmapper.exceptions import ConfigurationError, SessionError
from couchmapper.jsonio import loads
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import CommitError, CommitReport
from couchmapper.session.precedence import Precedence
from couchmapper.session.unit_of_work import Write


class Step(Document, id="step:{name}"):
    name: Mapped[str]
    note: Mapped[str] = field(default="")


def steps(names: str) -> list[Step]:
    return [Step(name=name) for name in names]


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def sent(wire) -> list[list[str]]:
    """Return the names of the documents of each bulk write."""
    return [[one["_id"].partition(":")[2] for one in loads(body)["docs"]] for body in wire.bodies()]


def failed(session) -> CommitError:
    with pytest.raises(CommitError) as caught:
        session.commit()
    return caught.value


def waves(precedence: Precedence, documents: list[Step]) -> list[str]:
    writes = [
        Write(id=one.id, document=one, json={"_id": one.id}, text=b"{}", mine={}, base=None)
        for one in documents
    ]
    return ["".join(write.document.name for write in wave) for wave in precedence.waves(writes)]


class TestWaves:
    def test_without_an_order_all_go_at_once(self):
        assert waves(Precedence(), steps("abc")) == ["abc"]

    def test_each_waits_for_those_before_it(self):
        documents = a, b, c, d, _ = steps("abcde")
        precedence = Precedence()
        precedence.note(a, [b, c])
        precedence.note(c, [d])

        assert waves(precedence, documents) == ["bde", "c", "a"]

    def test_what_is_not_written_does_not_matter(self):
        a, b, c = steps("abc")
        precedence = Precedence()
        precedence.note(a, [b])
        precedence.note(b, [c])

        assert waves(precedence, [c, a]) == ["ca"]

    def test_more_is_added_to_what_was_asked_before(self):
        a, b, c = documents = steps("abc")
        precedence = Precedence()
        precedence.note(a, [b])
        precedence.note(a, [c])

        assert list(precedence.before(a)) == [b, c]
        assert waves(precedence, documents) == ["bc", "a"]

    @pytest.mark.parametrize("circle", ["a", "ab", "abc"])
    def test_a_circle_is_named(self, circle):
        documents = steps("abc")
        precedence = Precedence()
        for place, name in enumerate(circle):
            after = circle[(place + 1) % len(circle)]
            precedence.note(documents["abc".index(name)], [documents["abc".index(after)]])

        with pytest.raises(SessionError, match="goes round in a circle") as caught:
            waves(precedence, documents)
        assert all(f"'step:{name}'" in str(caught.value) for name in circle)

    def test_what_is_forgotten_has_no_order(self):
        a, b = documents = steps("ab")
        precedence = Precedence()
        precedence.note(a, [b])
        precedence.forget(a)

        assert waves(precedence, documents) == ["ab"]


class TestCommits:
    def test_go_in_as_many_requests_as_there_are_waves(self, database: Database, wire):
        a, b, c, d = steps("abcd")
        with database.session() as session:
            session.add(a, after=[b, c])
            session.add(b, after=c)
            session.add_all([c, d])
            report = session.commit()

        assert sent(wire) == [["c", "d"], ["b"], ["a"]]
        assert report.saved == (c, d, b, a)

    def test_order_deletions_too(self, database: Database, wire):
        save(database, *steps("ab"))
        with database.session() as session:
            a, b = session.get_many(Step, ["step:a", "step:b"])
            wire.requests.clear()
            session.delete(a, after=b)
            session.delete(b)
            session.commit()

        assert sent(wire) == [["b"], ["a"]]

    def test_leave_what_comes_after_a_failed_document(self, database: Database, wire):
        save(database, Step(name="b"))
        a, c, d = steps("acd")
        with database.session() as session:
            b = session.get(Step, "step:b")
            with database.begin() as other:
                other.get(Step, "step:b").note = "theirs"
            b.note = "mine"
            session.add(a, after=b)
            session.add(c, after=a)
            session.add(d)
            error = failed(session)

            assert error.report == CommitReport(saved=(d,), conflicts=error.report.conflicts, unsent=(a, c))
            session.refresh(b)
            assert session.commit().saved == (a, c)
        assert sent(wire)[-2:] == [["a"], ["c"]]

    def test_leave_what_comes_after_a_document_that_the_database_forbids(self, database: Database):
        guard = "function (doc) { if (doc.note === 'void') throw({forbidden: 'no'}); }"
        database.design.put({"_id": "_design/guard", "validate_doc_update": guard})
        a, b = steps("ab")
        b.note = "void"
        with database.session() as session:
            session.add(a, after=b)
            session.add(b)

            assert failed(session).report.unsent == (a,)

    def test_go_on_after_a_document_whose_changes_gave_way(self, database: Database):
        save(database, Step(name="b"))
        with database.session(on_conflict="theirs") as session:
            b = session.get(Step, "step:b")
            with database.begin() as other:
                other.get(Step, "step:b").note = "theirs"
            b.note = "mine"
            a = Step(name="a")
            session.add(a, after=b)

            assert session.commit() == CommitReport(saved=(a,), yielded=(b,))

    def test_refuse_a_circle_before_anything_is_sent(self, database: Database, wire):
        a, b, c = steps("abc")
        with database.session() as session:
            session.add(a, after=b)
            session.add(b, after=a)
            session.add(c)
            with pytest.raises(SessionError, match="circle: 'step:"):
                session.commit()
            assert wire.requests == []

            session.expunge(b)
            assert session.commit().saved == (a, c)

    def test_forget_the_order_once_it_was_kept(self, database: Database, wire):
        a, b = steps("ab")
        with database.session() as session:
            session.add(a, after=b)
            session.add(b)
            session.commit()
            a.note = b.note = "again"
            wire.requests.clear()
            session.commit()

        assert sent(wire) == [["a", "b"]]

    def test_do_not_wait_for_what_needs_no_write(self, database: Database):
        save(database, Step(name="b"))
        with database.session() as session:
            session.add(Step(name="a"), after=session.get(Step, "step:b"))

            assert len(session.commit().saved) == 1

    def test_order_documents_of_two_databases(self, database: Database, wire):
        archive = Client(wire).database("archive", create=True)

        class Entry(Document, database=archive, id="entry:{name}"):
            name: Mapped[str]

        first, second, third = Step(name="1"), Entry(name="2"), Step(name="3")
        with database.session(archive) as session:
            session.add(third, after=second)
            session.add(second, after=first)
            session.add(first)
            wire.requests.clear()
            session.commit()

        assert sent(wire) == [["1"], ["2"], ["3"]]
        assert [request.path[0] for request in wire.requests] == ["shop", "archive", "shop"]

    def test_leave_what_comes_after_a_document_of_another_database(self, database: Database):
        missing = Client(database.transport).database("missing")

        class Entry(Document, database=missing, id="entry:{name}"):
            name: Mapped[str]

        entry, step = Entry(name="a"), Step(name="a")
        with missing.session(database) as session:
            database.bind(Step)
            session.add(step, after=entry)
            session.add(entry)

            assert failed(session).report == CommitReport(unsent=(entry, step))


@pytest.mark.parametrize("strange", ["order:1", [5], 5])
@pytest.mark.parametrize("operation", ["add", "delete"])
def test_what_is_no_document_comes_before_nothing(database: Database, operation, strange):
    save(database, Step(name="a"))
    with database.session() as session:
        step = session.get(Step, "step:a") if operation == "delete" else Step(name="b")
        with pytest.raises(ConfigurationError, match="after= takes documents"):
            getattr(session, operation)(step, after=strange)

        assert len(session.pending) == 0


@pytest.mark.parametrize("end", ["expunge", "rollback", "refresh", "delete"])
def test_who_gives_up_a_document_gives_up_its_order(database: Database, wire, end):
    save(database, *steps("ab"))
    with database.session() as session:
        a, b = session.get_many(Step, ["step:a", "step:b"])
        session.add(a, after=b)
        session.add(b, after=a)
        {
            "expunge": lambda: session.expunge(a),
            "rollback": session.rollback,
            "refresh": lambda: session.refresh(a),
            "delete": lambda: (session.expunge(a), session.expunge(b)),
        }[end]()
        a.note = b.note = "changed"

        session.commit()
