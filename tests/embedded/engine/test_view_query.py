"""The parameters of a view query, alone and together."""

from typing import Any

import pytest

from couchmapper.collation import sort_key
from couchmapper.embedded.engine.key_space import KeySpace
from couchmapper.embedded.engine.view_parameters import read_body, read_query_string
from couchmapper.embedded.engine.view_query import EXACT, ViewQuery, row_ranges, view_query
from couchmapper.embedded.storage.views_rows import RowEdge, RowRange
from couchmapper.exceptions import BadRequest


def query(*, has_reduce: bool = False, **parameters: str) -> ViewQuery:
    return view_query(read_query_string(parameters), has_reduce=has_reduce)


def ranges(**parameters: str) -> list[RowRange]:
    return row_ranges(query(**parameters), KeySpace(sort_key))


def edge(key: Any, id: str | None = None, *, included: bool = True) -> RowEdge:
    return RowEdge(key=sort_key(key), id=id, included=included)


def test_without_parameters_all_rows_are_asked_for():
    assert query() == ViewQuery()
    assert ranges() == [RowRange()]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"startkey": "1", "endkey": "2"}, RowRange(first=edge(1), last=edge(2))),
        ({"start_key": "1", "end_key": "2"}, RowRange(first=edge(1), last=edge(2))),
        ({"key": "1"}, RowRange(first=edge(1), last=edge(1))),
        ({"keys": "[1]"}, RowRange(first=edge(1), last=edge(1))),
        ({"startkey": "null"}, RowRange(first=edge(None))),
        ({"endkey": "2", "inclusive_end": "false"}, RowRange(last=edge(2, included=False))),
        ({"startkey": "1", "startkey_docid": "d"}, RowRange(first=edge(1, "d"))),
        ({"startkey_docid": "d"}, RowRange()),
        ({"startkey": "2", "endkey": "1", "descending": "true"}, RowRange(first=edge(1), last=edge(2))),
    ],
)
def test_bounds_make_a_range_in_ascending_order(parameters: dict[str, str], expected: RowRange):
    assert ranges(**parameters) == [expected]


def test_keys_make_a_range_each_in_their_order():
    assert ranges(keys='["b","a","b"]') == [
        RowRange(first=edge(key), last=edge(key)) for key in ("b", "a", "b")
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"startkey": "2", "endkey": "1"},
        {"startkey": "1", "endkey": "2", "descending": "true"},
        {"startkey": "1", "startkey_docid": "b", "endkey": "1.0", "endkey_docid": "a"},
    ],
)
def test_a_range_that_ends_before_it_starts_is_refused(parameters: dict[str, str]):
    with pytest.raises(BadRequest, match="No rows can match your key range"):
        ranges(**parameters)


def test_equal_bounds_are_fine_in_both_directions():
    assert ranges(startkey="1", endkey="1", descending="true") == [RowRange(first=edge(1), last=edge(1))]


@pytest.mark.parametrize(
    ("parameters", "level"),
    [
        ({}, 0),
        ({"group": "true"}, EXACT),
        ({"group_level": "2"}, 2),
        ({"group": "true", "group_level": "2"}, 2),
        ({"group": "false"}, 0),
    ],
)
def test_grouping(parameters: dict[str, str], level: int):
    assert query(has_reduce=True, **parameters).group_level == level


def test_reduce_can_be_switched_off():
    assert not query(has_reduce=True, reduce="false").reduce


def test_stale_is_an_older_word_for_update():
    assert (query(stale="ok").update, query(stale="update_after").update) == ("false", "lazy")


def test_unknown_parameters_are_ignored():
    assert query(callback="f", what="ever", sorted="false", stable="true") == ViewQuery()


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"limit": "-1"}, 'Invalid value for positive integer: "-1"'),
        ({"limit": "x"}, 'Invalid value for integer: "x"'),
        ({"skip": "1.0"}, 'Invalid value for integer: "1.0"'),
        ({"descending": "foo"}, 'Invalid boolean parameter: "foo"'),
        ({"stale": "x"}, "Invalid value for `stale`."),
        ({"update": "x"}, "Invalid value for `update`."),
        ({"stable": "x"}, "Invalid value for `stable`."),
        ({"key": "bare"}, "invalid UTF-8 JSON"),
        ({"keys": "5"}, "`keys` must be an array of strings."),
        ({"keys": "[1,2]", "key": "1"}, "`keys` is incompatible with `key`, `start_key` and `end_key`"),
        ({"reduce": "true"}, "Reduce is invalid for map-only views."),
        ({"group": "true"}, "Invalid use of grouping on a map view."),
        ({"partition": "p"}, "`partition` parameter is not supported in this design doc"),
    ],
)
def test_what_is_wrong_is_said_in_couchdbs_words(parameters: dict[str, str], reason: str):
    with pytest.raises(BadRequest) as caught:
        query(**parameters)

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"include_docs": "true"}, "`include_docs` is invalid for reduce"),
        ({"conflicts": "false"}, "`conflicts` is invalid for reduce views."),
        ({"keys": "[1,2]"}, "Multi-key fetches for reduce views must use `group=true`"),
        (
            {"group": "false", "group_level": "1"},
            "Can't specify group=false and group_level>0 at the same time",
        ),
    ],
)
def test_what_does_not_go_with_a_reduce(parameters: dict[str, str], reason: str):
    with pytest.raises(BadRequest) as caught:
        query(has_reduce=True, **parameters)

    assert caught.value.reason == reason


def test_the_query_string_wins_over_the_body():
    options = read_query_string({"key": "2"}, read_body({"key": 1, "limit": 5, "descending": True}))

    assert view_query(options, has_reduce=False) == ViewQuery(start=(2,), end=(2,), limit=5, descending=True)


@pytest.mark.parametrize("body", [{"limit": "x"}, {"limit": True}, {"limit": 1.5}, {"descending": 1}])
def test_members_of_a_body_have_types(body: dict[str, Any]):
    with pytest.raises(BadRequest):
        read_body(body)


PART = KeySpace(lambda value: b"p" + sort_key(value), lowest=b"p" + sort_key(None), highest=b"p\xff")


@pytest.mark.parametrize(
    ("parameters", "first", "last"),
    [
        ({}, RowEdge(key=PART.lowest), RowEdge(key=PART.highest)),
        ({"startkey": "1"}, RowEdge(key=PART.key(1)), RowEdge(key=PART.highest)),
        ({"endkey": "1", "descending": "true"}, RowEdge(key=PART.key(1)), RowEdge(key=PART.highest)),
        ({"startkey": "1", "descending": "true"}, RowEdge(key=PART.lowest), RowEdge(key=PART.key(1))),
        ({"startkey_docid": "p:1"}, RowEdge(key=PART.lowest, id="p:1"), RowEdge(key=PART.highest)),
    ],
    ids=["all", "from", "down-to", "down-from", "id"],
)
def test_a_range_without_bounds_ends_with_the_partition(
    parameters: dict[str, str], first: RowEdge, last: RowEdge
):
    assert row_ranges(query(**parameters), PART) == [RowRange(first=first, last=last)]


def test_several_keys_have_no_groups_in_a_partition():
    asked = query(has_reduce=True, keys="[1,2]", group="true")

    assert row_ranges(asked, PART) == []
    assert len(row_ranges(asked, KeySpace(sort_key))) == 2


@pytest.mark.parametrize(
    ("partitioned", "parameters", "reason"),
    [
        (True, {}, "`partition` parameter is mandatory for queries to this view."),
        (True, {"partition": "_a"}, "Partition must not start with an underscore"),
        (False, {"partition": "a"}, "`partition` parameter is not supported in this design doc"),
        (False, {"partition": ""}, "Partition must not be empty"),
    ],
    ids=["none", "illegal", "of-all", "empty"],
)
def test_a_view_is_asked_as_it_is_partitioned(*, partitioned: bool, parameters: dict[str, str], reason: str):
    with pytest.raises(BadRequest) as caught:
        view_query(read_query_string(parameters), has_reduce=False, partitioned=partitioned)

    assert caught.value.reason == reason
