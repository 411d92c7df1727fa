"""The arguments that each operator takes, and CouchDB's codes for the others."""

import pytest

from couchmapper.exceptions import InvalidSelector
from couchmapper.mango.operators import OPERATORS, check_argument, compile_test


@pytest.mark.parametrize(
    ("name", "argument", "error"),
    [
        ("$in", 1, "bad_arg"),
        ("$nin", {}, "bad_arg"),
        ("$all", "a", "bad_arg"),
        ("$exists", 1, "bad_arg"),
        ("$type", 1, "bad_arg"),
        ("$size", -1, "bad_arg"),
        ("$size", 1.0, "bad_arg"),
        ("$size", True, "bad_arg"),
        ("$mod", [1], "bad_arg"),
        ("$mod", [1.0, 1], "bad_arg"),
        ("$mod", [True, 1], "bad_arg"),
        ("$mod", [0, 1], "bad_arg"),
        ("$regex", "(", "bad_arg"),
        ("$regex", 1, "invalid_operator"),
        ("$regex", "\\p{L}", "not_supported"),
        ("$beginsWith", 1, "invalid_operator"),
        ("$text", ["tea"], "bad_arg"),
        ("$where", "1", "not_supported"),
        ("$near", {}, "not_supported"),
        ("$foo", 1, "invalid_operator"),
    ],
)
def test_an_argument_is_refused_with_couchdbs_code(name, argument, error):
    with pytest.raises(InvalidSelector) as caught:
        check_argument(name, argument)

    assert (caught.value.status, caught.value.error) == (400, error)


@pytest.mark.parametrize("name", ["$lt", "$lte", "$eq", "$ne", "$gte", "$gt"])
@pytest.mark.parametrize("argument", [None, True, 1, "a", [1], {"a": 1}])
def test_a_comparison_takes_any_argument(name, argument):
    check_argument(name, argument)


@pytest.mark.parametrize(
    "name", [name for name, operator in OPERATORS.items() if operator.negation is not None]
)
@pytest.mark.parametrize("value", [None, 0, 5, 5.0, "a", [], [5], {}])
def test_a_negation_is_the_contrary_for_every_value(name, value):
    argument = [5, "a"] if name in {"$in", "$nin"} else 5
    negation = OPERATORS[name].negation
    assert negation is not None

    assert compile_test(name, argument)(value) is not compile_test(negation, argument)(value)


def test_the_negation_of_a_negation_is_the_operator():
    for name, operator in OPERATORS.items():
        if operator.negation is not None:
            assert OPERATORS[operator.negation].negation == name


def test_values_of_other_types_do_not_match_operators_of_one_type():
    assert not compile_test("$regex", "a")(["a"])
    assert not compile_test("$size", 1)("a")
    assert not compile_test("$mod", [2, 1])(1.0)
    assert not compile_test("$beginsWith", "a")(["a"])


def test_only_a_search_index_knows_what_a_search_finds():
    with pytest.raises(InvalidSelector) as caught:
        compile_test("$text", "tea")

    assert caught.value.error == "not_supported"


def test_a_beginning_ends_where_a_character_ends():
    assert compile_test("$beginsWith", "e")("ea")
    assert compile_test("$beginsWith", "e")("e")
    assert compile_test("$beginsWith", "")("\u0301")
    assert not compile_test("$beginsWith", "e")("e\u0301")
    assert compile_test("$beginsWith", "e\u0301")("e\u0301a")
