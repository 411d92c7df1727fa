"""Sort specifications, and the order of documents that they mean."""

import pytest

from couchmapper.exceptions import BadRequest
from couchmapper.mango.sort import SortTerm, parse_sort, sort_key


def ids(documents, sort):
    return [document["_id"] for document in sorted(documents, key=sort_key(parse_sort(sort)))]


def test_a_specification_is_names_and_directions():
    assert parse_sort(["a.b", {"c": "asc"}, {"d": "desc"}]) == (
        SortTerm(("a", "b")),
        SortTerm(("c",)),
        SortTerm(("d",), descending=True),
    )


@pytest.mark.parametrize(
    ("sort", "error"),
    [
        ("a", "invalid_sort_json"),
        ({"a": "asc"}, "invalid_sort_json"),
        (None, "invalid_sort_json"),
        ([""], "invalid_sort_field"),
        ([1], "invalid_sort_field"),
        ([{}], "invalid_sort_field"),
        ([{"a": "up"}], "invalid_sort_field"),
        ([{"a": "asc", "b": "asc"}], "invalid_sort_field"),
    ],
)
def test_another_specification_is_refused_with_couchdbs_code(sort, error):
    with pytest.raises(BadRequest) as caught:
        parse_sort(sort)

    assert caught.value.error == error


def test_documents_are_in_collation_order_of_the_field():
    documents = [{"_id": str(n), "a": value} for n, value in enumerate(["b", "A", "a", 10, 9, None, []])]

    assert ids(documents, ["a"]) == ["5", "4", "3", "2", "1", "0", "6"]


def test_equal_documents_are_in_the_order_of_their_ids():
    documents = [{"_id": "b", "a": 1}, {"_id": "a", "a": 1.0}]

    assert ids(documents, ["a"]) == ["a", "b"]


def test_descending_is_ascending_read_backwards():
    documents = [
        {"_id": name, "a": value} for name, value in [("x", 1), ("y", 1), ("z", [1]), ("zz", [1, 2])]
    ]

    assert ids(documents, [{"a": "desc"}]) == list(reversed(ids(documents, ["a"])))


def test_directions_may_be_mixed():
    documents = [{"_id": f"{a}{b}", "a": a, "b": b} for a in (1, 2) for b in (1, 2)]

    assert ids(documents, ["a", {"b": "desc"}]) == ["12", "11", "22", "21"]


def test_a_missing_field_sorts_before_null():
    assert ids([{"_id": "null", "a": None}, {"_id": "missing"}], ["a"]) == ["missing", "null"]


@pytest.mark.parametrize("descending", [False, True])
def test_ids_are_ordered_by_bytes_also_with_nul_in_them(descending):
    ids = ["a", "a\0", "a\0\0", "a\0b", "aa", "b", "B", "é"]
    documents = [{"_id": one} for one in ids]
    order = sort_key([SortTerm(("_id",), descending=descending)])

    found = [one["_id"] for one in sorted(documents, key=order)]

    assert found == sorted(ids, key=str.encode, reverse=descending)
