"""`order.attachments`: stored ones by their stubs, added ones by their bytes."""

import copy
import io
import pickle

import pytest

from couchmapper.exceptions import AttachmentError, AttachmentMissing, ModelError, NotLoaded
from couchmapper.mapping import Document, Mapped, mapper
from couchmapper.mapping.attachment_changes import as_stored, pending_attachments
from couchmapper.mapping.attachments import lend_reader, take_back_reader

TEXT = {
    "content_type": "text/plain",
    "revpos": 1,
    "digest": "md5-iMaiC8wqiFlD2NjLTemvCQ==",
    "length": 5,
    "stub": True,
}


class Order(Document, id="order:{number}"):
    number: Mapped[int]


class Shelf:
    """A reader that has b"hello" everywhere, and remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def open(self, document_id, name, *, rev, digest):
        self.asked.append((document_id, name, rev, digest))
        return io.BytesIO(b"hello")


def loaded(**stubs) -> Order:
    told = {"_attachments": stubs} if stubs else {}
    return mapper.load(Order, {"_id": "order:1", "_rev": "1-a", "type": "order", "number": 1, **told})


def test_a_document_without_attachments_carries_nothing():
    order = Order(number=1)

    assert (list(order.attachments), len(order.attachments), "a" in order.attachments) == ([], 0, False)
    assert order.attachments.get("a") is None
    assert set(order.__dict__) == {"number", "id"}


def test_stored_ones_are_told_by_their_stubs():
    handle = loaded(**{"a.txt": TEXT}).attachments["a.txt"]

    assert (handle.name, handle.content_type, handle.length) == ("a.txt", "text/plain", 5)
    assert (handle.digest, handle.is_stored) == (TEXT["digest"], True)
    assert repr(handle) == "<attachment 'a.txt', text/plain, 5 bytes>"


def test_stored_ones_are_read_from_the_revision_that_was_loaded():
    order, shelf = loaded(a=TEXT), Shelf()
    lend_reader(order, shelf)

    assert order.attachments["a"].read() == b"hello"
    with order.attachments["a"].open() as stream:
        assert stream.read(2) == b"he"
    assert shelf.asked == [("order:1", "a", "1-a", TEXT["digest"])] * 2


def test_stored_ones_of_a_document_in_no_session_are_not_read():
    order = loaded(a=TEXT)

    with pytest.raises(NotLoaded, match=r"'a' of 'order:1'.*session\.get"):
        order.attachments["a"].read()
    lend_reader(order, Shelf())
    take_back_reader(order)
    with pytest.raises(NotLoaded):
        order.attachments["a"].open()


def test_a_reader_is_left_only_where_there_is_something_to_read():
    order = loaded()
    lend_reader(order, Shelf())
    take_back_reader(order)

    assert "_reader" not in order.__dict__


def test_added_ones_are_read_where_they_are():
    order = Order(number=1)

    handle = order.attachments.add("a.txt", io.BytesIO(b"hello"))

    assert (handle.read(), handle.read(), handle.is_stored) == (b"hello", b"hello", False)
    assert order.attachments["a.txt"] == handle
    assert (handle.content_type, handle.length, handle.digest) == ("text/plain", 5, TEXT["digest"])


def test_names_are_those_that_the_next_commit_leaves():
    order = loaded(a=TEXT, b=TEXT, c=TEXT)
    order.attachments.add("d", b"")
    order.attachments.add("a", b"new")
    del order.attachments["b"]
    order.attachments.remove("d")

    assert list(order.attachments) == ["c", "a"]
    assert len(order.attachments) == 2
    assert repr(order.attachments) == "<attachments 'c', 'a'>"
    assert order.attachments["a"].read() == b"new"
    assert order.attachments == order.attachments


def test_an_attachment_that_is_not_there_is_named():
    order = loaded(a=TEXT)

    with pytest.raises(AttachmentMissing, match="no attachment 'b'; there are 'a'"):
        order.attachments["b"]
    with pytest.raises(KeyError, match="there are none"):
        del Order(number=1).attachments["b"]
    order.attachments.remove("a")
    with pytest.raises(AttachmentMissing):
        order.attachments.remove("a")


def test_the_very_bytes_that_are_stored_are_not_sent_again():
    order = loaded(**{"a.txt": TEXT})

    handle = order.attachments.add("a.txt", b"hello")

    assert handle.is_stored
    assert pending_attachments(order) is None
    assert as_stored(order, mapper.dump(order)) is mapper.source_of(order)


@pytest.mark.parametrize(("data", "kind"), [(b"hallo", None), (b"hello", "text/html")])
def test_other_bytes_or_another_type_are_sent(data, kind):
    order = loaded(**{"a.txt": TEXT})

    assert not order.attachments.add("a.txt", data, kind).is_stored


def test_what_was_removed_and_added_again_is_sent():
    order = loaded(**{"a.txt": TEXT})
    del order.attachments["a.txt"]

    assert not order.attachments.add("a.txt", b"hello").is_stored


def test_a_refused_addition_changes_nothing():
    order = loaded(a=TEXT)

    with pytest.raises(AttachmentError):
        order.attachments.add("_a", b"")
    with pytest.raises(AttachmentError):
        order.attachments.add("a", "text")
    assert pending_attachments(order) is None


def test_restoring_drops_what_is_pending_and_keeps_the_reader():
    order = loaded(a=TEXT)
    lend_reader(order, Shelf())
    order.attachments.add("b", b"")

    mapper.restore(order, mapper.source_of(order))

    assert list(order.attachments) == ["a"]
    assert order.attachments["a"].read() == b"hello"


def test_a_copy_has_its_own_changes():
    order = loaded(a=TEXT)
    order.attachments.add("b", io.BytesIO(b"b"))

    for other in (copy.copy(order), copy.deepcopy(order), pickle.loads(pickle.dumps(order))):  # noqa: S301 - our own bytes
        other.attachments.add("c", b"")
        assert other.attachments["b"].read() == b"b"
    assert list(order.attachments) == ["a", "b"]


def test_a_field_cannot_take_the_name():
    with pytest.raises(ModelError, match="name='attachments'"):

        class Mail(Document):
            attachments: Mapped[list[str]]
