"""Leafing through the pages of a query, there and back, while another client edits what they show."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from couchmapper.database import Database
from couchmapper.design import Design, Index
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query import Query
from couchmapper.query.page import Page
from couchmapper.typing import JSON, JSONObject


class Leaf(Document, id="{key}", abstract=True):
    key: Mapped[str]
    rank: Mapped[int]
    name: Mapped[str] = field(default="")
    note: Mapped[str | None] = field(default=None)
    weight: Mapped[float] = field(default=0.0)
    flat: Mapped[bool] = field(default=True)
    anything: Mapped[JSON] = field(default=None)


class Declared(Leaf):
    """Its documents have the indexes of `Indexes`, when those are deployed."""


class Bare(Leaf):
    """No index is declared for its documents."""


class Moving(Leaf):
    """Its documents move by their rank."""


class MovingIndexes(Design, model=Moving):
    by_rank = Index(Moving.rank)
    by_rank_and_name = Index(Moving.rank, Moving.name)


class Indexes(Design, model=Declared):
    by_rank = Index(Declared.rank)
    by_rank_and_name = Index(Declared.rank, Declared.name)
    by_name = Index(Declared.name)
    by_note = Index(Declared.note)
    by_weight = Index(Declared.weight)
    by_flat = Index(Declared.flat)
    by_anything = Index(Declared.anything)


BY_HAND = (["rank"], ["rank", "name"], ["name"], ["note"], ["weight"], ["flat"], ["anything"])
NAMES = ("b", "B", "é", "e\u0301", "a\u00adb", "ab", "", "Zoë", "мир", "日本", "🦆", "เก")
VALUES: tuple[JSON, ...] = (
    *(None, False, True, 1, 1.0, 2**53 + 1, "x", "\0", [], [None, 1], [[1]]),
    {"$gt": 1, "a.b": [{}]},
)
HIGHEST = 9
IDS = ("a", "B", "b", "é", "e\u0301", "~", "Z", "1", "10", "9", "ß", "ss")


def leaves(kind: str) -> list[JSONObject]:
    """Make a document of each of `NAMES`, of which some have equal values, and one without any."""
    made = [
        {
            "_id": IDS[number],
            "type": kind,
            "key": IDS[number],
            "rank": number % 3,
            "name": NAMES[number],
            "note": None if number % 3 else NAMES[number],
            "weight": (1, 1.0, 2, -0.5)[number % 4],
            "flat": True,
            "anything": VALUES[number],
        }
        for number in range(12)
    ]
    return [*made, {"_id": "other", "rank": 1, "name": "b"}]


def many(kind: str, number: int) -> list[JSONObject]:
    """Make documents, five of each rank."""
    return [
        {"_id": f"{one:02}", "type": kind, "key": f"{one:02}", "rank": one // 5, "name": "abcd"[one % 4]}
        for one in range(number)
    ]


def create_by_hand(database: Database, *wanted: list[str]) -> None:
    """Make indexes as a person would, for documents of all types."""
    for fields in wanted or BY_HAND:
        database.find.create_index(fields, ddoc="hand", name="by " + " and ".join(fields))


# --- leafing

Between = Callable[[Page[Any]], object]


def forwards(query: Query[Any], size: int, between: Between | None = None) -> list[Page[Any]]:
    """Turn page after page to the last one; `between` two of them something may happen."""
    pages = [query.page(size)]
    while pages[-1].next is not None:
        if between is not None:
            between(pages[-1])
        pages.append(query.page(size, after=pages[-1].next))
    return pages


def backwards(
    query: Query[Any], size: int, last: Page[Any], between: Between | None = None
) -> list[Page[Any]]:
    """Turn back page after page from the last one to the first one."""
    pages = [last]
    while pages[-1].previous is not None:
        if between is not None:
            between(pages[-1])
        pages.append(query.page(size, before=pages[-1].previous))
    return pages


def ids(pages: Sequence[Page[Any]]) -> list[str]:
    return [document.id for page in pages for document in page]


# --- somebody else


@attrs.define
class Editor:
    """Another client, which knows all documents and remembers which ones it has touched."""

    database: Database
    documents: dict[str, JSONObject] = attrs.field(factory=dict)
    touched: set[str] = attrs.field(factory=set)

    @classmethod
    def of(cls, database: Database, documents: Sequence[JSONObject]) -> "Editor":
        editor = cls(database)
        editor.write(documents)
        editor.touched.clear()
        return editor

    @property
    def staying(self) -> set[str]:
        """The documents that were there from the beginning, and stayed where they were."""
        return self.documents.keys() - self.touched

    def write(self, documents: Sequence[JSONObject]) -> None:
        answers = self.database.bulk.docs(documents)
        for document, answer in zip(documents, answers, strict=True):
            self.touched.add(document["_id"])
            self.documents[document["_id"]] = {**document, "_rev": answer["rev"]}
            if document.get("_deleted"):
                del self.documents[document["_id"]]

    def delete(self, *ids: str) -> None:
        known = [self.documents[one] for one in ids if one in self.documents]
        self.write([{"_id": one["_id"], "_rev": one["_rev"], "_deleted": True} for one in known])

    def change(self, one: str, **members: JSON) -> None:
        if one in self.documents:
            self.write([{**self.documents[one], **members}])

    def insert(self, one: str, **members: JSON) -> None:
        if one not in self.documents:
            self.write([{"_id": one, "key": one, **members}])


# What can happen at the edge of a page, and what can be done to the documents on it.


def delete_the_edge(editor: Editor, page: Page[Any]) -> None:
    editor.delete(page.documents[-1].id)


def move_the_edge_behind(editor: Editor, page: Page[Any]) -> None:
    editor.change(page.documents[-1].id, rank=HIGHEST)


def move_the_edge_before(editor: Editor, page: Page[Any]) -> None:
    editor.change(page.documents[-1].id, rank=-1)


def delete_the_page(editor: Editor, page: Page[Any]) -> None:
    editor.delete(*(document.id for document in page))


def insert_at_the_edge(editor: Editor, page: Page[Any]) -> None:
    edge = page.documents[-1]
    kind = editor.documents[edge.id]["type"]
    for weight, one in enumerate((f"{edge.id}0", f"-{edge.id}", f"~{edge.id}")):
        editor.insert(one, type=kind, rank=edge.rank, name=edge.name, weight=weight)


def move_both_edges_a_step(editor: Editor, page: Page[Any]) -> None:
    for edge in (page.documents[0], page.documents[-1]):
        editor.change(edge.id, rank=edge.rank + 1)


def move_others_over_the_edge(editor: Editor, page: Page[Any]) -> None:
    others = sorted(editor.staying - {document.id for document in page})
    for one in others[:1]:
        editor.change(one, rank=HIGHEST)
    for one in others[-1:]:
        editor.change(one, rank=-1)


def change_without_moving(editor: Editor, page: Page[Any]) -> None:
    touched = set(editor.touched)
    editor.change(page.documents[-1].id, note="seen")
    editor.touched = touched


EDITS: tuple[Callable[[Editor, Page[Any]], None], ...] = (
    delete_the_edge,
    move_the_edge_behind,
    insert_at_the_edge,
    move_the_edge_before,
    change_without_moving,
    delete_the_page,
    move_both_edges_a_step,
    move_others_over_the_edge,
)
