"""Reduce functions in JavaScript, as CouchDB calls them."""

import json

import pytest

from couchmapper.embedded.queryserver.reduces import JavaScriptReduce
from couchmapper.exceptions import BadRequest


def test_a_result_has_always_passed_a_second_call():
    reduce = JavaScriptReduce("function (keys, values, rereduce) { return [rereduce, keys, values]; }")

    (result,) = reduce.reduce([['[["k","id"],5]']])

    assert json.loads(result) == [True, None, [[False, [["k", "id"]], [5]]]]


def test_many_rows_come_in_portions_and_give_one_result():
    reduce = JavaScriptReduce("function (keys, values, rereduce) { return sum(values); }")
    groups = [[f'[["k","id"],{number}]' for number in range(10_001)], ['[["k","id"],7]'], []]

    assert list(reduce.reduce(groups[:2])) == [str(sum(range(10_001))), "7"]


def test_a_function_that_throws_gives_null():
    assert list(JavaScriptReduce("function () { throw 'no' }").reduce([['[["k","id"],5]']])) == ["null"]


def test_a_result_that_hardly_shrinks_is_refused():
    reduce = JavaScriptReduce("function (keys, values) { return values; }")
    group = [f'[["k","id"],"{"x" * 100}"]'] * 60

    (result,) = reduce.reduce([group])

    assert set(json.loads(result)) == {"reduce_overflow_error"}


def test_what_does_not_compile_is_refused():
    with pytest.raises(BadRequest):
        JavaScriptReduce("function (keys {")
