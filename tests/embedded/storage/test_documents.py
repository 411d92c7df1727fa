from collections.abc import Iterator
from sqlite3 import Connection

import pytest

from couchmapper.embedded.storage import bodies, databases, documents, listing
from couchmapper.embedded.storage.bodies import Body
from couchmapper.embedded.storage.documents import DocumentRow
from couchmapper.embedded.storage.ranges import EVERYTHING, IdRange
from couchmapper.embedded.storage.store import open_store


@pytest.fixture
def shop() -> Iterator[tuple[Connection, int]]:
    """A database with the documents a, b (deleted) and c, changed in the order c, a, b."""
    store = open_store(None)
    with store.write() as connection:
        databases.create(connection, "shop", uuid="u", created=0)
        found = databases.find(connection, "shop")
        assert found is not None
        bodies.insert(connection, found.number, [(n, Body(b'{"n":%d}' % n)) for n in (1, 2, 3)])
        rows = [
            DocumentRow("c", 1, "1-c", False, 1, b"tree of c"),
            DocumentRow("a", 2, "1-a", False, 2, b"tree of a"),
            DocumentRow("b", 3, "1-b", True, 3, b"tree of b"),
        ]
        documents.save(connection, found.number, rows)
        yield connection, found.number
    store.close()


def test_a_document_is_found_with_its_tree_and_body(shop):
    connection, number = shop

    assert documents.find(connection, number, "a") == DocumentRow(
        "a", 2, "1-a", False, 2, b"tree of a", b'{"n":2}'
    )
    assert documents.find(connection, number, "z") is None


def test_many_are_found_by_id_with_what_is_asked_for(shop):
    connection, number = shop

    assert documents.find_many(connection, number, ["b", "z", "c"], content=True) == {
        "b": DocumentRow("b", 3, "1-b", True, 3, b"", b'{"n":3}'),
        "c": DocumentRow("c", 1, "1-c", False, 1, b"", b'{"n":1}'),
    }


def test_more_ids_than_one_statement_takes_are_found(shop):
    connection, number = shop

    assert len(documents.find_many(connection, number, [str(n) for n in range(40_000)] + ["a"])) == 1


def test_changes_come_in_their_order(shop):
    connection, number = shop

    assert [row.id for row in documents.changes(connection, number)] == ["c", "a", "b"]
    assert [row.id for row in documents.changes(connection, number, since=1)] == ["a", "b"]
    assert [row.id for row in documents.changes(connection, number, descending=True, limit=2)] == ["b", "a"]


def test_changes_are_counted(shop):
    connection, number = shop

    assert documents.count_changes(connection, number) == 3
    assert documents.count_changes(connection, number, after=1) == 2
    assert documents.count_changes(connection, number, before=3) == 2


def test_a_saved_document_takes_the_place_of_the_old_row(shop):
    connection, number = shop
    documents.save(connection, number, [DocumentRow("a", 4, "2-a", False, 1, b"grown")])

    assert [(row.id, row.seq) for row in documents.changes(connection, number)] == [
        ("c", 1),
        ("b", 3),
        ("a", 4),
    ]


def test_a_listing_holds_what_is_not_deleted_by_id(shop):
    connection, number = shop

    assert [row.id for row in listing.scan(connection, number, EVERYTHING)] == ["a", "c"]
    assert [row.id for row in listing.scan(connection, number, EVERYTHING, descending=True)] == ["c", "a"]
    assert [row.id for row in listing.scan(connection, number, EVERYTHING, limit=1, skip=1)] == ["c"]


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (IdRange(first="b"), ["c"]),
        (IdRange(last="b"), ["a"]),
        (IdRange(first="a", last="c"), ["a", "c"]),
        (IdRange(first="a", last="c", last_included=False), ["a"]),
        (IdRange(first="a", last="c", first_included=False), ["c"]),
        (IdRange(first="c", last="a"), []),
    ],
)
def test_a_range_bounds_a_listing_and_its_count(shop, ids: IdRange, found: list[str]):
    connection, number = shop

    assert [row.id for row in listing.scan(connection, number, ids)] == found
    assert listing.count(connection, number, ids) == len(found)


def test_a_listing_can_be_within_another_range(shop):
    connection, number = shop
    within = IdRange(first="b")

    assert [row.id for row in listing.scan(connection, number, IdRange(last="c"), within=within)] == ["c"]


def test_bodies_are_found_by_number(shop):
    connection, _ = shop

    assert bodies.read(connection, 1) == Body(b'{"n":1}')
    assert bodies.next_number(connection) == 4
    with pytest.raises(KeyError):
        bodies.read(connection, 9)
