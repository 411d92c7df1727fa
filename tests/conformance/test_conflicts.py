"""Conflicts that replication made: all stores show the same leaves, and resolve them alike."""

import pytest

from couchmapper.session.leaves import ancestry, is_tombstone, leaves


def digest(digit: str) -> str:
    return digit * 32


def revision(id, *digits, **body):
    """Write a document at a revision: one digit for each revision that led to it, newest first."""
    digests = [digest(digit) for digit in digits]
    history = {"start": len(digests), "ids": digests}
    return {"_id": id, "_rev": f"{len(digests)}-{digests[0]}", "_revisions": history, **body}


def replicate(database, *documents):
    """Store documents at revisions that were made elsewhere."""
    assert database.bulk.docs(documents, new_edits=False) == []


@pytest.fixture
def branches(database):
    """Give the leaves of a document whose branches end alive, alive in another root, and deleted."""
    replicate(
        database,
        revision("a", "1", n=1),
        revision("a", "2", "1", n=2),
        revision("a", "9", "8", n=5),
        revision("a", "4", "3", "1", n=9, _deleted=True),
    )
    return leaves(database, ["a"])["a"]


def test_leaves_come_in_one_order_the_winner_first(branches):
    assert [leaf["_rev"] for leaf in branches] == [f"2-{digest('9')}", f"2-{digest('2')}", f"3-{digest('4')}"]


def test_leaves_hold_their_bodies_and_how_they_ended(branches):
    assert [(leaf["n"], is_tombstone(leaf)) for leaf in branches] == [(5, False), (2, False), (9, True)]


def test_leaves_know_what_led_to_them(branches):
    assert [ancestry(leaf) for leaf in branches] == [
        (f"2-{digest('9')}", f"1-{digest('8')}"),
        (f"2-{digest('2')}", f"1-{digest('1')}"),
        (f"3-{digest('4')}", f"2-{digest('3')}", f"1-{digest('1')}"),
    ]


def test_leaves_of_many_documents_are_told_apart(database):
    replicate(database, revision("a", "1"), revision("b", "2", _deleted=True), revision("b", "1"))

    found = leaves(database, ["nowhere", "b", "a"])

    assert {one: len(some) for one, some in found.items()} == {"nowhere": 0, "b": 2, "a": 1}


def test_digests_of_other_writers_have_their_place_in_the_order(database):
    replicate(database, *({"_id": "a", "_rev": f"1-{one}"} for one in ("abc", "ffff", digest("1"))))

    assert [leaf["_rev"] for leaf in leaves(database, ["a"])["a"]] == ["1-ffff", "1-abc", f"1-{digest('1')}"]
    assert database.documents.get("a")["_rev"] == "1-ffff"
