"""`count()` in partitioned databases: each partition by its own indexes, all of them by those of all."""

import pytest
from noted import Noted, is_read_off

from couchmapper.database import Client
from couchmapper.design import Count, Design, Index, View
from couchmapper.exceptions import IndexNotUsedWarning
from couchmapper.mapping import Document, Mapped


class Reading(Document, partition="sensor", id="{hour}"):
    sensor: Mapped[str]
    hour: Mapped[int]


class PerSensor(Design, model=Reading):
    by_hour = Index(Reading.sensor, Reading.hour)
    counted = View(key=(Reading.hour, Reading.sensor), reduce=Count())


class Together(Design, model=Reading, partitioned=False):
    by_hour = Index(Reading.hour)


@pytest.fixture
def wire(client):
    return Noted(client.transport)


@pytest.fixture
def house(wire, client, database_name):
    """Give a partitioned database with readings of two sensors."""
    client.databases.create(database_name, partitioned=True)
    house = Client(wire).database(database_name)
    with house.begin() as session:
        session.add_all([Reading(sensor=sensor, hour=hour) for sensor in "ab" for hour in range(3)])
    house.bulk.docs([{"_id": "a:stray", "type": "reading", "sensor": "b", "hour": 1}])
    return house


@pytest.mark.parametrize(
    "design", [None, PerSensor, Together], ids=lambda one: getattr(one, "__name__", "none")
)
def test_a_partition_is_counted_by_itself(wire, house, design):
    if design is not None:
        design.deploy(house)

    with house.session() as session:
        one = session.query(Reading).where(Reading.sensor == "a")
        (counted, routes), found = wire.since(one.count), len(one.all())
        later = one.where(Reading.hour >= 1)
        exact = one.where(Reading.hour == 1)
        numbers = [(query.count(), len(query.all())) for query in (later, exact)]

    assert (counted, found, numbers) == (3, 3, [(2, 2), (1, 1)])
    assert is_read_off(routes) is (design is PerSensor)


def test_all_partitions_are_counted_together(wire, house):
    PerSensor.deploy(house)
    Together.deploy(house)

    with house.session() as session:
        query = session.query(Reading).where(Reading.hour >= 1).across_partitions()
        counted, routes = wire.since(query.count)

    assert counted == 5
    assert is_read_off(routes)


def test_indexes_of_all_partitions_serve_none_of_them(wire, house):
    class Entry(Document, partition="sensor", id="{hour}", type="reading"):
        sensor: Mapped[str]
        hour: Mapped[int]

    class Former(Design, model=Entry, name="entries", partitioned=False):
        by_hour = Index(Entry.sensor, Entry.hour)
        counted = View(key=(Entry.sensor, Entry.hour), reduce=Count())

    Former.deploy(house)

    class Entries(Design, model=Entry, name="entries"):
        by_hour = Index(Entry.sensor, Entry.hour)
        counted = View(key=(Entry.sensor, Entry.hour), reduce=Count())

    with house.session() as session:
        query = session.query(Entry).where(Entry.sensor == "a")
        with pytest.warns(IndexNotUsedWarning, match="deploy the Design that declares it"):
            before, stale = wire.since(query.count)
        Entries.deploy(house)
        after, fresh = wire.since(query.count)

    assert (before, after) == (3, 3)
    assert (is_read_off(stale), is_read_off(fresh)) == (False, True)
