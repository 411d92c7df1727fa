"""Ranges of ids, one within another."""

import pytest

from couchmapper.embedded.storage.ranges import EVERYTHING, IdRange

OUTER = IdRange(first="b", last="d", last_included=False)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (EVERYTHING, OUTER),
        (IdRange(first="a", last="z"), OUTER),
        (IdRange(first="c", last="c"), IdRange(first="c", last="c")),
        (
            IdRange(first="b", first_included=False),
            IdRange(first="b", first_included=False, last="d", last_included=False),
        ),
        (IdRange(last="d"), OUTER),
        (IdRange(first="x"), IdRange(first="x", last="d", last_included=False)),
    ],
    ids=["everything", "wider", "narrower", "open-start", "closed-end", "beside"],
)
def test_a_range_within_another_has_the_narrower_bounds(inner: IdRange, expected: IdRange):
    assert inner.within(OUTER) == expected
    assert OUTER.within(inner) == expected
