"""Attachments of models: what a session believes to be stored is what the store holds."""

import io

import pytest

from couchmapper.exceptions import MissingStub
from couchmapper.mapping import Document, Mapped, field, mapper
from couchmapper.mapping.attachment_changes import AttachmentChanges
from couchmapper.mapping.contents import content_of
from couchmapper.session import CommitError
from couchmapper.session.delivery import send_with_attachments

LARGE = b"0123456789" * 200_000


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")


def save(database, **contents):
    """Save order 1 with attachments."""
    with database.begin() as session:
        order = Order(number=1)
        for name, data in contents.items():
            order.attachments.add(name, data)
        session.add(order)


def get(session):
    order = session.get(Order, "order:1")
    assert order is not None
    return order


def stored(database):
    return database.documents.get("order:1")


def test_attachments_live_with_their_document(database):
    with database.session() as session:
        order = Order(number=1)
        session.add(order)
        order.attachments.add("note.txt", b"hello")
        order.attachments.add("deep/picture.png", io.BytesIO(b"\x89PNG"))
        session.commit()
        assert mapper.source_of(order) == stored(database)

        order.attachments.add("note.txt", b"other")
        order.attachments.add("data.json", iter([b"[", b"1]"]))
        del order.attachments["deep/picture.png"]
        session.commit()
        assert mapper.source_of(order) == stored(database)

        order.status = "paid"
        session.commit()
        assert mapper.source_of(order) == stored(database)
        assert {name: one.read() for name, one in order.attachments.items()} == {
            "note.txt": b"other",
            "data.json": b"[1]",
        }


def test_another_session_reads_them(database):
    save(database, a=b"hello")

    with database.session() as session:
        order = get(session)
        assert (order.attachments["a"].length, order.attachments["a"].is_stored) == (5, True)
        assert order.attachments["a"].read() == b"hello"


def test_the_revision_that_was_loaded_is_read(database):
    save(database, a=b"old")

    with database.session() as session:
        order = get(session)
        save_over(database, b"new")
        assert order.attachments["a"].read() == b"old"


def save_over(database, data):
    with database.begin() as session:
        get(session).attachments.add("a", data)


def test_what_the_store_has_is_not_sent_again(database):
    save(database, **{"a.txt": b"hello", "b.png": b"hello"})

    with database.session() as session:
        order = get(session)
        order.attachments.add("a.txt", b"hello")
        order.attachments.add("b.png", b"hello")
        assert str(session.commit()) == "nothing to write"


def test_both_sides_may_add(database):
    save(database, a=b"1")

    with database.session() as session:
        order = get(session)
        order.attachments.add("mine", b"m")
        with database.begin() as other:
            get(other).attachments.add("theirs", b"t")
        session.commit(on_conflict="merge")
        assert mapper.source_of(order) == stored(database)

    with database.session() as session:
        assert {name: one.read() for name, one in get(session).attachments.items()} == {
            "a": b"1",
            "mine": b"m",
            "theirs": b"t",
        }


def test_a_document_that_is_made_anew_can_be_changed(database):
    save(database)
    with database.begin() as session:
        session.delete(get(session))

    with database.session() as session:
        order = Order(number=1)
        order.attachments.add("a", b"1")
        session.add(order)
        session.commit()
        order.status = "paid"
        session.commit()
        assert order.attachments["a"].read() == b"1"


def test_a_stub_of_what_is_not_there_is_named(database):
    save(database, a=b"1")
    stub = {"content_type": "a/b", "revpos": 1, "length": 1, "stub": True}

    with database.session() as session:
        order = get(session)
        order.status = "paid"
        mapper.refresh(order, {**mapper.source_of(order), "_attachments": {"ghost": stub}})
        session.add(Order(number=2))
        with pytest.raises(CommitError) as caught:
            session.commit()

    assert [document.id for document in caught.value.report.saved] == ["order:2"]
    assert isinstance(caught.value.exceptions[0], MissingStub)
    assert "order:1 for ghost" in str(caught.value.exceptions[0])


def test_what_is_sent_beside_is_stored_as_what_is_sent_inside(database):
    save(database, kept=b"1")
    before = stored(database)
    changes = AttachmentChanges()
    for name, data in {"a.txt": b"hello", "b.png": b"hello"}.items():
        changes = changes.adding(content_of(name, data))
    json = changes.stored(before)
    beside = [content.beside for content in changes.added.values()]

    result, _ = send_with_attachments(database, json, beside, boundary="between")
    refused, status = send_with_attachments(database, json, beside, boundary="between")

    assert changes.settled(json, result["rev"]) == stored(database)
    assert (refused["error"], refused["id"], status) == ("conflict", "order:1", 409)


# The boundary of a multipart body is random, and a tape of megabytes is of no use.
@pytest.mark.stores("memory", "sqlite")
def test_large_ones_are_sent_beside_the_document(database):
    save(database, **{"kept.txt": b"1", "a.txt": LARGE, "b.png": LARGE})

    with database.session() as session:
        order = get(session)
        assert order.attachments["a.txt"].read() == order.attachments["b.png"].read() == LARGE
        order.attachments.add("a.txt", LARGE + b"!")
        session.commit()
        assert mapper.source_of(order) == stored(database)
        assert order.attachments["kept.txt"].read() == b"1"
