"""What can decide an expression, and why not."""

import pytest

from couchmapper.exceptions import ExpressionError
from couchmapper.mango.nodes import Condition, Elements, Expression, Nor, Not, Or, text_search
from couchmapper.mango.support import Support

PAID = Condition(("status",), "$eq", "paid")
SEARCH = text_search("tea")


def reasons(expression: Expression, backend: str) -> tuple[str, ...]:
    return expression.supports(backend).reasons  # type: ignore[arg-type]


@pytest.mark.parametrize("backend", ["mango", "python", "javascript"])
def test_a_plain_condition_is_exact_everywhere(backend):
    support = PAID.supports(backend)

    assert support
    assert str(support) == f"exact in {backend}"


def test_a_backend_that_is_not_known_is_told_with_those_that_are():
    with pytest.raises(ExpressionError, match=r"'sql' is no backend; they are .*javascript.*mango, python"):
        PAID.supports("sql")  # type: ignore[arg-type]


def test_all_reasons_are_told_and_each_once():
    expression = Or(
        (
            Condition(("a",), "$regex", "(?R)"),
            Condition(("b",), "$regex", "(?R)"),
            Condition(("b",), "$regex", "(?R)"),
        )
    )

    support = expression.supports("python")

    assert not support
    assert [reason.split(":")[0] for reason in support.reasons] == ["a $regex", "b $regex"]
    assert str(support) == f"not exact in python: {support.reasons[0]}; {support.reasons[1]}"


def test_a_condition_is_told_where_it_is_supported():
    support = Support(backend="mango", conditions=("needs an index",))

    assert support
    assert str(support) == "exact in mango: needs an index"


@pytest.mark.parametrize("backend", ["mango", "python", "javascript"])
@pytest.mark.parametrize(
    "expression",
    [Condition(("a",), "$size", -1), Condition(("a",), "$foo", 1), Not(Condition(("a",), "$foo", 1))],
    ids=["size", "unknown", "not unknown"],
)
def test_what_has_no_meaning_is_supported_nowhere(backend, expression):
    assert reasons(expression, backend)


@pytest.mark.parametrize("backend", ["mango", "python", "javascript"])
def test_a_node_of_another_kind_is_supported_nowhere(backend):
    assert "Expression object" in reasons(Expression(), backend)[0]


# --- selectors


@pytest.mark.parametrize(
    "expression",
    [
        Condition(("a\\b",), "$eq", 1),
        Nor((Condition(("a", ""), "$eq", 1),)),
        Elements(("a\\b",), "$elemMatch", PAID),
        Elements(("a",), "$elemMatch", Not(Condition(("",), "$eq", 1))),
    ],
    ids=["backslash", "empty", "elements", "within elements"],
)
def test_selectors_refuse_a_name_that_they_cannot_address(expression):
    assert "no selector can address" in reasons(expression, "mango")[0]


def test_selectors_take_a_regex_that_only_the_server_knows():
    assert Condition(("a",), "$regex", "(?R)").supports("mango")
    assert not Condition(("a",), "$regex", 1).supports("mango")


def test_a_server_must_have_what_a_selector_needs():
    expression = SEARCH & Condition(("a",), "$beginsWith", "x") & Not(Elements(("b",), "$elemMatch", PAID))

    assert expression.supports("mango").conditions == (
        "$text needs a search index on the server",
        "$beginsWith needs CouchDB 3.4 or later",
    )


# --- search


@pytest.mark.parametrize("backend", ["python", "javascript"])
def test_only_a_server_can_search(backend):
    assert reasons(PAID & SEARCH, backend) == (
        "$text: only a search index on the server knows what a search finds",
    )


@pytest.mark.parametrize(
    "expression",
    [
        ~SEARCH,
        Nor((SEARCH,)),
        Condition(("a",), "$text", "tea"),
        Elements(("a",), "$elemMatch", SEARCH),
    ],
    ids=["not", "nor", "field", "elements"],
)
def test_a_search_stands_for_itself(expression):
    assert reasons(expression, "mango") == (
        "$text: CouchDB searches whole documents; it stands below no field and no negation",
    )


def test_a_search_that_is_negated_twice_is_one():
    assert Not(Nor((SEARCH, PAID))).supports("mango")


@pytest.mark.parametrize("query", ["", "  ", None, 5], ids=repr)
def test_a_search_needs_text(query):
    with pytest.raises(ExpressionError, match="expected the text of a search"):
        text_search(query)
