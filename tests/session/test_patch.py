"""A patch makes of one object the other, and says no more than it must."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.jsonio import same
from couchmapper.session.patch import patch


def apply(document: Any, operations: list[dict[str, Any]]) -> Any:
    """Apply a patch as RFC 6902 says: one operation after the other, each at its pointer."""
    document = copy.deepcopy(document)
    for operation in operations:
        *above, last = (
            part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]
        )
        place = document
        for part in above:
            place = place[int(part)] if isinstance(place, list) else place[part]
        key: Any = int(last) if isinstance(place, list) else last
        match operation["op"], place:
            case "remove", _:
                del place[key]
            case "add", list():
                assert 0 <= key <= len(place)
                place.insert(key, copy.deepcopy(operation["value"]))
            case "add", dict():
                place[key] = copy.deepcopy(operation["value"])
            case "replace", _:
                assert place[key] is not ...
                place[key] = copy.deepcopy(operation["value"])
    return document


@pytest.mark.parametrize(
    ("before", "after", "operations"),
    [
        ({}, {"a": 1}, [{"op": "add", "path": "/a", "value": 1}]),
        ({"a": 1}, {}, [{"op": "remove", "path": "/a"}]),
        ({"a": 1}, {"a": 2}, [{"op": "replace", "path": "/a", "value": 2}]),
        ({"a": 1}, {"a": None}, [{"op": "replace", "path": "/a", "value": None}]),
        ({"a": 1}, {"a": 1.0}, [{"op": "replace", "path": "/a", "value": 1.0}]),
        ({"a": 1}, {"a": True}, [{"op": "replace", "path": "/a", "value": True}]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, [{"op": "replace", "path": "/a/b/c", "value": 2}]),
        ({"a": {}}, {"a": []}, [{"op": "replace", "path": "/a", "value": []}]),
        ({"": {"a/b~c": 1}}, {"": {}}, [{"op": "remove", "path": "//a~1b~0c"}]),
        ({"~1": 1}, {"~1": 2}, [{"op": "replace", "path": "/~01", "value": 2}]),
    ],
)
def test_objects_are_compared_by_member(before: Any, after: Any, operations: list[Any]):
    assert patch(before, after) == operations
    assert all(
        type(one.get("value")) is type(other.get("value"))
        for one, other in zip(patch(before, after), operations, strict=True)
    )


@pytest.mark.parametrize(
    ("before", "after", "operations"),
    [
        ([1, 2, 3], [1, 3], [("remove", "/a/1")]),
        ([1, 3], [1, 2, 3], [("add", "/a/1", 2)]),
        ([1], [1, 2, 3], [("add", "/a/1", 2), ("add", "/a/2", 3)]),
        ([1, 2, 3, 4], [1], [("remove", "/a/3"), ("remove", "/a/2"), ("remove", "/a/1")]),
        ([1, 2, 3], [1, 9, 3], [("replace", "/a/1", 9)]),
        ([1, 2, 3, 4], [1, 9, 4], [("replace", "/a/1", 9), ("remove", "/a/2")]),
        ([1, 1], [1, 1, 1], [("add", "/a/2", 1)]),
        ([1, 1, 1], [1, 1], [("remove", "/a/2")]),
        ([], [1], [("add", "/a/0", 1)]),
        ([{"b": 1, "c": 1}], [{"b": 1, "c": 2}], [("replace", "/a/0/c", 2)]),
        ([[1, 2]], [[1]], [("remove", "/a/0/1")]),
    ],
)
def test_only_the_middle_of_a_list_is_touched(before: Any, after: Any, operations: list[tuple[Any, ...]]):
    found = [tuple(operation.values()) for operation in patch({"a": before}, {"a": after})]

    assert found == operations


def test_the_inputs_stay_as_they_are():
    before, after = {"a": [1, {"b": 1}]}, {"a": [{"b": 2}, 1], "c": {}}

    patch(before, after)

    assert (before, after) == ({"a": [1, {"b": 1}]}, {"a": [{"b": 2}, 1], "c": {}})


names = st.one_of(st.sampled_from(["a", "b", "~", "/", "~1", "", "0", "-"]), st.text(max_size=2))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.floats(0, 2), st.sampled_from(["", "a"])),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)
objects = st.dictionaries(names, values, max_size=4)


@given(objects, objects)
def test_a_patch_that_is_applied_gives_the_later_object(before: dict[str, Any], after: dict[str, Any]):
    assert same(apply(before, patch(before, after)), after)


@given(objects)
def test_equal_objects_need_no_patch(document: dict[str, Any]):
    assert patch(document, jsonio.loads(jsonio.dumps(document))) == []


@given(objects, objects)
def test_no_operation_writes_what_is_there_already(before: dict[str, Any], after: dict[str, Any]):
    document = before
    for operation in patch(before, after):
        changed = apply(document, [operation])
        assert not same(changed, document)
        document = changed
