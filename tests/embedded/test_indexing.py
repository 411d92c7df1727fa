"""Indexes that several engines share: one file, opened more than once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from couchmapper import jsonio
from couchmapper.embedded.engine.views import find_view
from couchmapper.embedded.indexing import catch_up
from couchmapper.embedded.storage import databases
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.messages import Request
from couchmapper.typing import JSON

DESIGN = {"views": {"v": {"map": "doc => emit(doc.n)", "reduce": "_count"}}}


def ask(transport: EmbeddedTransport, method: str, path: str, body: JSON = None, **query: str) -> JSON:
    request = Request(
        method=method,
        path=tuple(path.strip("/").split("/")),
        route=path,
        query=query,
        headers={"content-type": "application/json"},
        body=None if body is None else jsonio.dumps(body),
    )
    return transport.send(request).json()


def count(transport: EmbeddedTransport) -> int:
    rows = ask(transport, "GET", "/shop/_design/d/_view/v")["rows"]
    return rows[0]["value"] if rows else 0


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[EmbeddedTransport, EmbeddedTransport]]:
    """Two engines on one file."""
    path = str(tmp_path / "shop.db")
    first, second = EmbeddedTransport(path), EmbeddedTransport(path)
    ask(first, "PUT", "/shop")
    ask(first, "PUT", "/shop/_design/d", DESIGN)
    yield first, second
    first.close()
    second.close()


def test_each_engine_catches_up_with_what_the_other_has_written(two):
    first, second = two
    ask(first, "PUT", "/shop/a", {"n": 1})
    assert count(first) == 1

    ask(second, "PUT", "/shop/b", {"n": 2})

    assert count(second) == count(first) == 2


def test_many_queries_while_others_write_count_every_document_once(two):
    def write(number: int) -> int:
        ask(two[number % 2], "PUT", f"/shop/{number}", {"n": number})
        return count(two[(number + 1) % 2])

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(write, range(40)))

    assert count(two[0]) == count(two[1]) == 40
    assert min(seen) >= 1
    total = ask(two[0], "GET", "/shop/_design/d/_view/v", reduce="false")["total_rows"]
    assert total == 40


def test_an_index_outlives_its_engine(tmp_path: Path):
    path = str(tmp_path / "shop.db")
    first = EmbeddedTransport(path)
    ask(first, "PUT", "/shop")
    ask(first, "PUT", "/shop/_design/d", DESIGN)
    ask(first, "PUT", "/shop/a", {"n": 1})
    assert count(first) == 1
    first.close()

    again = EmbeddedTransport(path)
    rows = ask(again, "GET", "/shop/_design/d/_view/v", reduce="false", update="false")["rows"]
    again.close()

    assert [row["id"] for row in rows] == ["a"]


def test_a_database_takes_its_indexes_along(two):
    first, _ = two
    ask(first, "PUT", "/shop/a", {"n": 1})
    count(first)

    ask(first, "DELETE", "/shop")

    with first.app.node.store.read() as connection:
        assert connection.execute("SELECT count(*) FROM view_rows").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM view_indexes").fetchone() == (0,)


def test_equal_views_of_two_design_documents_share_an_index(two):
    first, _ = two
    ask(first, "PUT", "/shop/_design/e", DESIGN)
    count(first)
    ask(first, "GET", "/shop/_design/e/_view/v")

    with first.app.node.store.read() as connection:
        assert connection.execute("SELECT count(*) FROM view_indexes").fetchone() == (1,)


def test_a_long_way_is_gone_in_stretches(two):
    first, _ = two
    ask(first, "POST", "/shop/_bulk_docs", {"docs": [{"_id": f"{n:02}", "n": n} for n in range(25)]})
    store = first.app.node.store

    reached = []
    while not reached or reached[-1] < 26:
        with store.write() as connection:
            database = databases.find(connection, "shop")
            definition = find_view(DESIGN, "v").definition
            reached.append(catch_up(connection, database, [definition], limit=10))

    assert reached == [10, 20, 26]
    assert count(first) == 25


def test_indexes_that_stopped_at_different_places_arrive_together(two):
    first, _ = two
    ask(first, "PUT", "/shop/a", {"n": 1})
    count(first)
    design = {"views": {**DESIGN["views"], "w": {"map": "doc => emit(-doc.n)"}}}
    rev = ask(first, "GET", "/shop/_design/d")["_rev"]
    ask(first, "PUT", "/shop/_design/d", {**design, "_rev": rev})
    ask(first, "PUT", "/shop/b", {"n": 2})

    rows = ask(first, "GET", "/shop/_design/d/_view/w")["rows"]

    assert [row["key"] for row in rows] == [-2, -1]
    assert ask(first, "GET", "/shop/_design/d/_view/v", update="false")["rows"][0]["value"] == 2
