"""Commits where others write as well, and where answers are lost."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from couchmapper.database import Client
from couchmapper.exceptions import ConnectionFailed, DocumentNotFound
from couchmapper.mapping import Document, Mapped, field
from couchmapper.revisions import edit_revision
from couchmapper.session import CommitError, CommitReport
from couchmapper.transport.base import TransportWrapper

# What a tape holds was asked for in one order only.
ON_A_SERVER = "COUCHMAPPER_TEST_URL" in os.environ and "COUCHMAPPER_RECORD" not in os.environ


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")
    count: Mapped[int] = field(default=0, merge="add")
    tags: Mapped[set[str]] = field(factory=set, merge="union")


class Deaf(TransportWrapper):
    """Does what it is asked, and loses the answers of the next writes."""

    lost = 0

    def send(self, request):
        response = self.inner.send(request)
        if self.lost and (request.method == "PUT" or request.path[-1] == "_bulk_docs"):
            self.lost -= 1
            raise ConnectionFailed("the connection broke")
        return response


@pytest.fixture
def wire(client):
    return Deaf(client.transport)


@pytest.fixture
def unheard(wire, database):
    """Give the database behind a wire that loses answers."""
    return Client(wire).database(database.name)


def save(database, *documents):
    with database.begin() as session:
        session.add_all(documents)


def elsewhere(database, **values):
    """Change order 1 as somebody else would."""
    with database.begin() as session:
        order = session.get(Order, "order:1")
        for name, value in values.items():
            setattr(order, name, value)


def delete_elsewhere(database):
    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))


def branched(database):
    """Store order 1 with two branches, as replication leaves them."""
    for digest, status in (("0", "loser"), ("e", "winner")):
        revisions = {"start": 1, "ids": [digest * 32]}
        order = {"_id": "order:1", "type": "order", "number": 1, "status": status}
        database.bulk.docs([{**order, "_revisions": revisions}], new_edits=False)


def living(database):
    docs = database.bulk.get([{"id": "order:1"}])[0]["docs"]
    return sorted(one["ok"]["status"] for one in docs if not one["ok"].get("_deleted"))


def failed(session):
    with pytest.raises(CommitError) as caught:
        session.commit()
    return caught.value


def stored(database):
    return database.documents.get("order:1")


def test_changes_are_merged(database):
    save(database, Order(number=1))

    with database.session(on_conflict="merge") as session:
        order = session.get(Order, "order:1")
        elsewhere(database, status="theirs", count=2, tags={"a"})
        order.count, order.tags = 3, {"b"}

        assert session.commit() == CommitReport(merged=(order,))
        assert (order.status, order.count, order.tags) == ("theirs", 5, {"a", "b"})
        assert order.rev == stored(database)["_rev"]
        assert str(session.commit()) == "nothing to write"


def test_mine_is_written_over_theirs(database):
    save(database, Order(number=1))

    with database.session(on_conflict="mine") as session:
        order = session.get(Order, "order:1")
        elsewhere(database, status="theirs")
        order.status = "mine"

        assert session.commit() == CommitReport(saved=(order,))
    assert stored(database)["status"] == "mine"
    assert stored(database)["_rev"].startswith("3-")


def test_theirs_takes_the_place_of_mine(database):
    save(database, Order(number=1))

    with database.session(on_conflict="theirs") as session:
        order = session.get(Order, "order:1")
        elsewhere(database, status="theirs")
        order.status = "mine"

        assert session.commit() == CommitReport(yielded=(order,))
        assert (order.status, order.rev) == ("theirs", stored(database)["_rev"])


def test_a_function_decides(database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, status="theirs")
        order.status = "mine"
        report = session.commit(on_conflict=lambda conflict: {**conflict.mine, "status": "both"})

        assert report == CommitReport(merged=(order,))
    assert stored(database)["status"] == "both"


def test_a_document_is_made_anew_over_somebody_elses_tombstone(database):
    save(database, Order(number=1))

    with database.session(on_conflict="mine") as session:
        order = session.get(Order, "order:1")
        delete_elsewhere(database)
        order.status = "mine"
        report = session.commit()

    assert report == CommitReport(saved=(order,), resurrected=(order,))
    assert stored(database)["_rev"] == order.rev
    assert order.rev.startswith("3-")


def test_a_new_document_over_a_tombstone_is_told(database):
    save(database, Order(number=1))
    delete_elsewhere(database)

    with database.session() as session:
        order = Order(number=1)
        session.add(order)

        assert session.commit() == CommitReport(saved=(order,), resurrected=(order,))


def test_a_document_is_modified_until_nobody_was_faster(database):
    save(database, Order(number=1))
    seen = []

    def increment(order):
        seen.append(order.count)
        if len(seen) < 3:
            elsewhere(database, count=10 * len(seen))
        order.count += 1

    with database.session() as session:
        session.modify(Order, "order:1", increment)

    assert seen == [0, 10, 20]
    assert stored(database)["count"] == 21


def test_a_plain_deletion_shows_the_loser(database):
    branched(database)
    with database.begin() as session:
        session.delete(session.get(Order, "order:1"))

    assert stored(database)["status"] == "loser"


def test_all_branches_are_deleted(database):
    branched(database)
    with database.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order, all_branches=True)

        assert session.commit() == CommitReport(deleted=(order,))
        with pytest.raises(DocumentNotFound, match="deleted"):
            stored(database)
        session.add(order)
        assert session.commit() == CommitReport(saved=(order,), resurrected=(order,))
    assert living(database) == ["winner"]


def test_a_branch_that_nobody_read_is_a_conflict_when_it_is_the_winner(database):
    branched(database)
    with database.session() as session:
        order = session.get(Order, "order:1")
        elsewhere(database, status="theirs")
        session.delete(order, all_branches=True)

        assert failed(session).report.conflicts[0].theirs["status"] == "theirs"
    assert living(database) == ["loser", "theirs"]


def test_a_lost_answer_is_looked_up_at_once(database, unheard, wire):
    save(database, Order(number=1), Order(number=2))

    with unheard.session() as session:
        first, second = session.get_many(Order, ["order:1", "order:2"])
        new = Order(number=3)
        first.status = "paid"
        session.delete(second)
        session.add(new)
        wire.lost = 1

        assert session.commit() == CommitReport(saved=(first, new), deleted=(second,))
        assert str(session.commit()) == "nothing to write"
    assert stored(database)["_rev"] == first.rev


def test_a_lost_answer_to_a_merged_write_is_found(database, unheard, wire):
    save(database, Order(number=1))

    with unheard.session(on_conflict="merge") as session:
        order = session.get(Order, "order:1")
        elsewhere(database, count=2)
        order.count = 3
        wire.lost = 2

        assert session.commit() == CommitReport(merged=(order,))
    assert stored(database)["count"] == order.count == 5


def test_a_new_document_whose_answer_was_lost_is_found_on_a_tombstone(database, unheard, wire):
    save(database, Order(number=1))
    delete_elsewhere(database)

    with unheard.session() as session:
        order = Order(number=1)
        session.add(order)
        wire.lost = 1

        assert session.commit() == CommitReport(saved=(order,), resurrected=(order,))
    assert order.rev == stored(database)["_rev"]


def test_a_lost_answer_to_the_deletion_of_all_branches_is_found(database, unheard, wire):
    branched(database)

    with unheard.session() as session:
        order = session.get(Order, "order:1")
        session.delete(order, all_branches=True)
        wire.lost = 1

        assert session.commit() == CommitReport(deleted=(order,))
    assert living(database) == []


def test_a_lost_write_that_somebody_went_on_from_counts(database, unheard, wire):
    """CouchDB knows the revisions before a leaf, and each follows from what was written."""
    save(database, Order(number=1))

    with unheard.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        wire.lost = 1
        document = database.documents.get("order:1")
        revision = edit_revision(document | {"status": "paid"})
        session.commit()

    assert order.rev == revision == stored(database)["_rev"]


PLAIN = [
    {},
    {"b": 1, "a": 2},
    {"list": [1, 2, 255], "wide": [1, 256], "empty": [], "deep": [[[]], {}, {"": {}}]},
    {"numbers": [0, -1, 255, 256, 2**31, -(2**31) - 1, 2**70, -(2**70), 1.0, -0.5, 1e21, 5e-7]},
    {"texts": ["", "é", "日本語", "🦆", "\x00"], "é": None, "yes": True, "no": False},
]


@pytest.mark.parametrize("body", PLAIN, ids=range(len(PLAIN)))
def test_the_revision_of_an_edit_is_known_before_it_is_sent(database, body):
    first = database.documents.put({"_id": "a", **body})["rev"]
    second = database.documents.put({"_id": "a", "_rev": first, **body, "more": 1})["rev"]
    third = database.bulk.docs([{"_id": "a", "_rev": second, "_deleted": True}])[0]["rev"]

    assert first == edit_revision({"_id": "a", **body})
    assert second == edit_revision({"_id": "a", "_rev": first, **body, "more": 1})
    assert third == edit_revision({"_id": "a", "_rev": second, "_deleted": True})


@pytest.mark.parametrize(
    "kept", [["a.txt"], ["a.txt", "b.png"], ["c.bin", "a.txt"], ["c.bin", "b.png", "a.txt"]]
)
def test_the_revision_of_an_edit_that_keeps_attachments_is_known_before_it_is_sent(database, kept):
    given = {
        "a.txt": {"content_type": "text/plain", "data": "aGVsbG8gaGVsbG8gaGVsbG8="},
        "b.png": {"content_type": "image/png", "data": "AAEC"},
        "c.bin": {"content_type": "application/octet-stream", "data": ""},
    }
    database.documents.put({"_id": "a", "n": 1, "_attachments": given})
    read = database.documents.get("a")
    edit = {**read, "n": 2, "_attachments": {name: read["_attachments"][name] for name in kept}}

    assert database.documents.put(edit)["rev"] == edit_revision(edit)


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
bodies = st.dictionaries(st.text(min_size=1).filter(lambda name: not name.startswith("_")), json, max_size=5)
files = st.dictionaries(
    st.sampled_from(["a", "b.txt", "é", "d e/f"]),
    st.tuples(st.sampled_from(["text/plain", "image/png", "application/json"]), st.binary(max_size=40)),
    max_size=3,
)


@pytest.mark.stores("memory", "sqlite", *(["couchdb"] if ON_A_SERVER else []))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bodies, min_size=1, max_size=8), files)
def test_the_revisions_of_any_edits_are_known_before_they_are_sent(database, edits, files):
    document = {"_id": os.urandom(16).hex()}
    for name, (kind, data) in files.items():
        document = {
            **document,
            "_rev": database.attachments.put(
                document["_id"], name, data, content_type=kind, rev=document.get("_rev")
            )["rev"],
        }
    if files:
        document = database.documents.get(document["_id"])
    for body in edits:
        own = {name: value for name, value in document.items() if name.startswith("_")}
        expected = edit_revision(own | body)
        assert database.documents.put(own | body)["rev"] == expected
        document = {**own, "_rev": expected}
    tombstone = {"_id": document["_id"], "_rev": document["_rev"], "_deleted": True}
    assert database.documents.put(tombstone)["rev"] == edit_revision(tombstone)
