"""What needs no codec is read and written as a codec would."""

from enum import Enum, StrEnum
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.mapping.codec import Misfit
from couchmapper.mapping.containers import dict_codec, sequence_codec
from couchmapper.mapping.converter import codec


class Colour(StrEnum):
    RED = "red"


class Level(Enum):
    LOW = 1


class Name(str):
    __slots__ = ()


class Names(list[Any]):
    pass


PLAIN = (
    bool,
    int,
    float,
    str,
    type(None),
    int | None,
    str | None,
    int | str,
    float | int,
    bool | float | str,
)

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),
    st.sampled_from([Colour.RED, Level.LOW, Name("a"), "\ud800", "é", b"a", -0.0, 2**70, 10**400]),
)


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Misfit as fault:
        return str(fault)


@pytest.mark.parametrize("annotation", PLAIN, ids=str)
@given(values)
def test_a_value_that_passes_the_test_stands_for_itself(annotation: Any, value: Any):
    known = codec(annotation)
    assert known.plain is not None

    if eval(known.plain.load.format("value")):  # noqa: S307 - the text is our own
        assert known.load(value, None) is value
    if eval(known.plain.dump.format("value")):  # noqa: S307 - the text is our own
        assert known.dump(value) is value
        assert jsonio.same(jsonio.loads(jsonio.dumps(value)), value)


@pytest.mark.parametrize("annotation", PLAIN, ids=str)
@given(st.one_of(values, st.lists(values, max_size=3), st.tuples(values), st.lists(values).map(Names)))
def test_a_list_is_copied_as_its_elements_are_read_and_written(annotation: Any, value: Any):
    slow = sequence_codec(list, attrs.evolve(codec(annotation), plain=None))
    quick = codec(list[annotation])
    assert slow.members is None
    assert quick.members is not None

    for one, other in (
        (slow.dump, quick.dump),
        (lambda v: slow.load(v, None), lambda v: quick.load(v, None)),
    ):
        expected, found = outcome(one, value), outcome(other, value)
        assert jsonio.same(found, expected) or repr(found) == repr(expected)
        assert found is not value or not isinstance(value, list)


@pytest.mark.parametrize("annotation", PLAIN, ids=str)
@given(st.one_of(values, st.dictionaries(values, values, max_size=3)))
def test_a_dict_is_copied_as_its_members_are_read_and_written(annotation: Any, value: Any):
    slow = dict_codec(codec(str), attrs.evolve(codec(annotation), plain=None))
    quick = codec(dict[str, annotation])
    assert slow.members is None
    assert quick.members is not None

    for one, other in (
        (slow.dump, quick.dump),
        (lambda v: slow.load(v, None), lambda v: quick.load(v, None)),
    ):
        expected, found = outcome(one, value), outcome(other, value)
        assert jsonio.same(found, expected) or repr(found) == repr(expected)
        assert found is not value or not isinstance(value, dict)


def test_what_holds_collections_is_not_plain():
    assert codec(list[list[int]]).members is None
    assert codec(dict[str, Any]).members is None
    assert codec(set[int]).members is None
