"""Queries of partitioned models: they ask the partitions that they name, and never more than was meant."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from noted import Noted

from couchmapper.database import Client
from couchmapper.exceptions import FullScanRefused, NotPartitioned, PartitionRequired
from couchmapper.mango.nodes import Expression
from couchmapper.mapping import Document, Mapped, Ref, field
from couchmapper.query import Query


class Maker(Document, partition="country", id="{name}"):
    country: Mapped[str]
    name: Mapped[str]


class Reading(Document, partition="sensor", id="{hour:02}"):
    sensor: Mapped[str]
    hour: Mapped[int]
    value: Mapped[int] = field(default=0)
    maker: Mapped[Ref[Maker] | None] = field(default=None)


class Visit(Document, partition="sensor"):
    sensor: Mapped[str]


A, A_DASH, B = "a", "a-", "b"  # the ids of the second come first: `-` is before `:`


def hours(sensor: str, *numbers: int) -> list[str]:
    return [f"{sensor}:{number:02}" for number in numbers]


@pytest.fixture
def wire(client):
    return Noted(client.transport)


@pytest.fixture
def house(wire, client, database_name):
    """Give a partitioned database with four readings of each of three sensors, and with a visit to one."""
    client.databases.create(database_name, partitioned=True)
    house = Client(wire).database(database_name)
    with house.begin() as session:
        session.add_all(
            Reading(sensor=sensor, hour=hour, value=(hour * 7 + place) % 5)
            for place, sensor in enumerate((A, A_DASH, B))
            for hour in range(4)
        )
        session.add(Visit(id="a:visit", sensor=A))
    wire.routes.clear()
    return house


def asked(query: Query[Any], wire: Noted) -> tuple[list[str], list[str]]:
    """Return the ids that a query finds, and what was asked for them, the indexes aside."""
    found, routes = wire.since(query.all)
    return [document.id for document in found], [route for route in routes if route != "_index"]


def find(*partitions: str) -> list[str]:
    return [f"_partition/{partition}/_find" for partition in partitions]


ASKED: dict[str, tuple[Expression, list[str], list[str]]] = {
    "equal": (Reading.sensor == A, find(A), hours(A, 0, 1, 2, 3)),
    "equal, and more": ((Reading.sensor == A) & (Reading.hour > 1), find(A), hours(A, 2, 3)),
    "equal, and ids": ((Reading.sensor == A) & (Reading.id > "a:01"), find(A), hours(A, 2, 3)),
    "empty": (Reading.sensor == "none", find("none"), []),
    "strange": (Reading.sensor == "é/ü", find("é/ü"), []),
    "prefix": (Reading.id.startswith("a:"), ["_partition/a/_all_docs"], hours(A, 0, 1, 2, 3)),
    "longer prefix": (Reading.id.startswith("a:02"), ["_partition/a/_all_docs"], hours(A, 2)),
    "range": (Reading.id.between("a:01", "a:02"), ["_partition/a/_all_docs"], hours(A, 1, 2)),
    "id": (Reading.id == "a:01", ["a:01"], hours(A, 1)),
    "ids": (Reading.id.in_(["b:02", "a:01"]), ["_all_docs"], ["a:01", "b:02"]),
    "several": (Reading.sensor.in_([B, A]), find(A, B), hours(A, 0, 1, 2, 3) + hours(B, 0, 1, 2, 3)),
    "several, and more": (
        (Reading.hour == 1) & Reading.sensor.in_([A, A_DASH]),
        find(A_DASH, A),
        hours(A_DASH, 1) + hours(A, 1),
    ),
    "alternatives": (
        ((Reading.sensor == A) & (Reading.hour == 1)) | ((Reading.sensor == B) & (Reading.hour == 2)),
        find(A, B),
        hours(A, 1) + hours(B, 2),
    ),
    "one of several by a prefix": (
        Reading.sensor.in_([A, B]) & Reading.id.startswith("b:0"),
        ["_partition/b/_all_docs"],
        hours(B, 0, 1, 2, 3),
    ),
    "one of several by ids": (
        Reading.sensor.in_([A, B]) & (Reading.id > "b:01"),
        find(B),
        hours(B, 2, 3),
    ),
    "one of several that can be": (
        Reading.sensor.in_([A, "", "_design", "x:y"]),
        find(A),
        hours(A, 0, 1, 2, 3),
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_query_asks_the_partitions_that_it_names(wire, house, name):
    condition, routes, found = ASKED[name]
    with house.session() as session:
        assert asked(session.query(Reading).where(condition), wire) == (found, routes)


NOTHING: dict[str, Expression] = {
    "empty": Reading.sensor == "",
    "underscore": Reading.sensor == "_a",
    "colon": Reading.sensor == "a:b",
    "dots": Reading.sensor == "..",
    "several": Reading.sensor.in_(["", ":"]),
    "two at once": (Reading.sensor == A) & (Reading.sensor == B),
    "another prefix": (Reading.sensor == A) & Reading.id.startswith("b:"),
    "other ids": (Reading.sensor == A) & (Reading.id < "a"),
    "plain id": Reading.id == "without partition",
    "broken ids": Reading.id.in_([":x", "x:", "_x:y"]),
    "broken prefix": Reading.id.startswith(":"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_no_partition_can_hold_is_not_asked_for(wire, house, name):
    with house.session() as session:
        query = session.query(Reading).where(NOTHING[name])
        (found, count, exists), routes = wire.since(lambda: (query.all(), query.count(), query.exists()))

    assert (found, count, exists, routes) == ([], 0, False, [])


OF_ALL: dict[str, tuple[Expression, int]] = {
    "another field": (Reading.hour == 1, 3),
    "all but one": (Reading.sensor != A, 8),
    "behind one": (Reading.sensor > A, 8),
    "a beginning": (Reading.sensor.startswith(A), 8),
    "one or another field": ((Reading.sensor == A) | (Reading.hour == 1), 6),
    "ids behind one": (Reading.id > "a:02", 5),
    "ids of two": (Reading.id.between("a:02", "b:01"), 4),
    "prefix of two": (Reading.id.startswith("a"), 8),
}


@pytest.mark.parametrize("name", OF_ALL)
def test_a_query_that_names_no_partition_is_for_all_only_when_it_says_so(wire, house, name):
    condition, number = OF_ALL[name]
    with house.session() as session:
        query = session.query(Reading).where(condition)
        with pytest.raises(PartitionRequired, match=r"add .where\(Reading.sensor == ...\), or .across_part"):
            query.all()
        assert wire.routes == []
        found, routes = asked(query.across_partitions(), wire)

    assert (len(found), len(routes)) == (number, 1)
    assert not routes[0].startswith("_partition")


ASKING: dict[str, Callable[[Query[Reading]], object]] = {
    "first": lambda query: query.first(),
    "count": lambda query: query.count(),
    "exists": lambda query: query.exists(),
    "page": lambda query: query.page(2),
    "select": lambda query: query.select(Reading.hour).all(),
    "update": lambda query: query.update(lambda _: None),
    "delete": lambda query: query.delete(),
    "advise": lambda query: query.advise(),
    "explain": lambda query: query.explain(),
}


@pytest.mark.parametrize("name", ASKING)
def test_no_method_asks_all_partitions_unasked(wire, house, name):
    with house.session() as session, pytest.raises(PartitionRequired):
        ASKING[name](session.query(Reading))

    assert not any("_find" in route or "_all_docs" in route for route in wire.routes)


def test_no_more_than_a_hundred_partitions_are_asked_in_turn(wire, house):
    many = [f"s{number}" for number in range(101)]
    with house.session() as session:
        query = session.query(Reading).where(Reading.sensor.in_(many))
        with pytest.raises(PartitionRequired, match="one of 101 values, and at most 100"):
            query.all()
        assert wire.routes == []
        assert asked(query.across_partitions(), wire) == ([], ["_find"])


# --- in one partition


def test_a_partition_is_counted_paged_and_looked_into(house):
    with house.session() as session:
        query = session.query(Reading).where(Reading.sensor == A, Reading.hour >= 1)

        assert (query.count(), query.exists(), query.limit(2).count()) == (3, True, 2)
        assert [one.hour for one in query.order_by(Reading.hour.desc()).limit(2)] == [3, 2]
        assert query.order_by(Reading.hour).select(Reading.hour).scalars().all() == [1, 2, 3]
        first = query.order_by(Reading.hour).page(2)
        second = query.order_by(Reading.hour).page(2, after=first.next)

    assert [[one.hour for one in page] for page in (first, second)] == [[1, 2], [3]]


def test_a_partition_is_changed_and_emptied(house):
    with house.session() as session:
        query = session.query(Reading).where(Reading.sensor == A)
        changed = query.where(Reading.hour < 2).update(lambda reading: setattr(reading, "value", 9))
        deleted = query.where(Reading.value == 9).delete()

        assert (changed.written, deleted.written) == (2, 2)
        assert [one.hour for one in query] == [2, 3]
        assert session.query(Reading).across_partitions().count() == 10


def test_an_order_is_made_in_a_partition_without_an_index(wire, house):
    with house.session() as session:
        found, routes = asked(
            session.query(Reading).where(Reading.sensor == A).order_by(Reading.value, Reading.id.desc()), wire
        )

    assert found == ["a:00", "a:03", "a:01", "a:02"]
    assert set(routes) == set(find(A))


def test_a_scan_of_a_partition_is_refused_where_scans_are(house):
    with house.begin(scans="forbid") as session:
        assert session.query(Reading).where(Reading.id.startswith("a:")).count() == 4
        with pytest.raises(FullScanRefused, match=r"declare Index\(Reading.value\) in a Design and"):
            session.query(Reading).where(Reading.sensor == A, Reading.value > 1).all()


# --- in several


@pytest.fixture
def three(house):
    """Give a query of three partitions."""
    with house.session() as session:
        yield session.query(Reading).where(Reading.sensor.in_([B, A, A_DASH]))


def test_several_partitions_come_in_the_order_of_ids(wire, three):
    everything = hours(A_DASH, 0, 1, 2, 3) + hours(A, 0, 1, 2, 3) + hours(B, 0, 1, 2, 3)

    assert asked(three, wire) == (everything, find(A_DASH, A, B))
    assert asked(three.order_by(Reading.id), wire)[0] == everything
    assert asked(three.order_by(Reading.id.desc()), wire) == (everything[::-1], find(B, A, A_DASH))
    assert asked(three.page_size(3), wire)[0] == everything


def test_what_is_not_needed_is_not_asked(wire, three):
    assert asked(three.limit(3), wire) == (hours(A_DASH, 0, 1, 2), find(A_DASH))
    assert asked(three.skip(3).limit(2), wire) == ([*hours(A_DASH, 3), *hours(A, 0)], find(A_DASH, A))
    assert wire.since(three.exists) == (True, find(A_DASH))


def test_an_order_goes_through_several_partitions(three):
    def places(query: Query[Reading]) -> list[tuple[int, str]]:
        return [(one.value, one.id) for one in query]

    everything = sorted(places(three))

    assert places(three.order_by(Reading.value, Reading.id)) == everything
    assert places(three.order_by(Reading.value, Reading.id).skip(2).limit(5)) == everything[2:7]
    assert places(three.order_by(Reading.value.desc(), Reading.id.desc()).limit(4)) == everything[:-5:-1]


@pytest.mark.parametrize(
    "order", [[], [Reading.hour], [Reading.value.desc(), Reading.id]], ids=["none", "one", "two"]
)
def test_pages_go_through_several_partitions(three, order):
    query, pages, cursor = three.order_by(*order), [], None
    while not pages or cursor is not None:
        page = query.page(5, after=cursor)
        cursor = page.next
        pages.append([one.id for one in page])

    everything = [one for page in pages for one in page]

    assert [len(page) for page in pages] == [5, 5, 2]
    assert len(set(everything)) == 12
    assert order or everything == [one.id for one in three.order_by(Reading.id)]


def test_several_partitions_are_counted_changed_and_emptied(house, three):
    late = three.where(Reading.hour >= 2)

    assert (three.count(), late.count(), late.skip(2).count()) == (12, 6, 4)
    assert late.update(lambda reading: setattr(reading, "value", 9)).written == 6
    assert sorted(late.select(Reading.sensor, Reading.value).all())[::3] == [(A, 9), (A_DASH, 9)]
    assert late.delete().written == 6
    assert three.count() == 6


def test_how_several_partitions_are_asked_is_told(three):
    told = three.explain()

    assert told.route == "_find in the partition a-, then in a, b"
    assert str(three.where(Reading.value > 1).advise()) == (
        "declare Index(Reading.value) in a Design and deploy it"
    )


# --- what is told of partitions elsewhere


def test_documents_of_several_partitions_are_got_together(wire, house):
    with house.session() as session:
        wanted = ["b:01", "a:00", "c:00", "a-:02"]
        found, routes = wire.since(lambda: session.get_many(Reading, wanted))

    assert [one.id if one else None for one in found] == ["b:01", "a:00", None, "a-:02"]
    assert routes == ["_all_docs"]


def test_references_lead_from_one_partition_to_others(wire, house):
    with house.begin() as session:
        makers = [Maker(country=country, name="Acme") for country in ("de", "fr")]
        session.add_all(makers)
        for reading, maker in zip(session.query(Reading).where(Reading.sensor == A), makers, strict=False):
            reading.maker = Ref(maker)

    with house.session() as session:
        query = session.query(Reading).where(Reading.sensor == A).include(Reading.maker)
        found, routes = wire.since(query.all)
        assert [one.maker.document.country for one in found if one.maker] == ["de", "fr"]

    assert routes == [*find(A), "_all_docs"]


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("kind", "value", "other"),
    [
        (Colour, Colour.RED, Colour.BLUE),
        (date, date(2026, 3, 1), date(2026, 3, 2)),
        (UUID, UUID(int=1), UUID(int=2)),
        (Ref[Maker], Ref("acme"), Ref("bolt")),
    ],
    ids=["enum", "date", "uuid", "reference"],
)
def test_what_is_text_in_json_can_be_the_partition(wire, house, kind, value, other):
    class Event(Document, partition="source", id="{number}"):
        source: Mapped[kind]
        number: Mapped[int] = field(default=1)

    with house.begin() as session:
        session.add_all([Event(source=value), Event(source=value, number=2), Event(source=other)])

    with house.session() as session:
        one, routes = asked(session.query(Event).where(Event.source == value), wire)
        both, _ = asked(session.query(Event).where(Event.source.in_([other, value])), wire)

    assert (len(one), len(both), routes) == (2, 3, find(one[0].partition(":")[0]))


def test_a_database_without_partitions_says_what_to_do(wire, database):
    plain = Client(wire).database(database.name)
    with plain.begin() as session:
        session.add(Reading(sensor=A, hour=1))

    with plain.session() as session:
        query = session.query(Reading).where(Reading.hour == 1)
        for one in (query.where(Reading.sensor == A), query.where(Reading.id.startswith("a:"))):
            with pytest.raises(NotPartitioned, match=r"partitioned=True.*\.across_partitions\(\)"):
                one.all()
        assert query.across_partitions().count() == 1
        assert session.get_one(Reading, "a:01").hour == 1
