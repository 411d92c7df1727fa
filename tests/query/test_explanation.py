"""What an explanation says, of our plan and of what the server answered."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.query.explanation import Explanation, words_of_server
from couchmapper.typing import JSON, JSONObject

BY_CUSTOMER: JSONObject = {
    "ddoc": "_design/orders",
    "name": "by_customer",
    "type": "json",
    "partitioned": False,
    "def": {"fields": [{"type": "asc"}, {"customer": "asc"}]},
}
ALL_DOCS: JSONObject = {
    "ddoc": None,
    "name": "_all_docs",
    "type": "special",
    "def": {"fields": [{"_id": "asc"}]},
}


def candidate(name: str, reason: str, **definition) -> JSONObject:
    index = {"ddoc": f"_design/{name}", "name": name, "type": "json", "def": {"fields": [{"a": "asc"}]}}
    index["def"] |= definition
    return {"index": index, "analysis": {"usable": False, "reasons": [{"name": reason}], "ranking": 1}}


def answer(**members) -> JSONObject:
    return {
        "dbname": "shop",
        "index": BY_CUSTOMER,
        "index_candidates": [],
        "selector_hints": [],
        "mrargs": {"start_key": ["order", "Ann"], "end_key": ["order", "Ann", "<MAX>"], "direction": "fwd"},
        "covering": False,
        **members,
    }


def explanation(**members) -> Explanation:
    plan: dict[str, Any] = {
        "model": "Order",
        "selector": {"type": "order", "customer": "Ann"},
        "sort": [],
        "route": "_find",
        "index": "orders/by_customer",
        "key_range": (["order", "Ann"], ["order", "Ann", {}]),
        "is_scan": False,
        "reasons": (),
        "advice": None,
        "server": None,
    }
    return Explanation(**{**plan, **members})


def test_an_explanation_reads_as_a_list():
    told = explanation(
        sort=[{"customer": "asc"}],
        reasons=("orders/by_day: the query does not ask for day", "orders/open: it is partial"),
        server=answer(),
    )

    assert str(told).splitlines() == [
        "query     for Order",
        'selector  {"type":"order","customer":"Ann"}',
        'sort      [{"customer":"asc"}]',
        "route     _find",
        "index     orders/by_customer",
        'keys      ["order","Ann"] to ["order","Ann",{}]',
        "why       orders/by_day: the query does not ask for day",
        "          orders/open: it is partial",
        "server    takes orders/by_customer (type, customer)",
        '          reads ["order","Ann"] to ["order","Ann","<MAX>"]',
    ]


def test_a_scan_is_told_with_the_advice():
    told = str(explanation(index=None, key_range=None, is_scan=True, advice="declare Index(Order.note)"))

    assert "index     none" in told
    assert "scan      every document is read" in told
    assert "advice    declare Index(Order.note)" in told


def test_a_query_that_nothing_matches_says_so():
    told = str(explanation(selector=None, route="nothing is asked", index=None, key_range=None))

    assert told.splitlines() == [
        "query  for Order, which no document can match",
        "route  nothing is asked",
        "index  none",
    ]


def test_a_notebook_shows_a_table_in_which_nothing_is_markup():
    told = explanation(selector={"note": "<script>"}, advice="a < b")._repr_html_()

    assert told.startswith("<table><tr><th")
    assert "&lt;script&gt;" in told
    assert "a &lt; b" in told
    assert "<script>" not in told


def test_long_selectors_are_shown_by_their_beginning():
    told = explanation(selector={"customer": {"$in": ["Ann"] * 10_000}})

    assert max(map(len, str(told).splitlines())) < 400


def test_the_servers_own_answer_is_kept():
    assert explanation(server=answer()).json == answer()
    assert explanation().json is None


def test_documents_that_are_read_by_their_ids_are_told():
    told = words_of_server(answer(index=ALL_DOCS, mrargs={"start_key": None, "end_key": "<MAX>"}))

    assert told == ["takes _all_docs: reads the documents themselves, by their ids", 'reads null to "<MAX>"']


def test_no_index_at_all_is_told():
    assert words_of_server({"index": None}) == ["has no index for it"]


def test_a_covering_index_is_told():
    assert "answers from the index alone, without reading documents" in words_of_server(answer(covering=True))


def test_an_order_backwards_is_told():
    assert words_of_server(answer(mrargs={"start_key": [2], "end_key": [1], "direction": "rev"}))[-1] == (
        "reads [2] to [1], backwards"
    )


def test_indexes_that_were_not_chosen_are_told_with_the_reason():
    told = words_of_server(
        answer(
            index_candidates=[
                candidate("totals", "field_mismatch"),
                candidate("open", "is_partial", partial_filter_selector={"open": {"$eq": True}}),
                candidate("new", "some_new_reason"),
            ]
        )
    )

    assert told[-3:] == [
        "not totals (a): the selector does not ask for all of its fields",
        "not open (a, partial): it is partial, and is used only when it is named",
        "not new (a): some_new_reason",
    ]


def test_of_many_indexes_the_first_are_told():
    told = words_of_server(answer(index_candidates=[candidate(f"by_{n}", "less_overlap") for n in range(30)]))

    assert told[-1] == "and 25 more indexes were not chosen"
    assert len(told) < 10


def test_conditions_that_an_index_can_use_are_told():
    hints = [{"type": "json", "indexable_fields": ["type", "total"], "unindexable_fields": ["note"]}]

    assert words_of_server(answer(selector_hints=hints))[-2:] == [
        "a json index can use the conditions on type, total",
        "a json index cannot use the conditions on note",
    ]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("index", "name", "ddoc", "def", "fields", "analysis", "reasons", "type", "mrargs", "x"),
                    *("start_key", "end_key", "direction", "index_candidates", "selector_hints", "covering"),
                    *("indexable_fields", "unindexable_fields", "partial_filter_selector"),
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(anything)
def test_an_answer_that_is_not_known_is_never_an_error(unknown: JSON):
    assert all(isinstance(line, str) for line in words_of_server(unknown))


@given(st.dictionaries(st.text(max_size=3), anything), anything)
def test_an_explanation_can_always_be_shown(server: JSONObject, key: JSON):
    told = explanation(server=server, key_range=(key, key), selector=server, sort=[key])

    assert str(told)
    assert told._repr_html_()


@pytest.mark.parametrize(
    "unknown", [None, 5, "text", [], {}, {"index": 5, "mrargs": [], "selector_hints": {}}]
)
def test_what_is_no_explanation_at_all_says_little(unknown: JSON):
    assert words_of_server(unknown) == ["has no index for it"]
