"""One batch of changes: which go to the hook, and where the checkpoint stands after it."""

import threading

import pytest

from couchmapper.changes.checkpoints import Checkpoint
from couchmapper.changes.follower import Batch, ChangesFollower
from couchmapper.changes.worker import HookWorker
from couchmapper.client import Database
from couchmapper.exceptions import ConnectionFailed
from couchmapper.mango.nodes import TRUE
from couchmapper.mapping import Document, Mapped
from couchmapper.mapping.hooks import HookMark
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.typing import JSONObject


class Order(Document, id="order:{number}"):
    number: Mapped[int]


class Stage:
    """A worker around a function, and the checkpoints that it wrote."""

    def __init__(self, function) -> None:
        self.written: list[str] = []
        self.broken = False
        self.stopping = threading.Event()
        database = Database(MockTransport(self.answer), "shop")
        self.worker = HookWorker(
            HookMark(name="mailer", model=Order, where=TRUE, function=function),
            ChangesFollower(changes=database.changes, selector={}, since="0"),
            Checkpoint(database.local, "mailer"),
            self.stopping,
        )

    def answer(self, request):
        if self.broken:
            raise ConnectionFailed("gone")
        self.written.append(request.body.decode().partition('"since":"')[2].rstrip('"}'))
        return json_response({"ok": True, "id": "_local/x", "rev": "0-1"})


def row(number: int, **more) -> JSONObject:
    document = {"_id": f"order:{number}", "_rev": "1-a", "type": "order", "number": number}
    return {"id": document["_id"], "seq": f"{number}-x", "changes": [{"rev": "1-a"}], "doc": document, **more}


def batch(*rows: JSONObject) -> Batch:
    return Batch(rows=rows, last_seq="9-end")


def test_the_checkpoint_ends_at_the_end_of_the_batch():
    seen: list[int] = []
    stage = Stage(lambda change: seen.append(change.document.number))

    assert stage.worker.act(batch(row(1), row(2))) == 2
    assert seen == [1, 2]
    assert stage.written == ["9-end"]


def test_an_empty_batch_moves_the_checkpoint_too():
    stage = Stage(lambda _: None)

    stage.worker.act(batch())

    assert stage.written == ["9-end"]


def fail_at(number: int):
    def function(change) -> None:
        if change.document.number == number:
            raise ZeroDivisionError

    return function


def test_the_checkpoint_stays_before_the_change_that_failed():
    stage = Stage(fail_at(3))

    with pytest.raises(ZeroDivisionError):
        stage.worker.act(batch(row(1), row(2), row(3), row(4)))

    assert stage.written == ["2-x"]


def test_when_the_first_change_fails_nothing_is_written():
    stage = Stage(fail_at(1))

    with pytest.raises(ZeroDivisionError):
        stage.worker.act(batch(row(1), row(2)))

    assert stage.written == []


def test_a_lost_checkpoint_does_not_hide_what_the_hook_raised():
    stage = Stage(fail_at(2))
    stage.broken = True

    with pytest.raises(ZeroDivisionError):
        stage.worker.act(batch(row(1), row(2)))


def test_a_checkpoint_that_cannot_be_written_is_told():
    stage = Stage(lambda _: None)
    stage.broken = True

    with pytest.raises(ConnectionFailed):
        stage.worker.act(batch(row(1)))


def test_deletions_and_changes_without_a_document_are_passed_over():
    seen: list[int] = []
    stage = Stage(lambda change: seen.append(change.document.number))

    stage.worker.act(batch(row(1, deleted=True), row(2, doc=None), row(3)))

    assert seen == [3]
    assert stage.written == ["9-end"]


def test_a_stopped_run_acts_on_nothing_more():
    seen: list[int] = []

    def function(change) -> None:
        seen.append(change.document.number)
        stage.stopping.set()

    stage = Stage(function)

    assert stage.worker.act(batch(row(1), row(2))) == 1
    assert seen == [1]
    assert stage.written == ["1-x"]
