"""Expressions find the same documents on every store, and Python says the same of each document."""

import pytest

from couchmapper.mango.dump import dump
from couchmapper.mango.match import match
from couchmapper.mango.nodes import Nor
from couchmapper.mango.normalize import normalize
from couchmapper.mapping import Document, Embedded, Mapped, field
from couchmapper.typing import JSON


class Part(Embedded):
    name: Mapped[str]


class Line(Embedded):
    sku: Mapped[str]
    count: Mapped[int] = field(default=1)
    parts: Mapped[list[Part]] = field(factory=list)


class Order(Document, id="{key}"):
    key: Mapped[str]
    title: Mapped[str | None] = field(default=None)
    rank: Mapped[int] = field(default=0)
    tags: Mapped[list[str]] = field(factory=list)
    scores: Mapped[list[int]] = field(factory=list)
    rows: Mapped[list[list[int]]] = field(factory=list)
    lines: Mapped[list[Line]] = field(factory=list)
    extra: Mapped[dict[str, JSON]] = field(factory=dict)


DOCUMENTS = [
    {"_id": "a", "title": "a tea", "rank": 1, "tags": ["new", "sale"], "scores": [1, 7], "extra": {"vip": 1}},
    {"_id": "b", "title": "tea (3.50)\n", "rank": 2, "tags": ["new"], "scores": [2.0, 3], "extra": {"vi": 0}},
    {"_id": "c", "title": "thé vert", "tags": [], "scores": [], "lines": [], "extra": {}},
    {"_id": "d", "title": "", "rank": None, "tags": None, "scores": "7", "lines": None, "extra": ["vip"]},
    {"_id": "e"},
    {"_id": "f", "lines": [{"sku": "tea", "count": 2, "parts": [{"name": "lid"}, {}]}]},
    {"_id": "g", "lines": [{"sku": "cup"}, {"count": 5}], "rows": [[1, 2], []]},
    {"_id": "h", "lines": [{"sku": "cup", "count": None, "parts": []}], "rows": [[3]]},
    {"_id": "i", "lines": [{}, 5, None, "tea"], "rows": [1, 2]},
]  # fmt: skip


@pytest.fixture
def shelf(database):
    database.bulk.docs(DOCUMENTS)
    return database


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Order.title.contains("tea"), "ab"),
        (Order.title.contains("(3.50)"), "b"),
        (Order.title.contains("3x50"), ""),
        (Order.title.contains("é v"), "c"),
        (Order.title.contains("\n"), "b"),
        (Order.title.contains(""), "abcd"),
        (~Order.title.contains("tea"), "cd"),
        (Order.title.endswith("tea"), "a"),
        (Order.title.endswith("(3.50)"), ""),
        (Order.title.endswith(")\n"), "b"),
        (Order.title.endswith("rt"), "c"),
        (Order.title.endswith(""), "abcd"),
        (Order.title.startswith("tea ("), "b"),
        (~Order.title.startswith("t"), "ad"),
        (Order.rank.or_missing(lambda rank: rank > 1), "bcefghi"),
        (Order.title.or_missing(Order.title == ""), "defghi"),
        (Order.tags.has_all(["new", "sale"]), "a"),
        (Order.tags.has_all(["new"]), "ab"),
        (Order.tags.has_all([]), "abc"),
        (~Order.tags.has_all(["new"]), "cd"),
        (Order.scores.has_all([2]), "b"),
        (Order.scores.has_all([3, 2]), "b"),
        (Order.scores.any(lambda score: score > 5), "a"),
        (Order.scores.any(lambda score: ~(score > 2)), "ab"),
        (Order.scores.all(lambda score: score.between(2, 3)), "b"),
        (Order.scores.all(lambda score: score.not_in([1])), "b"),
        (Order.scores.all_or_empty(lambda score: score < 5), "bc"),
        (Order.scores.any(lambda score: score.exists()), "ab"),
        (Order.scores.any(lambda score: score.is_missing()), ""),
        (Order.rows.any(lambda row: row.any(2)), "g"),
        (Order.rows.any(lambda row: row[0] == 3), "h"),
        (Order.rows.any(lambda row: row.len() == 0), "g"),
        (Order.rows.any(lambda row: row.len() != 1), "gi"),
        (Order.lines.any(Line.sku == "tea"), "f"),
        (Order.lines.any(lambda line: line.sku == "tea"), "f"),
        (Order.lines.any(~(Line.sku == "tea")), "gh"),
        (Order.lines.any(~Line.sku.startswith("t")), "gh"),
        (Order.lines.all(~Line.sku.startswith("t")), "h"),
        (Order.lines.any(~Line.sku.exists()), "gi"),
        (Order.lines.any(Line.count.or_missing(lambda count: count > 4)), "gi"),
        (Order.lines.any(Nor((Line.sku == "tea", Line.count == 1))), "h"),
        (Order.lines.any(~((Line.sku == "tea") & (Line.count == 2))), "gh"),
        (Order.lines.any(Line.parts.any(Part.name == "lid")), "f"),
        (Order.lines.any(Line.parts.any(~Part.name.contains("i"))), ""),
        (Order.lines.any(~Line.parts.any(Part.name == "lid")), "h"),
        (Order.lines.any(Line.parts.len() != 2), "h"),
        (Order.lines.all_or_empty(Line.sku == "cup"), "ch"),
        (~Order.lines.any(Line.sku == "tea"), "cdghi"),
        (Order.extra.any_key("vip"), "a"),
        (Order.extra.any_key(lambda key: key.startswith("vi")), "ab"),
        (Order.extra.any_key(lambda key: ~key.endswith("p")), "b"),
        (~Order.extra.any_key("vip"), "bcd"),
        (Order.extra["vip"].exists(), "a"),
    ],
)
def test_an_operator_finds_what_it_says(shelf, condition, found):
    answer = shelf.find(dump(normalize(condition)), limit=99)

    assert "".join(sorted(document["_id"] for document in answer["docs"])) == found
    assert "".join(one["_id"] for one in DOCUMENTS if match(condition, one)) == found
