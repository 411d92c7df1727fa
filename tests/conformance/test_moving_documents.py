"""Pages while documents come, go and move, in any order of edits, and by clients that never rest."""

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from leafing import Editor, Moving, MovingIndexes, backwards, create_by_hand, forwards, ids

from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.mango.nodes import TRUE
from couchmapper.mango.sort import SortTerm
from couchmapper.query.keyset import place_of
from couchmapper.query.page import Page
from couchmapper.query.plan import Find
from couchmapper.query.scans import Watch, planned
from couchmapper.query.source import ServerNotes
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.query.stretch import Stretch
from couchmapper.session.asking import source_of
from couchmapper.typing import JSONObject

on_a_server = "COUCHMAPPER_TEST_URL" in os.environ and "COUCHMAPPER_RECORD" not in os.environ
_numbers = count()

KEYS = ("a", "B", "b", "b0", "é", "e\u0301", "z", "00", "~", "k", "K", "m")
ranks = st.integers(0, 2)
names = st.sampled_from(["", "a", "A", "é", "e\u0301"])
filters = st.sampled_from([TRUE, Moving.name != "a", Moving.rank > 0, Moving.rank == 1, Moving.id > "B"])


@st.composite
def orders(draw: st.DrawFn) -> tuple[SortTerm, ...]:
    fields = draw(st.lists(st.sampled_from([Moving.rank, Moving.name, Moving.id]), max_size=2, unique=True))
    return tuple(one.desc() if draw(st.booleans()) else one.asc() for one in fields)


@contextmanager
def opened() -> Iterator[Database]:
    """Open a new database in memory."""
    with connect("memory:") as client:
        yield client.database(f"moving-{next(_numbers)}", create=True)


def document(key: str, rank: int, name: str) -> JSONObject:
    return {"_id": key, "type": "moving", "key": key, "rank": rank, "name": name}


class AnyEdits:
    """Does what is drawn between two pages."""

    def __init__(self, draw: Any, editor: Editor) -> None:
        self.draw = draw
        self.editor = editor

    def __call__(self, page: Page[Any]) -> None:
        for _ in range(self.draw(st.integers(0, 3))):
            edges = [one.id for one in (*page.documents[:1], *page.documents[-1:])]
            key = self.draw(st.sampled_from([*edges, *edges, *KEYS]))
            rank, name = self.draw(ranks), self.draw(names)
            match self.draw(st.sampled_from(["delete", "change", "insert", "deploy", "drop"])):
                case "delete":
                    self.editor.delete(key)
                case "change":
                    self.editor.change(key, rank=rank, name=name)
                case "insert":
                    self.editor.insert(key, **document(key, rank, name))
                case "deploy":
                    MovingIndexes.deploy(self.editor.database)
                case "drop":
                    self.drop()

    def drop(self) -> None:
        rows = self.editor.database.bulk.all_docs(start_key="_design/", end_key="_design0")["rows"]
        for row in rows:
            self.editor.database.design.delete(row["id"].removeprefix("_design/"), rev=row["value"]["rev"])


def check(query: Any, editor: Editor, pages: list[Page[Any]]) -> None:
    found = Counter(ids(pages))
    for one in editor.staying:
        expected = int(query.spec.condition.matches(editor.documents[one]))
        assert found[one] == expected, (one, ids(pages), query)


@given(st.data(), orders(), filters, st.integers(1, 4), st.sampled_from(["none", "deployed", "by hand"]))
@settings(max_examples=100)
def test_whatever_is_edited_what_stays_comes_once(data, order, where, size, situation):
    with opened() as database:
        if situation != "none":
            MovingIndexes.deploy(database) if situation == "deployed" else create_by_hand(database, ["rank"])
        some = data.draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=4))
        editor = Editor.of(database, [document(key, data.draw(ranks), data.draw(names)) for key in some])
        between = AnyEdits(data.draw, editor)
        with database.session(scans="allow") as session:
            query = session.query(Moving).order_by(*order).where(where)

            there = forwards(query, size, between)
            check(query, editor, there)
            editor.touched.clear()
            check(query, editor, backwards(query, size, there[-1], between))


@given(st.data(), orders(), filters, st.booleans())
@settings(max_examples=100)
def test_rows_of_an_index_a_condition_and_a_sort_find_the_same_behind_a_place(data, order, where, is_plateau):
    with opened() as database:
        MovingIndexes.deploy(database)
        some = [document(key, data.draw(ranks), data.draw(names)) for key in KEYS]
        database.bulk.docs(some)
        source = source_of(database, ServerNotes())
        descending = any(one.descending for one in order)
        total = (*(term for term in order if term.path != ID), SortTerm(ID, descending))
        asked = QuerySpec(model=Moving, where=where, order=total, limit=data.draw(st.integers(2, 14)))
        edge = document(data.draw(st.sampled_from(KEYS)), data.draw(ranks), data.draw(names))
        assume(asked.condition.matches(edge))
        place = attrs.evolve(place_of(edge, total), is_plateau=is_plateau)
        stretch = Stretch(asked=asked, source=source, place=place)
        how = planned(asked, source)
        watch = Watch(asked, how)

        read = [placed.place.values for placed in stretch.read()]
        here = [placed.place.values for placed in stretch._sorted_here(how, watch)]
        there = [placed.place.values for placed in stretch._sorted_there(watch)]

        assert read == here == there
        if is_plateau and isinstance(how, Find) and how.index is not None and not how.sorts_here:
            assert stretch._index_rows(how, watch) is not None


# --- one who never rests


class Restless(threading.Thread):
    """Another client that moves, deletes and inserts documents, all but every third one, until it is told."""

    def __init__(self, url: str, client: Client, name: str, total: int) -> None:
        super().__init__()
        self.client = client if url.startswith("memory:") else connect(url)
        self.database = self.client.database(name)
        self.random = random.Random(5)  # noqa: S311 - no secret
        self.others = [one for one in range(total) if one % 3]
        self.revisions: dict[str, str] = {}
        self.is_over = threading.Event()
        self.edits = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.is_over.is_set():
                self.edit()
        except BaseException as error:  # noqa: BLE001 - it is raised by `end`
            self.error = error

    def edit(self) -> None:
        start = self.random.randrange(len(self.others))
        some = self.others[start : start + self.random.randrange(1, 40)]  # a stretch moves together
        step, is_end = self.random.randrange(-4000, 4000), self.random.random() < 0.2
        documents = [{**leaf(one), "rank": one + step} for one in some]
        for one in documents:
            if one["_id"] in self.revisions:
                one |= {"_rev": self.revisions.pop(one["_id"]), "_deleted": is_end}
        answers = self.database.bulk.docs(documents)
        self.revisions |= {
            one["_id"]: answer["rev"]
            for one, answer in zip(documents, answers, strict=True)
            if not one.get("_deleted")
        }
        self.edits += len(documents)

    def end(self) -> int:
        self.is_over.set()
        self.join()
        if self.error is not None:
            raise self.error
        return self.edits


def leaf(number: int) -> JSONObject:
    return document(f"{number:05}", number, "ab"[number % 2])


ASKED = {
    "rows of an index": lambda query: query.order_by(Moving.rank),
    "rows of an index, down": lambda query: query.order_by(Moving.rank.desc(), Moving.name.desc()),
    "filtered": lambda query: query.where(Moving.name != "c").order_by(Moving.rank),
}


@pytest.mark.long
@pytest.mark.stores("memory", "sqlite", *(["couchdb"] if on_a_server else []))
@pytest.mark.parametrize("asked", ASKED)
def test_ten_thousand_documents_that_stay_come_once_while_another_client_never_rests(
    url, client, database, asked
):
    MovingIndexes.deploy(database)
    restless = Restless(url, client, database.name, 10_000)
    for start in range(0, 10_000, 1000):
        answers = database.bulk.docs([leaf(one) for one in range(start, start + 1000)])
        restless.revisions |= {answer["id"]: answer["rev"] for answer in answers}
    restless.start()
    try:
        with database.session() as session:
            query = ASKED[asked](session.query(Moving))
            there = forwards(query, 50)
            back = backwards(query, 50, there[-1])
    finally:
        edits = restless.end()

    for pages in (there, back):
        found = Counter(ids(pages))
        assert [found[leaf(one)["_id"]] for one in range(0, 10_000, 3)] == [1] * 3334
        assert len(pages) > 100
    assert edits > 1000
