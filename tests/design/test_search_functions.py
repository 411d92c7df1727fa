"""The functions of search indexes: their text, and what they index of a document."""

from typing import Any

import pytest
from search_fields import field
from search_stand_in import indexed

from couchmapper.design.search_functions import Engine, IndexedField, index_function
from couchmapper.exceptions import DesignError
from couchmapper.mango.nodes import Condition, Expression

GUARD = Condition(("type",), "$eq", "order")

TEXT = r"""function (doc) {
  var kind = function (value) {
    if (value === null) { return "null"; }
    return Array.isArray(value) ? "array" : typeof value;
  };
  var words = function (name, value, options) {
    if (typeof value === "string") {
      index(name, value, options);
      index("default", value);
    }
  };
  var term = function (name, value, options) {
    if (typeof value === "string") {
      index(name, value.slice(0, 10921).replace(/[\uD800-\uDBFF]$/, ""), options);
    }
  };
  var each = function (write, name, values, options) {
    if (Array.isArray(values)) {
      values.forEach(function (value) { write(name, value, options); });
    }
  };
  if (doc.type === "order") {
    if (doc.note !== undefined) {
      index("$types", "note=" + kind(doc.note));
      words("note", doc.note, {"store": true});
    } else if (doc.note === undefined) {
      index("$types", "no note");
    }
    if (doc.tags !== undefined) {
      index("$types", "tags=" + kind(doc.tags));
      each(term, "tags", doc.tags, {"facet": true});
    } else if (doc.tags === undefined) {
      index("$types", "no tags");
    }
  }
}"""


def one(name: str, form: str, **options: Any) -> IndexedField:
    given = {key: options.pop(key) for key in ("store", "facet") if key in options}
    return IndexedField(field=field(name, form, **options), **given)


def calls(*fields: IndexedField, engine: Engine = "clouseau", **document: Any) -> list[list[Any]]:
    """Return what is indexed of a document but the types of its fields."""
    function = index_function(engine, GUARD, fields)
    found = indexed(function, {"_id": "o", "type": "order", **document})
    return [call for call in found if "$types" not in call]


def types(document: dict[str, Any], *fields: IndexedField) -> list[str]:
    function = index_function("clouseau", GUARD, fields)
    return [call[1] for call in indexed(function, {"type": "order", **document}) if call[0] == "$types"]


def test_the_text_is_stable():
    fields = [one("note", "text", store=True), one("tags", "keyword", elements=("string",), facet=True)]

    assert index_function("clouseau", GUARD, fields) == TEXT


def test_a_document_that_does_not_fulfil_the_guard_is_not_indexed():
    assert (
        indexed(index_function("clouseau", GUARD, [one("note", "text")]), {"type": "other", "note": "a"})
        == []
    )


def test_analysed_text_is_also_in_the_default_field():
    assert calls(one("note", "text"), note="green tea") == [
        ["note", "green tea", {}],
        ["default", "green tea"],
    ]


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        ("keyword", "", ""),
        ("keyword", "a b", "a b"),
        ("number", 0, 0),
        ("number", -2.5, -2.5),
        ("number", 10**400, 1.7976931348623157e308),
        ("number", -(10**400), -1.7976931348623157e308),
        ("boolean", False, "false"),
        ("boolean", True, "true"),
        ("text", "", ""),
    ],
)
def test_a_value_is_indexed_even_when_it_is_empty(form: str, value: Any, written: Any):
    assert calls(one("a", form), a=value)[0] == ["a", written, {}]


@pytest.mark.parametrize("form", ["keyword", "number", "boolean", "text"])
@pytest.mark.parametrize("value", [None, [], {}, ["a"], {"a": 1}], ids=repr)
def test_a_value_of_another_type_is_not_indexed(form: str, value: Any):
    assert calls(one("a", form), a=value) == []


def test_every_element_of_a_list_is_indexed():
    assert calls(one("tags", "keyword", elements=("string",)), tags=["a", 5, "b"]) == [
        ["tags", "a", {}],
        ["tags", "b", {}],
    ]


def test_a_long_text_is_cut_where_no_character_is_torn():
    (call,) = calls(one("a", "keyword"), a="x" * 10920 + "😀" + "y")

    assert call[1] == "x" * 10920


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({}, "no a"),
        ({"a": None}, "a=null"),
        ({"a": True}, "a=boolean"),
        ({"a": 0}, "a=number"),
        ({"a": ""}, "a=string"),
        ({"a": []}, "a=array"),
        ({"a": {}}, "a=object"),
    ],
)
def test_the_type_of_each_field_is_indexed(document: dict[str, Any], told: str):
    assert types(document, one("a", "keyword")) == [told]


@pytest.mark.parametrize(
    ("form", "kind"), [("text", "text"), ("keyword", "string"), ("number", "double"), ("boolean", "string")]
)
def test_nouveau_is_told_the_type_of_the_field(form: str, kind: str):
    value = {"number": 1.5, "boolean": True}.get(form, "a")

    assert calls(one("a", form, store=True, facet=True), engine="nouveau", a=value)[0][:2] == [kind, "a"]


def test_nouveau_is_not_told_of_facets_which_it_has_anyway():
    assert calls(one("a", "keyword", store=True, facet=True), engine="nouveau", a="b")[0][3] == {
        "store": True
    }


def test_a_guard_that_javascript_cannot_decide_is_refused():
    guard: Expression = Condition(("name",), "$gt", "Ann")

    with pytest.raises(DesignError, match="JavaScript orders text by code units"):
        index_function("clouseau", guard, [one("note", "text")])
