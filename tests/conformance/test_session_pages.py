"""Pages as a session gives them, of whole databases and of partitions."""

import pytest
from leafing import backwards, forwards, ids

from couchmapper.design import Design, Index
from couchmapper.mapping import Document, Mapped, Ref, field


class Reader(Document, id="reader:{name}"):
    name: Mapped[str]


class Loan(Document, id="loan:{number}"):
    number: Mapped[int]
    reader: Mapped[Ref[Reader]]
    title: Mapped[str] = field(default="")


class LoanIndexes(Design, model=Loan):
    by_number = Index(Loan.number)


@pytest.fixture
def library(database):
    """Give a database with six loans to two readers."""
    with database.begin() as session:
        session.add_all([Reader(name="ann"), Reader(name="bob")])
        session.add_all(
            Loan(number=number, reader=Ref(f"reader:{'ann' if number % 2 else 'bob'}")) for number in range(6)
        )
    LoanIndexes.deploy(database)
    return database


def test_a_page_has_what_it_includes(library):
    with library.session() as session:
        query = session.query(Loan).order_by(Loan.number).include(Loan.reader)
        page = query.page(2, after=query.page(2).next)

        assert [loan.reader.document.name for loan in page] == ["bob", "ann"]


def test_documents_that_wait_for_their_deletion_are_left_out_and_the_pages_go_on(library):
    with library.session() as session:
        query = session.query(Loan).order_by(Loan.number)
        for number in (1, 2, 3):
            session.delete(session.get(Loan, f"loan:{number}"))
        there = forwards(query, 2)

        assert [[loan.number for loan in page] for page in there] == [[0], [], [4, 5]]
        assert [len(page) for page in backwards(query, 2, there[-1])] == [2, 0, 1]


def test_a_document_is_as_the_session_holds_it_and_the_cursor_as_the_server_has_it(library):
    with library.session() as session, library.begin() as other:
        query = session.query(Loan).order_by(Loan.number)
        held = session.get(Loan, "loan:1")
        held.title, held.number = "mine", 99
        other.get(Loan, "loan:2").title = "theirs"
        other.commit()
        first = query.page(2)
        second = query.page(2, after=first.next)

        assert (first.documents[1], held.title) == (held, "mine")
        assert [(loan.number, loan.title) for loan in second] == [(2, "theirs"), (3, "")]
        assert [loan.id for loan in query.page(2, before=second.previous)] == ["loan:0", "loan:1"]


class Reading(Document, partition="sensor", id="{hour:02}"):
    sensor: Mapped[str]
    hour: Mapped[int]
    value: Mapped[int]


class ReadingIndexes(Design, model=Reading):
    by_value = Index(Reading.value)


class WholeIndexes(Design, model=Reading, partitioned=False):
    by_value = Index(Reading.value)


@pytest.mark.parametrize("is_deployed", [False, True])
def test_pages_of_a_partition_and_across_all(client, database_name, is_deployed):
    client.databases.create(database_name, partitioned=True)
    house = client.database(database_name)
    if is_deployed:
        ReadingIndexes.deploy(house)
        WholeIndexes.deploy(house)
    with house.begin() as session:
        session.add_all(
            Reading(sensor=sensor, hour=hour, value=hour // 3) for sensor in ("a", "b") for hour in range(7)
        )
    with house.session(scans="allow") as session:
        query = session.query(Reading)
        for one in (
            query.where(Reading.sensor == "a").order_by(Reading.value),
            query.where(Reading.sensor == "a").order_by(Reading.value.desc()),
            query.across_partitions().order_by(Reading.value),
            query.across_partitions(),
            query.across_partitions().where(Reading.id < "b:05").order_by(Reading.id.desc()),
            query.where(Reading.id.startswith("b:")).order_by(Reading.hour.desc()),
        ):
            there = forwards(one, 3)
            assert sorted(ids(there)) == sorted(reading.id for reading in one)
            assert ids(backwards(one, 3, there[-1])[::-1]) == ids(there)
