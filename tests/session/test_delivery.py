"""Attachments through a session: in one request with the others, or alone with the bytes beside."""

import io
import pickle

import pytest

from couchmapper.database import Database
from couchmapper.exceptions import (
    DocumentConflict,
    DocumentInvalid,
    MissingStub,
    NotFound,
    NotLoaded,
    TooLarge,
)
from couchmapper.jsonio import loads
from couchmapper.mapping import Document, Mapped, field, mapper
from couchmapper.mapping.attachment_changes import LARGE
from couchmapper.mapping.contents import content_of
from couchmapper.messages import Response
from couchmapper.session import CommitError
from couchmapper.session.delivery import DatabaseReader, same_attachments, send_with_attachments
from couchmapper.transport.mock import json_response

BIG = b"0123456789" * (LARGE // 10 + 1)
STUB = {"content_type": "text/plain", "revpos": 1, "digest": "md5-a", "length": 1, "stub": True}


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    status: Mapped[str] = field(default="new")


class Watched(Order, id="order:{number}"):
    pass


@Watched.after_save
def add_more(order: Watched) -> None:
    if "later" not in order.attachments:
        order.attachments.add("later", b"l")


def order_with(number: int = 1, **contents: bytes) -> Order:
    order = Order(number=number)
    for name, data in contents.items():
        order.attachments.add(name, data)
    return order


def save(database: Database, *documents: Document) -> None:
    with database.begin() as session:
        session.add_all(documents)


def contents(database: Database, document_id: str = "order:1") -> dict[str, bytes]:
    with database.session() as session:
        order = session.get(Order, document_id)
        assert order is not None
        return {name: handle.read() for name, handle in order.attachments.items()}


def failed(session, **options) -> CommitError:
    with pytest.raises(CommitError) as caught:
        session.commit(**options)
    return caught.value


def multipart_bodies(wire) -> int:
    return sum("multipart" in request.headers.get("Content-Type", "") for request in wire.requests)


def test_small_ones_go_with_everything_else(database: Database, wire):
    save(database, order_with(1, a=b"1"), order_with(2, b=b"2"), Order(number=3))

    assert len(wire.requests) == 1
    assert contents(database) == {"a": b"1"}


def test_large_ones_go_alone_and_the_rest_together(database: Database, wire):
    save(database, order_with(1, a=BIG), order_with(2, b=b"2"), Order(number=3))

    assert multipart_bodies(wire) == 1
    assert [len(loads(body)["docs"]) for body in wire.bodies()] == [2]
    assert contents(database) == {"a": BIG}


@pytest.mark.parametrize("data", [b"1", BIG], ids=["small", "large"])
def test_what_was_sent_is_stored_and_waits_no_more(database: Database, data):
    with database.session() as session:
        order = order_with(a=data)
        session.add(order)
        session.commit()

        assert mapper.source_of(order) == database.documents.get("order:1")
        assert order.attachments["a"].is_stored
        assert order.attachments["a"].read() == data
        assert not session.pending
        assert str(session.commit()) == "nothing to write"


def test_an_added_attachment_is_a_change_and_so_is_a_removed_one(database: Database):
    save(database, order_with(a=b"1", b=b"2"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        assert not session.pending
        del order.attachments["a"]
        order.attachments.add("c", io.BytesIO(b"3"))
        assert session.pending.changed == (order,)
        assert [step["path"] for step in session.changes(order)] == ["/_attachments/a", "/_attachments/c"]
        session.commit()

    assert contents(database) == {"b": b"2", "c": b"3"}


def test_attachments_stay_when_a_field_is_changed(database: Database):
    save(database, order_with(a=b"1"))
    with database.begin() as session:
        session.get(Order, "order:1").status = "paid"

    assert contents(database) == {"a": b"1"}


def test_rollback_and_refresh_drop_what_is_pending(database: Database):
    save(database, order_with(a=b"1"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.attachments.add("b", b"")
        session.rollback()
        assert order.attachments["a"].read() == b"1"
        del order.attachments["a"]
        session.refresh(order)
        assert list(order.attachments) == ["a"]
        assert not session.pending


def test_an_expunged_document_reads_nothing_until_it_is_taken_in_again(database: Database):
    save(database, order_with(a=b"1"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        session.expunge(order)
        with pytest.raises(NotLoaded):
            order.attachments["a"].read()
        session.add(order)
        assert order.attachments["a"].read() == b"1"


def test_a_document_travels_between_processes_without_its_connection(database: Database):
    save(database, order_with(a=b"1"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        travelled = pickle.loads(pickle.dumps(order))  # noqa: S301 - our own bytes

    with pytest.raises(NotLoaded):
        travelled.attachments["a"].read()


@pytest.mark.parametrize("data", [b"1", BIG], ids=["small", "large"])
def test_a_file_that_was_changed_sends_nothing(database: Database, wire, tmp_path, data):
    (tmp_path / "a").write_bytes(data)
    order = Order(number=1)
    order.attachments.add("a", tmp_path / "a")
    (tmp_path / "a").write_bytes(data + b"!")

    with database.session() as session:
        session.add_all([order, Order(number=2)])
        (error,) = failed(session).exceptions

    assert isinstance(error, DocumentInvalid)
    assert [fault.path for fault in error.faults] == ["attachments['a']"]
    assert not wire.requests


@pytest.mark.parametrize("data", [b"1", BIG], ids=["small", "large"])
def test_a_write_whose_answer_was_lost_is_found_and_not_repeated(database: Database, wire, data):
    with database.session() as session:
        order = order_with(a=data)
        session.add(order)
        wire.breaks("unheard", at="_bulk_docs" if data != BIG else "order:1")
        session.commit()

        assert order.rev == database.documents.get("order:1")["_rev"]
        assert order.rev.startswith("1-")
        assert mapper.source_of(order) == database.documents.get("order:1")
        assert not session.pending


def test_an_edit_that_differs_in_attachments_alone_is_not_taken_for_ours(database: Database, wire):
    save(database, order_with(a=b"1"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.attachments.add("b", b"mine")
        with database.begin() as other:
            other.get(Order, "order:1").attachments.add("b", b"theirs")
        wire.breaks(json_response({"error": "timeout", "reason": ""}, status=500))
        (error,) = failed(session).exceptions
        assert order.attachments["b"].read() == b"mine"

    assert isinstance(error, DocumentConflict)
    assert contents(database) == {"a": b"1", "b": b"theirs"}


def test_what_was_added_after_an_unheard_write_goes_on_top_of_it(database: Database, wire):
    with database.session() as session:
        order = order_with(a=b"1")
        session.add(order)
        wire.breaks("unheard", at="_bulk_docs")
        wire.breaks(*["unsent"] * 9, at="_bulk_get")
        failed(session)
        wire.breaks(at="_bulk_get")
        order.attachments.add("a", b"2")
        order.attachments.add("b", b"3")
        session.commit()

    assert contents(database) == {"a": b"2", "b": b"3"}


def test_attachments_of_both_sides_are_merged_by_name(database: Database):
    save(database, order_with(a=b"1", b=b"2"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.attachments.add("mine", b"m")
        del order.attachments["a"]
        with database.begin() as other:
            other.get(Order, "order:1").attachments.add("theirs", b"t")
        report = session.commit(on_conflict="merge")
        assert report.merged == (order,)
        assert not session.pending
        assert order.attachments["theirs"].read() == b"t"

    assert contents(database) == {"b": b"2", "mine": b"m", "theirs": b"t"}


def test_one_name_for_two_contents_is_a_clash(database: Database):
    save(database, order_with(a=b"1"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.attachments.add("b", b"mine")
        with database.begin() as other:
            other.get(Order, "order:1").attachments.add("b", b"theirs")
        (conflict,) = failed(session, on_conflict="merge").report.conflicts
        assert [clash.path for clash in conflict.clashes] == ["_attachments.b"]
        session.commit(on_conflict="mine")

    assert contents(database) == {"a": b"1", "b": b"mine"}


def test_the_same_content_on_both_sides_is_no_conflict(database: Database):
    save(database, order_with(a=b"1"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.attachments.add("b", b"same")
        with database.begin() as other:
            other.get(Order, "order:1").attachments.add("b", b"same")
        assert session.commit()
        assert mapper.source_of(order) == database.documents.get("order:1")


def test_stored_ones_that_went_with_a_deletion_are_not_lost_in_silence(database: Database):
    save(database, order_with(a=b"1"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        with database.begin() as other:
            other.delete(other.get(Order, "order:1"))
        (conflict,) = failed(session, on_conflict="mine").report.conflicts

    assert "'a'" in conflict.reason


def test_new_ones_make_a_deleted_document_anew(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.attachments.add("a", b"1")
        with database.begin() as other:
            other.delete(other.get(Order, "order:1"))
        session.commit(on_conflict="mine")
        order.status = "paid"
        session.commit()

    assert contents(database) == {"a": b"1"}


def test_a_function_can_decide_for_the_document_itself(database: Database):
    save(database, Order(number=1))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.attachments.add("a", b"1")
        with database.begin() as other:
            other.get(Order, "order:1").status = "paid"
        session.commit(on_conflict=lambda conflict: conflict.document)

    assert contents(database) == {"a": b"1"}


def test_what_a_hook_adds_after_the_save_waits_for_the_next(database: Database):
    with database.session() as session:
        order = Watched(number=1)
        order.attachments.add("a", b"1")
        session.add(order)
        session.commit()
        assert order.attachments["a"].is_stored
        assert not order.attachments["later"].is_stored
        session.commit()
        assert order.attachments["later"].is_stored


def test_a_stub_of_what_is_not_there_is_named_and_the_others_are_written(database: Database):
    save(database, order_with(a=b"1"))

    with database.session() as session:
        order = session.get(Order, "order:1")
        order.status = "paid"
        mapper.refresh(order, {**mapper.source_of(order), "_attachments": {"ghost": STUB}})
        session.add_all([Order(number=2), Order(number=3)])
        error = failed(session)

    assert len(error.report.saved) == 2
    assert isinstance(error.exceptions[0], MissingStub)
    assert "order:1 for ghost" in str(error.exceptions[0])


def test_a_document_that_is_too_large_says_what_makes_it_so(database: Database, wire):
    with database.session() as session:
        session.add(order_with(a=BIG))
        wire.breaks(json_response({"error": "attachment_too_large", "reason": "a"}, status=413), at="order:1")
        (error,) = failed(session).exceptions

    assert isinstance(error, TooLarge)
    assert f"attachments ({len(BIG):,})" in str(error)


def test_a_document_alone_is_refused_as_in_a_bulk(database: Database):
    database.documents.put({"_id": "order:1"})

    result, status = send_with_attachments(database, {"_id": "order:1"}, [content_of("a", b"1").beside])

    assert (result["id"], result["error"], status) == ("order:1", "conflict", 409)


COMPACTED = json_response({"error": "not_found", "reason": "missing"}, status=404)
CURRENT = Response(
    status=200, headers={"content-type": "image/png", "etag": '"XUFAKrxLKna5cZ2REBfFkg=="'}, body=b"hello"
)


def test_the_current_revision_is_read_where_the_old_one_is_gone(database: Database, wire):
    wire.breaks(COMPACTED, CURRENT, at="a")
    reader = DatabaseReader(database)

    with reader.open("order:1", "a", rev="1-a", digest="md5-XUFAKrxLKna5cZ2REBfFkg==") as stream:
        assert stream.read() == b"hello"
    assert [request.query.get("rev") for request in wire.requests] == ["1-a", None]


@pytest.mark.parametrize("digest", ["md5-other", None])
def test_another_content_is_not_read_in_its_place(database: Database, wire, digest):
    wire.breaks(COMPACTED, CURRENT, at="a")

    with pytest.raises(NotFound, match=r"session\.refresh"):
        DatabaseReader(database).open("order:1", "a", rev="1-a", digest=digest)


def test_what_is_gone_is_not_found(database: Database):
    with pytest.raises(NotFound):
        DatabaseReader(database).open("order:1", "a", rev="1-a", digest=None)


@pytest.mark.parametrize("told", ["content_type", "length", "digest", "revpos"])
def test_attachments_are_compared_as_far_as_both_are_told(told):
    other = {**STUB, told: "other"}
    silent = {name: value for name, value in STUB.items() if name != told}

    assert not same_attachments({"_attachments": {"a": STUB}}, {"_attachments": {"a": other}})
    assert same_attachments({"_attachments": {"a": STUB}}, {"_attachments": {"a": silent}})
    assert not same_attachments({"_attachments": {"a": STUB}}, {})
    assert same_attachments({}, {})
