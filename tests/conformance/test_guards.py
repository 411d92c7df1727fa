"""A view and a filter with a guard in JavaScript find what a query with the same expression finds."""

import pytest

from couchmapper.database import Database
from couchmapper.design.javascript import filter_function, map_function
from couchmapper.mango.dump import dump
from couchmapper.mango.nodes import Condition, Elements, Expression, Not

A = ("a",)
TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "aéb",
    "a\nb",
    "b\n",
    "b\n\n",
    "é",
    "éé",
    "\u017f",
    "\u212a",
    "a\u2028b",
    "😀",
    "42 %",
]
VALUES = [
    *TEXTS,
    None,
    5,
    ["a", "b"],
    ["b", "a", None, True],
    ["a", 1],
    [["a", "b"], ["c"]],
    [{"b": ["x"]}, {}],
    [{"b": ["y", "x"]}],
    {},
    {"a": 1, "b": 2},
    {"ab": {"c": 1}},
]
DOCUMENTS = [{"_id": f"{number:02}", "a": value} for number, value in enumerate(VALUES)] + [{"_id": "none"}]


def regex(pattern: str) -> Expression:
    return Condition(A, "$regex", pattern)


GUARDS = {
    "all": Condition(A, "$all", ["a", "b"]),
    "not_all": Not(Condition(A, "$all", ["a", "b"])),
    "all_constants": Condition(A, "$all", [None, True]),
    "all_within": Elements(A, "$elemMatch", Condition((), "$all", ["b", "a"])),
    "a_key": Elements(A, "$keyMapMatch", Condition((), "$eq", "b")),
    "a_key_by_regex": Elements(A, "$keyMapMatch", Condition((), "$regex", "^a")),
    "nested": Elements(A, "$elemMatch", Elements(("b",), "$allMatch", Condition((), "$eq", "x"))),
    "plain": regex("a"),
    "not_plain": Not(regex("a")),
    "ends": regex("b$"),
    "any_number": regex("^a.*b$"),
    "at_least_one": regex("^a.+b$"),
    "no_digit": regex("^\\D+$"),
    "no_space": regex("^\\S+$"),
    "beyond_ascii": regex("^(?:é)+$"),
    "caseless": regex("(?i)^[A-K]+$"),
    "caseless_and_not": regex("(?i)^[^k]+$"),
    "caseless_s": regex("(?i)s"),
    "counted": regex("^[0-9]{1,2} ?%$"),
    "nothing": regex("^$"),
    "starts_beyond_ascii": regex("^é"),
    "ends_in_two_code_units": regex("😀\\z"),
    "ends_in_a_newline": regex("b\\x0a\\z"),
    "holds_a_line_separator": regex("\u2028"),
    "does_not_start": Not(regex("^a")),
    "begins_and_always_ends": Condition(A, "$beginsWith", "b\n"),
}


def fill(database: Database, guard: Expression) -> set[str]:
    """Store the documents and the functions of a guard; return what a query finds."""
    view, function = map_function(guard, "null", "null"), filter_function(guard)
    database.design.put({"_id": "_design/d", "views": {"v": {"map": view}}, "filters": {"f": function}})
    database.bulk.docs(DOCUMENTS)
    answer = database.find.query(dump(guard), fields=["_id"], limit=100)
    return {document["_id"] for document in answer["docs"]}


@pytest.mark.parametrize("name", GUARDS)
def test_a_view_finds_what_a_query_finds(database, name):
    found = fill(database, GUARDS[name])

    assert {row["id"] for row in database.views.query("d", "v")["rows"]} == found
    assert {document["_id"] for document in DOCUMENTS if GUARDS[name].matches(document)} == found


@pytest.mark.parametrize("name", ["all", "a_key", "ends"])
def test_a_filter_passes_what_a_query_finds(database, name):
    found = fill(database, GUARDS[name])

    changes = database.changes(filter="d/f")["results"]

    assert {change["id"] for change in changes} - {"_design/d"} == found
