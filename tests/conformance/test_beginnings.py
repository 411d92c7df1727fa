"""Beginnings, ends and parts of texts: what a store finds is what Python finds, sign by sign."""

from collections.abc import Callable, Iterable
from itertools import product

from couchmapper.database import Database
from couchmapper.mango import dump, match
from couchmapper.mango.nodes import Expression
from couchmapper.mapping import Document, Mapped


class Note(Document):
    text: Mapped[str]


def pairs(signs: Iterable[str]) -> list[str]:
    """Return every text of no, one or two of the signs."""
    known = list(signs)
    return ["", *known, *map("".join, product(known, known))]


TEXTS = pairs(["a", "\n", "\0", "é", "\u0301", "เ", "ก", "\ud7ff", "\uffff", "😀", "😁", "\U0010ffff"])
"""Of the borders of UTF-8 and UTF-16, and of what is equal or sorted in other ways than it is written."""

JOINING = (
    *("a", "\r", "\n", "\u00ad", "\u2028", "\u2065", "\u094d", "เ", "\u102b"),
    *("\u0301", "\u093f", "\u200d", "\u0e33", "\ufe0f", "\U000e0067"),  # go with what is before them
    *("\u0600", "\u0d4e"),  # go with what is behind them
    *("\u1100", "\u1161", "\u11a8", "가", "각"),
    *("🇩", "🇪", "👩", "\U0001f3fd"),
)
"""One of each kind that Unicode's rules about clusters know."""

CLUSTERS = (*pairs(JOINING), "🇩🇪🇩", "👩\u200d👩", "가\u11a8\u11a8", "a\u0301\u0301")


def fill(database: Database, texts: list[str] | tuple[str, ...]) -> None:
    database.bulk.docs({"_id": str(place), "text": text} for place, text in enumerate(texts))


def found(database: Database, condition: Expression) -> set[int]:
    answer = database.find(dump(condition), fields=["_id"], limit=1000)
    return {int(one["_id"]) for one in answer["docs"]}


def those(
    holds: Callable[[str, str], bool], part: str, texts: list[str] | tuple[str, ...] = TEXTS
) -> set[int]:
    return {place for place, text in enumerate(texts) if holds(text, part)}


def begins(text: str, prefix: str) -> bool:
    return match(Note.text.begins_with(prefix), {"text": text})


def test_texts_begin_as_in_python(database: Database):
    fill(database, TEXTS)

    for prefix in TEXTS[:40]:
        assert found(database, Note.text.startswith(prefix)) == those(str.startswith, prefix)


def test_texts_end_as_in_python(database: Database):
    fill(database, TEXTS)

    for suffix in TEXTS[:40]:
        assert found(database, Note.text.endswith(suffix)) == those(str.endswith, suffix)


def test_texts_contain_what_they_do_in_python(database: Database):
    fill(database, TEXTS)

    for part in TEXTS[:40]:
        assert found(database, Note.text.contains(part)) == those(str.__contains__, part)


def test_an_index_does_not_change_how_texts_begin(database: Database):
    fill(database, TEXTS)
    database.find.create_index(["text"], ddoc="by-text", name="by-text")

    for prefix in TEXTS[:13]:
        assert found(database, Note.text.startswith(prefix)) == those(str.startswith, prefix)


def test_a_beginning_ends_where_a_character_ends(database: Database):
    fill(database, CLUSTERS)

    for prefix in ("", *JOINING, "🇩🇪", "👩\u200d", "a\u0301", "가\u11a8"):
        assert found(database, Note.text.begins_with(prefix)) == those(begins, prefix, CLUSTERS)
