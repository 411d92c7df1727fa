"""Indexes, views, inverse fields and searches in partitioned databases: of each partition, or of all."""

import re

import pytest
from noted import Noted

from couchmapper.database import Client
from couchmapper.design import Count, Design, Index, Reduce, SearchIndex, Sum, View
from couchmapper.exceptions import DesignError, FullScanRefused, PartitionRequired, QueryError
from couchmapper.mapping import Document, Mapped, Ref, field, inverse


class Room(Document, partition="house", id="{name}"):
    house: Mapped[str]
    name: Mapped[str]
    readings: Mapped[list["Reading"]] = inverse("Together.by_room")
    apart: Mapped[list["Reading"]] = inverse("Readings.by_room")


class Reading(Document, partition="sensor", id="{hour}"):
    sensor: Mapped[str]
    hour: Mapped[int]
    value: Mapped[int] = field(default=1)
    room: Mapped[Ref[Room] | None] = field(default=None)


class Readings(Design, model=Reading):
    by_value = Index(Reading.sensor, Reading.value)
    by_hour = View(key=Reading.hour, value=Reading.value, reduce=Sum())
    counted = View(key=Reading.hour, reduce=Count())
    by_room = View(key=Reading.room)
    text = SearchIndex(Reading.hour, keyword=[Reading.sensor])


class Together(Design, model=Reading, partitioned=False):
    by_value = Index(Reading.value)
    counted = View(key=Reading.hour, reduce=Count())
    by_room = View(key=Reading.room)
    text = SearchIndex(Reading.hour, keyword=[Reading.sensor])


@pytest.fixture
def wire(client):
    return Noted(client.transport)


@pytest.fixture
def bare(wire, client, database_name):
    """Give a partitioned database with five readings of each of two sensors."""
    client.databases.create(database_name, partitioned=True)
    bare = Client(wire).database(database_name)
    with bare.begin() as session:
        session.add_all(
            Reading(sensor=sensor, hour=hour, value=hour % 3) for sensor in "ab" for hour in range(5)
        )
    return bare


@pytest.fixture
def house(bare):
    """Give the database with the views and indexes of each partition, and of all together."""
    Readings.deploy(bare)
    Together.deploy(bare)
    return bare


# --- indexes


def test_a_query_takes_the_index_of_its_scope(house):
    with house.begin(scans="forbid") as session:
        query = session.query(Reading).where(Reading.value == 1)
        here, everywhere = query.where(Reading.sensor == "a"), query.across_partitions()

        assert [one.id for one in here] == ["a:1", "a:4"]
        assert sorted(one.id for one in everywhere) == ["a:1", "a:4", "b:1", "b:4"]
        told = here.explain(), everywhere.explain()

    assert [str(one.index).partition("-")[0] for one in told] == [
        "_design/readings.by_value by_value",
        "_design/together.by_value by_value",
    ]
    assert [one.route for one in told] == ["_find in the partition a", "_find"]
    assert [one.json and one.json["index"]["name"] for one in told] == [
        str(one.index).rpartition(" ")[2] for one in told
    ]


def test_several_partitions_are_asked_by_their_index_and_merged(wire, house):
    with house.begin(scans="forbid") as session:
        query = session.query(Reading).where(Reading.sensor.in_(["b", "a"]), Reading.value >= 1)
        found, routes = wire.since(query.order_by(Reading.value.desc(), Reading.id).all)

        assert [one.id for one in found] == ["a:2", "b:2", "a:1", "a:4", "b:1", "b:4"]
        assert [one for one in routes if one != "_index"] == ["_partition/a/_find", "_partition/b/_find"]
        assert wire.since(query.count)[0] == 6
        assert "by_value" in str(query.explain().index)

    assert all("_find" not in route for route in wire.routes if "_explain" not in route)


@pytest.mark.parametrize("scope", ["partition", "several", "all"])
def test_what_is_advised_serves_once_it_is_deployed(bare, scope):
    class Sample(Document, partition="sensor", id="{hour}"):
        sensor: Mapped[str]
        hour: Mapped[int]

    samples = [Sample(sensor=sensor, hour=hour) for sensor in ("s", "t") for hour in range(5)]
    with bare.begin() as session:
        session.add_all(samples)

    with bare.begin(scans="forbid") as session:
        query = session.query(Sample).where(Sample.hour > 2)
        query = {
            "partition": query.where(Sample.sensor == "s"),
            "several": query.where(Sample.sensor.in_(["s", "t"])),
            "all": query.across_partitions(),
        }[scope]
        advice = query.advise()
        with pytest.raises(FullScanRefused, match=re.escape(str(advice))):
            query.all()
        assert ("partitioned=False" in str(advice)) is (scope == "all")

        class Advised(Design, model=Sample, partitioned=False if advice.across else None):
            by = Index(*(getattr(Sample, path[0]) for path in advice.fields))

        Advised.deploy(bare)
        assert len(query.all()) == (2 if scope == "partition" else 4)


# --- views


def test_a_view_is_asked_in_its_scope_alone(wire, house):
    with house.session() as session:
        wire.routes.clear()
        for view in (Readings.by_hour, Readings.counted):
            for ask in ("all", "count", "value", "first"):
                with pytest.raises(PartitionRequired, match=r"name one with \.partition"):
                    getattr(session.view(view), ask)()
        with pytest.raises(PartitionRequired):
            list(session.view(Readings.counted).rows().documents())
        with pytest.raises(QueryError, match="of all partitions together"):
            session.view(Together.counted).partition("a").all()
        assert wire.routes == []

        assert session.view(Readings.by_hour).partition("a").value() == 4
        assert session.view(Readings.counted).partition("b").range(3).value() == 2
        assert session.view(Together.counted).value() == 10


def test_groups_of_a_partition_are_paged(house):
    with house.session() as session:
        groups = session.view(Readings.by_hour).partition("a").group()
        first = groups.page(3)
        second = groups.page(3, after=first.next)

    assert [[(row.key, row.value) for row in page] for page in (first, second)] == [
        [(0, 0), (1, 1), (2, 2)],
        [(3, 0), (4, 1)],
    ]


def test_several_keys_of_a_partition_are_read_and_not_reduced(wire, house):
    with house.session() as session:
        several = session.view(Readings.counted).partition("a").keys([1, 2, 9])
        wire.routes.clear()
        with pytest.raises(QueryError, match="no more than one of several keys in a partition; ask for one"):
            several.group().all()
        assert wire.routes == []

        assert [row.id for row in several.rows()] == ["a:1", "a:2"]
        assert several.rows().count() == 2
        alone = session.view(Readings.counted).partition("a").keys([1]).group().all()

    assert [(row.key, row.value) for row in alone] == [(1, 1)]


def test_a_reduce_function_in_javascript_is_refused_in_partitions():
    ours = Reduce[int]("function (keys, values) { return 1; }")

    class Apart(Design, model=Reading):
        by_hour = View(key=Reading.hour, reduce=ours)

    class Whole(Design, model=Reading, partitioned=False):
        by_hour = View(key=Reading.hour, reduce=ours)

    with pytest.raises(DesignError, match=r"by_hour: CouchDB fails on reduce functions in JavaScript"):
        Apart.documents()
    assert Whole.document()["views"]["by_hour"]["reduce"] == ours.function


def test_what_is_of_all_partitions_serves_a_database_without(wire, database):
    plain = Client(wire).database(database.name)
    Together.deploy(plain)
    with plain.begin(scans="forbid") as session:
        session.add_all(
            [Reading(sensor=sensor, hour=hour, value=hour) for sensor in "ab" for hour in range(3)]
        )
        session.commit()

        assert session.query(Reading).where(Reading.value > 1).across_partitions().count() == 2
        assert session.view(Together.counted).range(1).value() == 4


# --- inverse fields, searches


def test_an_inverse_field_is_found_by_a_view_of_all_partitions(wire, house):
    with house.begin() as session:
        room = Room(house="h", name="attic")
        session.add(room)
        for sensor in "ab":
            session.get_one(Reading, f"{sensor}:1").room = Ref(room)

    with house.session() as session:
        room = session.get_one(Room, "h:attic", include=[Room.readings])
        assert sorted(one.id for one in room.readings) == ["a:1", "b:1"]

        wire.routes.clear()
        with pytest.raises(PartitionRequired, match="declare it in a Design with partitioned=False"):
            session.include(room, Room.apart)
        assert wire.routes == []


def test_a_search_is_asked_in_its_scope_alone(wire, bare):
    with bare.session() as session:
        wire.routes.clear()
        for ask in ("all", "count", "first"):
            with pytest.raises(PartitionRequired, match="<search index readings/text> of its own"):
                getattr(session.search(Readings.text), ask)()
        with pytest.raises(PartitionRequired):
            session.search(Readings.text).page(2)
        with pytest.raises(QueryError, match="<search index together/text> is of all partitions together"):
            session.search(Together.text).partition("a").all()

    assert wire.routes == []
