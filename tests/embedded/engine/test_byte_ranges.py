"""Ranges as a CouchDB 3.5.0 reads them; each has been asked of one."""

import pytest

from couchmapper.embedded.engine.byte_ranges import read_ranges
from couchmapper.exceptions import RangeNotSatisfiable


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-0", [(0, 0)]),
        ("bytes=2-4", [(2, 4)]),
        ("bytes=8-", [(8, 9)]),
        ("bytes=5-99", [(5, 9)]),
        ("bytes=-3", [(7, 9)]),
        ("bytes=0-1,3-4", [(0, 1), (3, 4)]),
        ("bytes=0-1,", [(0, 1)]),
    ],
)
def test_ranges_are_read(header, found):
    assert read_ranges(header, 10) == found


@pytest.mark.parametrize("header", ["bytes=-10", "bytes=-99"])
def test_the_last_bytes_never_begin_with_the_first(header):
    assert read_ranges(header, 10) == [(1, 9)]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "items=0-1",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=-1-2",
        "bytes=1 - 2",
        "bytes=0-",
        "bytes=1-2,x",
    ],
)
def test_for_anything_else_the_whole_is_sent(header):
    assert read_ranges(header, 10) == []


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=4-2", "bytes=-0", "bytes=0-1,20-"])
def test_a_range_of_no_bytes_is_refused(header):
    with pytest.raises(RangeNotSatisfiable):
        read_ranges(header, 10)
