"""What a search index cannot decide as Mango does."""

import pytest
from search_fields import FIELDS, has, is_, item

from couchmapper.mango.lucene.fields import LONGEST
from couchmapper.mango.lucene.refusals import refusals
from couchmapper.mango.nodes import And, Elements, Expression, Or, text_search
from couchmapper.mango.normalize import normalize


def reasons(expression: Expression) -> str:
    return "; ".join(refusals(normalize(expression), FIELDS))


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (is_("note", "$eq", "tea"), "the index holds the words of the text, not the text"),
        (is_("note", "$regex", "^tea"), "the index holds the words of the text, not the text"),
        (is_("name", "$lt", "B"), "Lucene orders text by code points and CouchDB by Unicode collation"),
        (is_("placed", "$lt", "Bob"), "Lucene orders text by code points and CouchDB by Unicode collation"),
        (is_("name", "$gt", ""), "is not exact at the smallest value of a type"),
        (is_("name", "$eq", "e\u0301"), "CouchDB takes the text for equal to others"),
        (is_("name", "$eq", "a\u00adb"), "CouchDB takes the text for equal to others"),
        (is_("name", "$eq", "x" * LONGEST), f"only the first {LONGEST} characters"),
        (is_("name", "$regex", "^A|B"), "Lucene has other regular expressions than CouchDB"),
        (is_("name", "$beginsWith", "e"), "CouchDB looks at whole letters, Lucene at code points"),
        (is_("total", "$mod", [2, 0]), "has no exact form in Lucene's syntax"),
        (is_("tags", "$size", 2), "has no exact form in Lucene's syntax"),
        (is_("tags", "$all", ["a"]), "has no exact form in Lucene's syntax"),
        (is_("tags", "$eq", ["a"]), "compares whole lists or objects"),
        (is_("tags", "$lt", ["a"]), "compares whole lists or objects"),
        (is_("tags", "$in", ["a", None]), "the index does not know of nulls in a list"),
        (is_("tags", "$regex", "^a"), "a list does not begin with a text"),
        (is_("total", "$eq", 2**53), "Lucene does not tell integers beyond 2^53 apart"),
        (is_("total", "$gt", -(2**53)), "Lucene does not tell integers beyond 2^53 apart"),
        (is_("total", "$in", 5), "Bad argument for operator $in"),
        (Elements(("tags",), "$allMatch", item("$eq", "a")), "it does not look at all of them"),
        (has("tags", item("$ne", "a")), "one and the same element"),
        (has("tags", item("$eq", "a"), item("$eq", "b")), "one and the same element"),
        (has("tags", is_("sku", "$eq", "a")), "one and the same element"),
        (has("tags", item("$eq", None)), "the index knows of single values in a list"),
        (has("tags", item("$gt", 5)), "asks for the type of an element, which is not in the index"),
        (has("sizes", item("$gt", None)), "asks for the type of an element, which is not in the index"),
        (has("rates", item("$lt", 5)), "holds for elements of type null too, which are not in the index"),
        (has("tags", item("$regex", "^")), "Lucene finds elements that begin with a text"),
        (text_search("tea"), "a search takes this as search.matching('green tea')"),
    ],
)
def test_a_condition_is_refused(condition: Expression, reason: str):
    assert reason in reasons(condition)


def test_ids_are_compared_by_their_bytes_as_couchdb_does():
    assert not reasons(is_("_id", "$lt", "B") & is_("_id", "$eq", "e\u0301"))


@pytest.mark.parametrize("join", [And, Or])
def test_more_conditions_than_lucene_takes_are_refused(join: type[And] | type[Or]):
    many = join(tuple(is_("total", "$eq", number) for number in range(1001)))

    assert "at most 1000 conditions" in reasons(many)


def test_many_values_count_as_many_conditions():
    assert "at most 1000 conditions" in reasons(is_("total", "$in", list(range(1001))))
    assert not reasons(is_("total", "$in", list(range(1000))))
