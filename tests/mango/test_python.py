"""Expressions decide about documents in Python."""

from typing import Any

import pytest

from couchmapper import Document
from couchmapper.exceptions import DocumentInvalid, ExpressionError
from couchmapper.mango.nodes import BACKENDS, Condition, Expression, text_search
from couchmapper.mango.python import as_json


class Tea(Document):
    name: str
    grams: int = 100


class Coffee(Document):
    name: str = "mocha"


PAID = Condition(("status",), "$eq", "paid")


def test_a_json_object_matches():
    assert PAID.matches({"_id": "1", "status": "paid"})
    assert not PAID.matches({"_id": "1"})
    assert not (~PAID).matches({"_id": "1"})


def test_a_document_is_looked_at_as_it_would_be_saved():
    tea = Tea(id="t", name="assam")

    assert (Tea.grams == 100).matches(tea)
    assert (Tea.id == "t").matches(tea)
    assert Condition(("type",), "$eq", "tea").matches(tea)

    tea.grams = 250

    assert not (Tea.grams == 100).matches(tea)


def test_a_document_of_another_class_does_not_match():
    assert not (Tea.grams == 100).matches(Coffee())


def test_a_document_that_could_not_be_saved_is_refused():
    tea = Tea(name="assam")
    tea.grams = "much"  # type: ignore[assignment]

    with pytest.raises(DocumentInvalid, match="grams"):
        (Tea.grams == 100).matches(tea)


@pytest.mark.parametrize("thing", [None, 5, "text", [], object], ids=repr)
def test_what_is_no_document_is_refused(thing: Any):
    with pytest.raises(ExpressionError, match="only a document, or a JSON object"):
        PAID.matches(thing)


def test_an_object_is_taken_as_it_is():
    document = {"_id": "1"}

    assert as_json(document) is document


@pytest.mark.parametrize(
    "expression",
    [
        text_search("tea"),
        PAID & text_search("tea"),
        Condition(("a",), "$regex", "(?R)"),
        Condition(("a",), "$size", -1),
        Expression(),
    ],
    ids=["search", "and search", "regex", "size", "no node"],
)
def test_what_is_not_supported_does_not_match_but_raises_with_the_reasons(expression: Expression):
    with pytest.raises(ExpressionError) as caught:
        expression.matches({"_id": "1"})

    assert str(caught.value) == "; ".join(expression.supports("python").reasons)


def test_equal_numbers_of_two_types_are_two_expressions():
    integers, floats = Condition(("a",), "$all", [1]), Condition(("a",), "$all", [1.0])

    assert integers.matches({"_id": "1", "a": [1]})
    assert not floats.matches({"_id": "1", "a": [1]})


def test_an_argument_that_is_changed_counts():
    states = ["paid"]
    expression = Condition(("status",), "$in", states)
    assert expression.matches({"_id": "1", "status": "paid"})

    states[0] = "new"

    assert not expression.matches({"_id": "1", "status": "paid"})


def test_only_python_decides_here():
    with pytest.raises(ExpressionError, match="decides where the documents are"):
        BACKENDS["mango"].match(PAID, {"_id": "1"})
