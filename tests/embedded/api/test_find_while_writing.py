"""`_find` while others write: the rows of its index are of the documents that it gives."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from couchmapper import jsonio
from couchmapper.embedded.app import App
from couchmapper.embedded.node import Node
from couchmapper.embedded.storage.store import Store, open_store
from couchmapper.messages import Request


class Interrupted:
    """A store in which something happens before a block reads: `between` is done, one at a time."""

    shared = False

    def __init__(self, store: Store) -> None:
        self.inner = store
        self.between: list[Callable[[], object]] = []

    def read(self) -> AbstractContextManager[Any]:
        if self.between:
            self.between.pop(0)()
        return self.inner.read()

    def write(self) -> AbstractContextManager[Any]:
        return self.inner.write()

    def close(self) -> None:
        self.inner.close()


@pytest.fixture(params=["memory", "file"])
def app(request: pytest.FixtureRequest, tmp_path) -> Iterator[App]:
    """Give an engine with an index on `rank`."""
    path = None if request.param == "memory" else str(tmp_path / "store.db")
    app = App(Node(store=Interrupted(open_store(path))))
    ask(app, "PUT", "/shop")
    ask(app, "POST", "/shop/_index", {"index": {"fields": ["rank"]}, "ddoc": "d", "name": "n"})
    yield app
    app.close()


def ask(app: App, method: str, path: str, body: Any = None) -> Any:
    parts = tuple(filter(None, path.split("/")))
    headers = {"Content-Type": "application/json"}
    text = None if body is None else jsonio.dumps(body)
    request = Request(method=method, path=parts, route=path, query={}, headers=headers, body=text)
    return jsonio.loads(app.answer(request).body)


def test_a_document_that_moves_while_the_index_is_made_is_found_where_it_is(app):
    store: Any = app.node.store
    answers = ask(
        app, "POST", "/shop/_bulk_docs", {"docs": [{"_id": one, "rank": ord(one)} for one in "abc"]}
    )

    def move() -> None:
        ask(app, "PUT", "/shop/a", {"rank": 200, "_rev": answers[0]["rev"]})

    store.between = [lambda: None, move]
    found = ask(app, "POST", "/shop/_find", {"selector": {"rank": {"$gt": 0}}, "sort": ["rank"]})

    assert store.between == []
    assert [(one["_id"], one["rank"]) for one in found["docs"]] == [("b", 98), ("c", 99), ("a", 200)]
