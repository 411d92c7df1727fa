"""Pages of queries: whatever others do meanwhile, each document that stays where it is comes exactly once."""

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import Any

import attrs
import pytest
from leafing import (
    EDITS,
    IDS,
    Bare,
    Declared,
    Editor,
    Indexes,
    Leaf,
    Moving,
    MovingIndexes,
    backwards,
    create_by_hand,
    forwards,
    ids,
    leaves,
    many,
)

from couchmapper.collation import sort_key
from couchmapper.database import Database
from couchmapper.exceptions import FullScanRefused
from couchmapper.mango.paths import look_up
from couchmapper.mango.sort import SortTerm
from couchmapper.query import Query
from couchmapper.query.cursor import read_cursor, write_cursor

Ask = Callable[[Query[Any], Any], Query[Any]]

# Where the indexes are: the model whose documents are asked for, and what is deployed.
SITUATIONS: dict[str, tuple[type[Leaf], Callable[[Database], object]]] = {
    "none": (Bare, lambda _: None),
    "declared": (Declared, lambda _: None),
    "deployed": (Declared, Indexes.deploy),
    "by hand": (Bare, create_by_hand),
}
QUERIES: dict[str, Ask] = {
    "as they come": lambda query, _: query,
    "by id": lambda query, of: query.order_by(of.id),
    "by id, down": lambda query, of: query.order_by(of.id.desc()),
    "by rank": lambda query, of: query.order_by(of.rank),
    "by rank, down": lambda query, of: query.order_by(of.rank.desc()),
    "by rank and id": lambda query, of: query.order_by(of.rank, of.id),
    "by rank and name": lambda query, of: query.order_by(of.rank, of.name),
    "by rank and name, down": lambda query, of: query.order_by(of.rank.desc(), of.name.desc()),
    "by rank down and name up": lambda query, of: query.order_by(of.rank.desc(), of.name.asc()),
    "by name": lambda query, of: query.order_by(of.name),
    "by note, down": lambda query, of: query.order_by(of.note.desc()),
    "by note": lambda query, of: query.order_by(of.note),
    "by weight": lambda query, of: query.order_by(of.weight),
    "by what all have": lambda query, of: query.order_by(of.flat),
    "by anything": lambda query, of: query.order_by(of.anything),
    "by anything, down": lambda query, of: query.order_by(of.anything.desc()),
    "of one rank": lambda query, of: query.where(of.rank == 1).order_by(of.name),
    "of one rank, by id": lambda query, of: query.where(of.rank == 1).order_by(of.id),
    "of higher ranks": lambda query, of: query.where(of.rank > 0).order_by(of.rank.desc()),
    "filtered": lambda query, of: query.where(of.name != "b").order_by(of.rank),
    "of known ids": lambda query, of: query.where(of.id.in_([*IDS[2:9], "x"])).order_by(of.name),
    "of a part of the ids": lambda query, of: query.where(of.id.between("A", "z")),
    "of a part of the ids, down": lambda query, of: query.where(of.id.between("A", "z")).order_by(
        of.id.desc()
    ),
    "of a part of the ids, by rank": lambda query, of: query.where(of.id.between("A", "z")).order_by(of.rank),
    "from an id on": lambda query, of: query.where(of.id > "B").order_by(of.name),
}
WITH_INDEXES = ("deployed", "by hand")
ODD = ("by id, down", "by rank and name", "by anything", "by rank down and name up")


def situations() -> Iterator[Any]:
    """Yield every query in every situation; one without indexes is asked on a server where that differs."""
    for asked in QUERIES:
        for situation in SITUATIONS:
            is_for_all = situation in WITH_INDEXES or (situation == "none" and asked in ODD)
            marks = () if is_for_all else (pytest.mark.stores("memory", "sqlite"),)
            yield pytest.param(asked, situation, marks=marks, id=f"{asked}, {situation}")


@pytest.mark.parametrize(("asked", "situation"), list(situations()))
def test_pages_have_what_the_query_finds_there_and_back(database, asked, situation):
    model, deploy = SITUATIONS[situation]
    documents = {one["_id"]: one for one in leaves(model.__name__.lower())}
    database.bulk.docs(documents.values())
    deploy(database)
    with database.session(scans="allow") as session:
        query = QUERIES[asked](session.query(model), model)

        there = forwards(query, 5)
        back = backwards(query, 5, there[-1])
        first, *_ = forwards(query, 20)

    wanted = {one for one, json in documents.items() if query.spec.condition.matches(json)}
    assert len(wanted) >= 4
    assert sorted(ids(there)) == sorted(wanted)
    assert is_in_order([documents[one] for one in ids(there)], query)
    assert [len(page) for page in there[:-1]] == [5] * (len(there) - 1)
    assert [ids([page]) for page in back[::-1]] == [ids([page]) for page in there]
    assert ids([first]) == ids(there)
    assert (there[0].previous, there[-1].next, first.next, first.previous) == (None,) * 4


def is_in_order(documents: Sequence[Any], query: Query[Any]) -> bool:
    """Tell whether documents come by the fields of the query, and ids by their bytes."""
    keys = [b"".join(part_of_key(one, term) for term in query.spec.order) for one in documents]
    return keys == sorted(keys)


def part_of_key(document: Any, term: SortTerm) -> bytes:
    value = look_up(document, term.path)
    key = value.encode() + b"\0" if term.path == ("_id",) else sort_key(value)
    return key.translate(bytes(range(255, -1, -1))) if term.descending else key


@pytest.mark.parametrize("size", [1, 2, 4, 12, 13])
def test_pages_of_any_size_have_everything_once(database, size):
    database.bulk.docs(leaves("declared"))
    Indexes.deploy(database)
    with database.session() as session:
        query = session.query(Declared).order_by(Declared.rank)
        there = forwards(query, size)

        assert sorted(ids(there)) == sorted(IDS)
        assert ids(backwards(query, size, there[-1])[::-1]) == ids(there)[: size * len(there)]


# --- edits between the pages


def by_hand(database: Database) -> None:
    create_by_hand(database, ["rank"])


def nothing(_: Database) -> None:
    """Deploy no index."""


MOVING: dict[str, tuple[Callable[[Database], object], Ask]] = {
    "rows of an index": (MovingIndexes.deploy, lambda query, of: query.order_by(of.rank)),
    "rows of an index, down": (MovingIndexes.deploy, lambda query, of: query.order_by(of.rank.desc())),
    "rows of two fields": (MovingIndexes.deploy, lambda query, of: query.order_by(of.rank, of.name)),
    "filtered": (MovingIndexes.deploy, lambda query, of: query.where(of.name != "d").order_by(of.rank)),
    "by hand": (by_hand, lambda query, of: query.order_by(of.rank)),
    "sorted here": (nothing, lambda query, of: query.order_by(of.rank.desc(), of.name.asc())),
    "by id": (nothing, lambda query, of: query.order_by(of.id)),
    "as they come": (MovingIndexes.deploy, lambda query, _: query),
}


@pytest.mark.parametrize("asked", MOVING)
def test_edits_between_the_pages_neither_lose_nor_repeat_what_stays(database, asked):
    deploy, ask = MOVING[asked]
    deploy(database)
    editor = Editor.of(database, many("moving", 34))
    turns = cycle(EDITS)
    with database.session(scans="allow") as session:
        query = ask(session.query(Moving), Moving)

        there = forwards(query, 4, lambda page: next(turns)(editor, page))
        check_stayed(query, editor, there)
        editor.touched.clear()
        back = backwards(query, 4, there[-1], lambda page: page and next(turns)(editor, page))
        check_stayed(query, editor, back)

    assert len(there) > 5
    assert there[-1].next is back[-1].previous is None


def check_stayed(query: Query[Any], editor: Editor, pages: Sequence[Any]) -> None:
    found = ids(pages)
    stayed = [one for one in editor.staying if query.spec.condition.matches(editor.documents[one])]
    assert len(stayed) > 5
    assert [found.count(one) for one in stayed] == [1] * len(stayed), (sorted(stayed), found)


@pytest.mark.parametrize("asked", ["rows of an index", "filtered", "sorted here"])
def test_indexes_come_and_go_between_the_pages(client, database, asked):
    _, ask = MOVING[asked]
    database.bulk.docs(many("moving", 30))
    steps = (lambda: MovingIndexes.deploy(database), lambda: by_hand(database), lambda: drop(database))
    pages, cursor, turn = [], None, 0
    while turn == 0 or cursor is not None:
        knows_none = client.database(database.name)
        with (database if turn % 2 else knows_none).session(scans="allow") as session:
            page = ask(session.query(Moving), Moving).page(4, after=cursor)
        pages, cursor, turn = [*pages, page], page.next, turn + 1
        steps[turn % 3]()

    with database.session(scans="allow") as session:
        everything = [one.id for one in ask(session.query(Moving), Moving)]
    assert sorted(ids(pages)) == sorted(everything)


def drop(database: Database) -> None:
    """Delete all indexes."""
    for row in database.bulk.all_docs(start_key="_design/", end_key="_design0")["rows"]:
        database.design.delete(row["key"].removeprefix("_design/"), rev=row["value"]["rev"])


# --- the ends


@pytest.fixture
def deployed(database):
    """Give a database with twelve documents, two of each rank, and deployed indexes."""
    database.bulk.docs({**one, "rank": int(one["_id"]) // 2} for one in many("moving", 12))
    MovingIndexes.deploy(database)
    return database


def test_a_query_that_finds_nothing_has_one_empty_page(deployed):
    with deployed.session() as session:
        query = session.query(Moving)
        for one in (query.where(Moving.rank > 99), query.where(Moving.rank.in_([])), query.skip(99)):
            page = one.order_by(Moving.rank).page(3)

            assert (page.documents, page.next) == ((), None)
            assert (page.previous is None) is (one.spec.skip == 0)


def test_a_page_that_others_have_emptied_leads_back(deployed):
    rows = deployed.bulk.all_docs(include_docs=True)["rows"]
    editor = Editor(deployed, {row["id"]: row["doc"] for row in rows})
    with deployed.session() as session:
        query = session.query(Moving).order_by(Moving.rank)
        first = query.page(3)
        second = query.page(3, after=first.next)
        editor.delete("06", "07", "08", "09", "10", "11")
        nothing_behind = query.page(3, after=second.next)
        editor.delete("00", "01", "02")
        nothing_before = query.page(3, before=second.previous)

        assert (nothing_behind.documents, nothing_behind.next) == ((), None)
        assert ids([query.page(3, before=nothing_behind.previous)]) == ["03", "04", "05"]
        assert query.page(3, before=nothing_behind.previous).next is None
        assert (nothing_before.documents, nothing_before.previous) == ((), None)
        assert ids([query.page(3, after=nothing_before.next)]) == ["03", "04", "05"]
        assert query.page(3, after=nothing_before.next).previous is None


def test_a_size_may_change_on_the_way(deployed):
    with deployed.session() as session:
        query = session.query(Moving).order_by(Moving.rank.desc(), Moving.id.desc())
        first = query.page(2)
        second = query.page(5, after=first.next)
        third = query.page(1, after=second.next)
        back = query.page(9, before=third.previous)

    assert ids([first, second, third]) == ["11", "10", "09", "08", "07", "06", "05", "04"]
    assert (ids([back]), back.previous) == (ids([first, second]), None)


@pytest.mark.parametrize("order", ["rank", "name", "id"])
def test_skip_says_where_the_first_page_begins_and_the_way_back_leads_further(deployed, order):
    field_of = getattr(Moving, order)
    with deployed.session(scans="allow") as session:
        query = session.query(Moving).order_by(field_of)
        everything = ids(forwards(query, 5))
        there = forwards(query.skip(5), 4)

        assert ids(there) == everything[5:]
        assert ids(backwards(query.skip(5), 4, there[-1])[::-1]) == everything
        assert ids(forwards(query.limit(1), 4)) == everything


@pytest.mark.parametrize("rank", [-99, 99, "x", None])
def test_a_cursor_that_was_made_by_hand_leads_to_a_page_of_the_query(deployed, rank):
    with deployed.session() as session:
        query = session.query(Moving).where(Moving.rank.between(1, 3)).order_by(Moving.rank)
        cursor = query.page(2).next
        place = read_cursor(query.spec, cursor, b"")
        other = write_cursor(query.spec, attrs.evolve(place, values=(rank, "05")), b"")
        before, after = query.page(9, before=other), query.page(9, after=other)

    assert sorted(ids([before, after])) == ["02", "03", "04", "05", "06", "07"]
    assert len(before) in (0, 6)


# --- scans


def test_a_page_is_refused_as_its_query_is(database):
    database.bulk.docs(leaves("declared"))
    Indexes.deploy(database)
    with database.session(scans="forbid") as session:
        query = session.query(Declared)
        with pytest.raises(FullScanRefused, match="no index"):
            query.where(Declared.key != "x").order_by(Declared.key).page(2)
        for order in (Declared.note, Declared.note.desc(), Declared.anything):
            there = forwards(query.order_by(order), 5)
            assert len(backwards(query.order_by(order), 5, there[-1])) == len(there) == 3


def test_a_page_is_refused_once_its_index_is_gone(client, deployed):
    with deployed.session(scans="forbid") as session:
        query = session.query(Moving).order_by(Moving.rank)
        cursor = query.page(2).next
        drop(client.database(deployed.name))

        with pytest.raises(FullScanRefused, match="is declared and not deployed"):
            query.page(2, after=cursor)
