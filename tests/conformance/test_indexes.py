from datetime import UTC, datetime

import pytest

from couchmapper.design import Design, Index
from couchmapper.exceptions import NotFound
from couchmapper.mango import And, Condition, dump, normalize, parse
from couchmapper.mango.normal_form import readable
from couchmapper.mapping import Document, Mapped, field


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    placed: Mapped[datetime]
    status: Mapped[str] = field(default="new")
    note: Mapped[str | None] = field(default=None)
    tags: Mapped[list[str]] = field(factory=list)
    odd: Mapped[int] = field(default=1, name="$odd.name")


class Rush(Order):
    hours: Mapped[int]


class OrderIndexes(Design, model=Order):
    by_status = Index(Order.status, Order.placed, where=Order.status != "void")
    newest = Index(Order.placed.desc(), Order.number.desc())
    by_note = Index(Order.note)
    red = Index(Order.number, where=Order.tags.any("red"))
    odd = Index(Order.odd, Order.tags[0])
    everything = Index(Order.status, partial=False)


class RushIndexes(Design, model=Rush):
    by_hours = Index(Rush.hours)


INDEXES = [OrderIndexes.by_status, OrderIndexes.newest, OrderIndexes.by_note, OrderIndexes.red]
INDEXES += [OrderIndexes.odd, OrderIndexes.everything]


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


@pytest.fixture
def shop(database):
    """Give a database with five orders, strangers and the deployed indexes."""
    with database.begin() as session:
        session.add(Order(number=1, placed=day(3), tags=["red"]))
        session.add(Order(number=2, placed=day(1), status="paid", note="late"))
        session.add(Order(number=3, placed=day(2), tags=["blue", "red"]))
        session.add(Order(number=4, placed=day(4), status="void"))
        session.add(Rush(number=5, placed=day(5), hours=3))
    database.documents.put({"_id": "stranger", "type": "customer", "status": "new", "placed": "2026"})
    database.documents.put({"_id": "bare", "type": "order", "status": "new"})
    OrderIndexes.deploy(database)
    RushIndexes.deploy(database)
    return database


def rows(database, index, **asked):
    """Ask an index as the view that it is."""
    return database.views.query(index.ddoc, index.name, **asked)["rows"]


def ids(database, index, **asked):
    return [row["id"] for row in rows(database, index, reduce=False, **asked)]


def test_indexes_are_deployed_once(database):
    assert OrderIndexes.deploy(database)
    assert not OrderIndexes.deploy(database)
    assert [(one["ddoc"], one["name"]) for one in database.find.indexes()] == [
        (None, "_all_docs"),
        ("_design/order_indexes.by_note", OrderIndexes.by_note.name),
        ("_design/order_indexes.by_status", OrderIndexes.by_status.name),
        ("_design/order_indexes.everything", OrderIndexes.everything.name),
        ("_design/order_indexes.newest", OrderIndexes.newest.name),
        ("_design/order_indexes.odd", OrderIndexes.odd.name),
        ("_design/order_indexes.red", OrderIndexes.red.name),
    ]


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.given_name)
def test_an_index_is_what_couchdb_itself_makes(database, index):
    definition = index.definition(Order)
    asked = definition["options"]["def"]

    database.find.create_index(**asked, ddoc="asked", name=index.name)
    OrderIndexes.deploy(database)

    made = database.design.get("asked")
    put = database.design.get(index.ddoc)
    assert list(made["views"][index.name]["map"]["fields"].items()) == list(
        definition["map"]["fields"].items()
    )
    assert made["views"] == put["views"]
    assert made["language"] == put["language"]
    assert (
        database.design.information("asked")["view_index"]["signature"]
        == (database.design.information(index.ddoc)["view_index"]["signature"])
    )
    assert database.find.create_index(**asked, ddoc=index.ddoc, name=index.name)["result"] == "exists"


def test_an_index_holds_the_documents_of_the_model_that_have_its_fields(shop):
    assert ids(shop, OrderIndexes.by_status) == ["order:3", "order:1", "order:5", "order:2"]
    assert ids(shop, OrderIndexes.newest) == ["order:2", "order:3", "order:1", "order:4", "order:5"]
    assert ids(shop, OrderIndexes.red) == ["order:1", "order:3"]
    assert ids(shop, RushIndexes.by_hours) == ["order:5"]


def test_a_null_is_in_an_index(shop):
    assert [row["key"] for row in rows(shop, OrderIndexes.by_note, reduce=False)] == [
        *([[None]] * 4),
        ["late"],
    ]


def test_names_with_dots_and_dollars_are_fields(shop):
    assert rows(shop, OrderIndexes.odd, reduce=False) == [
        {"id": "order:3", "key": [1, "blue"], "value": None},
        {"id": "order:1", "key": [1, "red"], "value": None},
    ]


def test_an_index_of_all_types_holds_them_all(shop):
    assert [(row["key"], row["value"]) for row in rows(shop, OrderIndexes.everything, group=True)] == [
        (["customer", "new"], 1),
        (["order", "new"], 3),
        (["order", "paid"], 1),
        (["order", "void"], 1),
        (["rush", "new"], 1),
    ]


def test_an_index_counts_its_documents(shop):
    def counted(**asked):
        return [(row["key"], row["value"]) for row in rows(shop, OrderIndexes.by_status, **asked)]

    assert counted() == [(None, 4)]
    assert counted(reduce=True, group_level=1) == [(["new"], 3), (["paid"], 1)]
    assert counted(start_key=["new"], end_key=["new", {}]) == [(None, 3)]
    assert counted(start_key=["new", "2026-01-03"], end_key=["new", {}]) == [(None, 2)]
    assert counted(start_key=["void"]) == []


def test_an_index_is_asked_as_other_views_are(shop):
    key = ["new", "2026-01-03T00:00:00.000000Z"]

    assert ids(shop, OrderIndexes.by_status, key=key) == ["order:1"]
    assert ids(shop, OrderIndexes.by_status, keys=[key, ["new"]]) == ["order:1"]
    assert ids(shop, OrderIndexes.by_status, descending=True, skip=1, limit=2) == ["order:5", "order:1"]
    assert ids(shop, OrderIndexes.by_status, start_key=["o"]) == ["order:2"]
    (row,) = rows(shop, OrderIndexes.by_status, key=key, reduce=False, include_docs=True)
    assert row["doc"]["number"] == 1


def test_an_index_follows_the_changes(shop):
    with shop.begin() as session:
        session.get(Order, "order:1").status = "void"
        session.delete(session.get(Order, "order:2"))

    assert ids(shop, OrderIndexes.by_status) == ["order:3", "order:5"]


@pytest.mark.parametrize("index", [*INDEXES, RushIndexes.by_hours], ids=lambda index: index.given_name)
def test_a_query_that_names_an_index_uses_it(shop, index):
    known = index.declared()
    fulfilled = And((known.filter, *(Condition(path, "$gte", None) for path in known.fields)))

    told = shop.find.explain(dump(fulfilled), use_index=[index.ddoc, index.name])

    assert (told["index"]["ddoc"], told["index"]["name"]) == (f"_design/{index.ddoc}", index.name)


@pytest.mark.parametrize("index", [*INDEXES, RushIndexes.by_hours], ids=lambda index: index.given_name)
def test_a_database_tells_the_filter_that_was_declared(shop, index):
    (told,) = [one["def"] for one in shop.find.indexes() if one["name"] == index.name]
    selector = told.get("partial_filter_selector", {})

    assert normalize(parse(readable(selector))) == index.declared().filter


def test_a_sort_works_for_a_family(shop):
    selector = {"type": {"$in": ["order", "rush"]}, "placed": {"$gte": None}, "number": {"$gte": None}}
    asked = {"use_index": [OrderIndexes.newest.ddoc, OrderIndexes.newest.name], "sort": [{"placed": "desc"}]}

    told = shop.find.explain(selector, **asked)
    found = shop.find(selector, **asked)

    assert told["index"]["ddoc"] == "_design/order_indexes.newest"
    assert [document["_id"] for document in found["docs"]] == [
        "order:5",
        "order:4",
        "order:1",
        "order:3",
        "order:2",
    ]


def test_an_index_is_read_both_ways(shop):
    selector = {"type": {"$in": ["order", "rush"]}, "placed": {"$gte": None}, "number": {"$gte": None}}

    named = [OrderIndexes.newest.ddoc, OrderIndexes.newest.name]
    found = shop.find(selector, use_index=named, sort=["placed"], limit=2)

    assert [document["_id"] for document in found["docs"]] == ["order:2", "order:3"]


def test_an_index_of_all_types_is_found_without_its_name(shop):
    told = shop.find.explain({"type": "order", "status": "new"})

    assert told["index"]["ddoc"] == "_design/order_indexes.everything"


def test_an_index_that_changed_takes_the_place_of_its_former_self(shop):
    class Changed(Design, model=Order, name="order_indexes"):
        by_status = Index(Order.status, where=Order.status == "void")

    kept = shop.design.head("order_indexes.newest")

    assert Changed.by_status.ddoc == OrderIndexes.by_status.ddoc
    assert Changed.deploy(shop)
    assert ids(shop, Changed.by_status) == ["order:4"]
    assert list(shop.design.get(Changed.by_status.ddoc)["views"]) == [Changed.by_status.name]
    with pytest.raises(NotFound):
        rows(shop, OrderIndexes.by_status)
    assert shop.design.head("order_indexes.newest") == kept
    assert not Changed.deploy(shop)


def test_a_query_that_names_a_former_index_does_not_get_another_one(shop):
    class Changed(Design, model=Order, name="order_indexes"):
        by_status = Index(Order.status, where=Order.status == "void")

    Changed.deploy(shop)
    former = OrderIndexes.by_status
    selector = {"type": {"$in": ["order", "rush"]}, "status": "new", "placed": {"$gte": None}}

    found = shop.find(selector, use_index=[former.ddoc, former.name])

    assert sorted(document["_id"] for document in found["docs"]) == ["order:1", "order:3", "order:5"]
    assert "was not used" in found["warning"]


def test_an_index_that_was_not_deployed_is_told(database):
    with pytest.raises(NotFound):
        rows(database, OrderIndexes.by_status)


class Reading(Document, partition="sensor", id="{hour}"):
    sensor: Mapped[str]
    hour: Mapped[int]


class PerSensor(Design, model=Reading):
    by_hour = Index(Reading.hour)


class OfAllSensors(Design, model=Reading, partitioned=False):
    by_hour = Index(Reading.hour)


@pytest.fixture
def house(client, database_name):
    """Give a partitioned database with two readings in each of two partitions."""
    client.databases.create(database_name, partitioned=True)
    house = client.database(database_name)
    with house.begin() as session:
        session.add_all([Reading(sensor=sensor, hour=hour) for sensor in ("a", "b") for hour in (1, 2)])
    return house


def test_an_index_is_for_one_partition_or_for_all(house):
    assert [PerSensor.deploy(house), OfAllSensors.deploy(house)] == [True, True]
    assert [PerSensor.deploy(house), OfAllSensors.deploy(house)] == [False, False]
    name = PerSensor.by_hour.name
    assert [(one["name"], one["ddoc"], one["partitioned"]) for one in house.find.indexes()[1:]] == [
        (name, "_design/of_all_sensors.by_hour", False),
        (name, "_design/per_sensor.by_hour", True),
    ]
    selector = {"type": "reading", "hour": {"$gt": 1}}
    named = {design: [f"{design}.by_hour", name] for design in ("per_sensor", "of_all_sensors")}
    one = house.partition("a").find(selector, use_index=named["per_sensor"])
    both = house.find(selector, use_index=named["of_all_sensors"])
    assert ("warning" in one, [found["_id"] for found in one["docs"]]) == (False, ["a:2"])
    assert ("warning" in both, sorted(found["_id"] for found in both["docs"])) == (False, ["a:2", "b:2"])


def test_an_index_of_all_partitions_becomes_one_of_each(house):
    class Changed(Design, model=Reading, name="of_all_sensors"):
        by_hour = Index(Reading.hour)

    OfAllSensors.deploy(house)

    assert Changed.deploy(house)
    assert [one["partitioned"] for one in house.find.indexes()[1:]] == [True]
    assert [row["key"] for row in rows(house.partition("a"), Changed.by_hour, reduce=False)] == [[1], [2]]
    assert not Changed.deploy(house)
