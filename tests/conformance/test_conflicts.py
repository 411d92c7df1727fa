"""Conflicts that replication made: all stores show the same leaves, and resolve them alike."""

import pytest

from couchmapper import Document, Mapped, field
from couchmapper.session.leaves import ancestry, is_tombstone, leaves, stored_revisions
from couchmapper.session.pruning import LeafMoved


class Account(Document):
    owner: Mapped[str] = field(default="")
    balance: Mapped[int] = field(default=0, merge="add")


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


def test_documents_are_read_at_the_revisions_before(database):
    replicate(database, revision("a", "1", n=1), revision("a", "2", "1", n=2))
    first, unknown = f"1-{digest('1')}", f"1-{digest('7')}"

    assert stored_revisions(database, [("a", first), ("a", unknown), ("b", first)]) == {
        ("a", first): {"_id": "a", "_rev": first, "n": 1}
    }


def account(id, *digits, **body):
    return revision(id, *digits, **({"type": "account"} | body))


@pytest.fixture
def accounts(database):
    """Store accounts that were changed in two places: one with the same root, one without, one in peace."""
    replicate(
        database,
        account("a", "1", owner="Ann", balance=10),
        account("a", "9", "1", owner="Ann Lee", balance=10),
        account("a", "2", "1", owner="Ann", balance=15),
        account("b", "3", balance=1),
        account("b", "4", balance=2),
        account("c", "5", balance=1),
        account("d", "6", balance=1),
        account("d", "8", "7", balance=1, _deleted=True),
        revision("e", "1", type="line"),
        revision("e", "2", type="line"),
        revision("f", "1", type="line"),
        account("f", "2"),
    )
    return database


def test_conflicts_of_a_model_are_found(accounts):
    assert sorted(conflict.id for conflict in accounts.conflicts(Account)) == ["a", "b", "f"]


def test_a_conflict_shows_base_winner_and_leaves(accounts):
    conflict = accounts.conflicts(Account).get("a")

    assert conflict.base.balance == 10
    assert [(leaf.owner, leaf.balance) for leaf in conflict.leaves] == [("Ann Lee", 10), ("Ann", 15)]
    assert conflict.winner_json == accounts.documents.get("a")


def test_branches_are_merged_by_field(accounts):
    resolution = accounts.conflicts(Account).get("a").resolve("merge")

    assert accounts.documents.get("a", conflicts=True) == {
        "_id": "a",
        "_rev": resolution.rev,
        "type": "account",
        "owner": "Ann Lee",
        "balance": 15,
    }


def test_what_was_created_in_two_places_is_merged(accounts):
    accounts.conflicts(Account).get("b").resolve("merge")

    assert accounts.documents.get("b")["balance"] == 3


def test_the_winner_can_stay_as_it_is(accounts):
    before = accounts.documents.get("a")

    accounts.conflicts(Account).get("a").resolve("winner")

    assert accounts.documents.get("a", conflicts=True) == before


def test_every_branch_can_be_deleted(accounts):
    accounts.conflicts(Account).get("a").resolve(None)

    assert all(is_tombstone(leaf) for leaf in leaves(accounts, ["a"])["a"])


def test_a_result_can_be_resolved_twice(accounts):
    conflict = accounts.conflicts(Account).get("a")

    assert conflict.resolve("merge") == conflict.resolve("merge")


def test_conflicts_that_are_resolved_are_found_no_more(accounts):
    for conflict in accounts.conflicts(Account):
        conflict.resolve("winner")

    assert list(accounts.conflicts(Account)) == []


def test_a_branch_that_was_changed_meanwhile_stays(accounts):
    conflict = accounts.conflicts(Account).get("a")
    grown = accounts.documents.put({**conflict.leaves_json[1], "balance": 99})["rev"]

    with pytest.raises(LeafMoved):
        conflict.resolve("winner")

    assert accounts.documents.get("a", rev=grown)["balance"] == 99
    assert accounts.conflicts(Account).get("a") is not None


def test_a_winner_that_was_changed_meanwhile_is_not_overwritten(accounts):
    conflict = accounts.conflicts(Account).get("a")
    accounts.documents.put({**conflict.winner_json, "balance": 99})

    with pytest.raises(LeafMoved):
        conflict.resolve("merge")

    assert [leaf["balance"] for leaf in leaves(accounts, ["a"])["a"]] == [99, 15]


@pytest.mark.stores("couchdb")
def test_a_base_that_was_compacted_away_is_none(accounts, wait_for):
    accounts.maintenance.compact()
    wait_for(lambda: not accounts.information()["compact_running"])

    conflict = accounts.conflicts(Account).get("a")

    assert conflict.base is None


@pytest.mark.stores("couchdb")
def test_the_winner_keeps_its_attachments(database):
    text = {"content_type": "text/plain", "data": "aGk="}
    replicate(database, account("a", "2", _attachments={"x.txt": text}), account("a", "1", balance=1))
    conflict = database.conflicts(Account).get("a")

    conflict.resolve({"_id": "a", "type": "account", "balance": 2})

    assert database.attachments.get("a", "x.txt").read() == b"hi"


@pytest.mark.stores("couchdb")
def test_a_result_takes_the_attachment_of_a_loser_by_its_bytes(database):
    text = {"content_type": "text/plain", "data": "aGk="}
    replicate(database, account("a", "2"), account("a", "1", _attachments={"x.txt": text}))
    conflict = database.conflicts(Account).get("a")
    winner, loser = conflict.leaves

    winner.attachments.add("x.txt", loser.attachments["x.txt"].read(), content_type="text/plain")
    conflict.resolve(winner)

    assert database.attachments.get("a", "x.txt").read() == b"hi"
