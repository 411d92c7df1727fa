import pytest

from couchmapper.exceptions import BadRequest, NotFound

SALES = [
    {"_id": "1", "city": "Rome", "year": 2024, "sum": 10},
    {"_id": "2", "city": "Oslo", "year": 2024, "sum": 5},
    {"_id": "3", "city": "Rome", "year": 2025, "sum": 7},
    {"_id": "4", "city": None, "year": 2025, "sum": 1},
    {"_id": "5"},
]
VIEWS = {
    "by_city": {"map": "function (doc) { if ('city' in doc) emit(doc.city, doc.sum); }"},
    "sums": {
        "map": "function (doc) { if (doc.sum) emit([doc.city, doc.year], doc.sum); }",
        "reduce": "_sum",
    },
    "longest": {
        "map": "function (doc) { if (doc.city) emit(null, doc.city.length); }",
        "reduce": "function (keys, values, rereduce) { return Math.max.apply(null, values); }",
    },
    "tokens": {"map": "function (doc) { (doc.tokens || []).forEach(function (key) { emit(key, null); }); }"},
}


@pytest.fixture
def sales(database):
    """Give a database with five documents and some views of them."""
    database.bulk.docs(SALES)
    database.design.put({"_id": "_design/sales", "views": VIEWS})
    return database


def keys(database, **options) -> list:
    return [row["key"] for row in database.views.query("sales", "by_city", **options)["rows"]]


def test_rows_come_in_the_order_of_their_keys(sales):
    answer = sales.views.query("sales", "by_city")

    assert answer["rows"] == [
        {"id": "4", "key": None, "value": 1},
        {"id": "2", "key": "Oslo", "value": 5},
        {"id": "1", "key": "Rome", "value": 10},
        {"id": "3", "key": "Rome", "value": 7},
    ]
    assert (answer["total_rows"], answer["offset"]) == (4, 0)


def test_the_design_document_may_have_its_prefix(sales):
    assert sales.views.query("_design/sales", "by_city") == sales.views.query("sales", "by_city")


def test_keys_of_all_types_have_one_order(sales):
    tokens = [{}, {"a": 1}, [], ["a"], ["b", 1], "a", "A", "aa", "B", "b", 10, 9.5, -1, True, False, None]
    sales.documents.put({"_id": "x", "tokens": tokens})

    rows = sales.views.query("sales", "tokens")["rows"]

    ordered = [None, False, True, -1, 9.5, 10, "a", "A", "aa", "b", "B", [], ["a"], ["b", 1], {}, {"a": 1}]
    assert [row["key"] for row in rows] == ordered


def test_one_key_has_its_rows(sales):
    assert keys(sales, key="Rome") == ["Rome", "Rome"]
    assert keys(sales, key="Lima") == []


def test_null_is_a_key(sales):
    assert keys(sales, key=None) == [None]
    assert keys(sales, start_key=None, end_key="Oslo") == [None, "Oslo"]


def test_keys_come_in_the_order_in_which_they_are_asked_for(sales):
    assert keys(sales, keys=["Rome", "Oslo", "Lima", "Oslo"]) == ["Rome", "Rome", "Oslo", "Oslo"]


def test_rows_have_bounds(sales):
    assert keys(sales, start_key="Oslo") == ["Oslo", "Rome", "Rome"]
    assert keys(sales, end_key="Oslo") == [None, "Oslo"]
    assert keys(sales, start_key="Oslo", end_key="Rome", inclusive_end=False) == ["Oslo"]


def test_rows_of_one_key_have_bounds_by_id(sales):
    assert len(keys(sales, start_key="Rome", start_key_doc_id="2")) == 1
    assert len(keys(sales, start_key="Rome", end_key="Rome", end_key_doc_id="2")) == 1


def test_rows_can_be_turned_round(sales):
    assert keys(sales, descending=True) == ["Rome", "Rome", "Oslo", None]
    assert keys(sales, descending=True, start_key="Oslo") == ["Oslo", None]


def test_bounds_in_the_wrong_direction_are_refused(sales):
    with pytest.raises(BadRequest) as caught:
        keys(sales, start_key="b", end_key="a")

    assert caught.value.error == "query_parse_error"


def test_rows_can_be_cut(sales):
    page = sales.views.query("sales", "by_city", skip=1, limit=2)

    assert [row["id"] for row in page["rows"]] == ["2", "1"]
    assert page["offset"] == 1


def test_rows_can_hold_the_documents(sales):
    row = sales.views.query("sales", "by_city", key="Oslo", include_docs=True)["rows"][0]

    assert (row["doc"]["_id"], row["doc"]["sum"]) == ("2", 5)


def test_a_view_with_a_reduce_function_is_reduced(sales):
    assert sales.views.query("sales", "sums")["rows"] == [{"key": None, "value": 23}]


def test_a_reduced_view_can_show_its_rows(sales):
    rows = sales.views.query("sales", "sums", reduce=False)["rows"]

    assert [row["id"] for row in rows] == ["4", "2", "1", "3"]


def test_values_are_grouped_by_key(sales):
    rows = sales.views.query("sales", "sums", group=True)["rows"]

    assert rows == [
        {"key": [None, 2025], "value": 1},
        {"key": ["Oslo", 2024], "value": 5},
        {"key": ["Rome", 2024], "value": 10},
        {"key": ["Rome", 2025], "value": 7},
    ]


def test_values_are_grouped_by_the_beginning_of_the_key(sales):
    rows = sales.views.query("sales", "sums", group_level=1)["rows"]

    assert [(row["key"], row["value"]) for row in rows] == [([None], 1), (["Oslo"], 5), (["Rome"], 17)]


def test_a_range_is_reduced(sales):
    rows = sales.views.query("sales", "sums", start_key=["Rome"], end_key=["Rome", {}])["rows"]

    assert rows == [{"key": None, "value": 17}]


def test_nothing_reduces_to_no_row(sales):
    assert sales.views.query("sales", "sums", start_key=["Z"])["rows"] == []


def test_a_reduce_function_in_javascript_is_run(sales):
    assert sales.views.query("sales", "longest")["rows"] == [{"key": None, "value": 4}]


def test_a_view_follows_the_documents(sales):
    assert len(keys(sales)) == 4

    document = sales.documents.get("1")
    sales.documents.put({**document, "city": "Lima"})
    sales.documents.delete("2", rev=sales.documents.head("2"))

    assert keys(sales) == [None, "Lima", "Rome"]


def test_a_changed_map_function_is_used(sales):
    design = sales.design.get("sales")
    design["views"]["by_city"]["map"] = "function (doc) { if (doc.year) emit(doc.year, null); }"
    sales.design.put(design)

    assert keys(sales) == [2024, 2024, 2025, 2025]


def test_an_exception_in_a_map_function_leaves_out_the_document(database):
    text = "function (doc) { emit(doc.a.b, null); }"
    database.design.put({"_id": "_design/sales", "views": {"by_city": {"map": text}}})
    database.bulk.docs([{"_id": "1"}, {"_id": "2", "a": {"b": 1}}])

    assert keys(database) == [1]


def test_a_view_that_is_not_there_is_refused(sales):
    with pytest.raises(NotFound) as caught:
        sales.views.query("sales", "nothing")

    assert caught.value.reason == "missing_named_view"


def test_a_view_of_no_design_document_is_refused(sales):
    with pytest.raises(NotFound) as caught:
        sales.views.query("nothing", "by_city")

    assert caught.value.reason == "missing"


@pytest.mark.parametrize(
    ("view", "options"),
    [
        ("by_city", {"reduce": True}),
        ("by_city", {"group": True}),
        ("sums", {"include_docs": True}),
        ("sums", {"keys": [["Rome", 2024], ["Rome", 2025]]}),
        ("by_city", {"limit": -1}),
        ("by_city", {"keys": ["a", "b"], "key": "a"}),
    ],
    ids=str,
)
def test_options_that_do_not_fit_are_refused(sales, view, options):
    with pytest.raises(BadRequest) as caught:
        sales.views.query("sales", view, **options)

    assert caught.value.error == "query_parse_error"


def test_a_list_of_one_key_counts_as_that_key(sales):
    answer = sales.views.query("sales", "sums", keys=[["Rome", 2024]])

    assert answer["rows"] == [{"key": None, "value": 10}]


def test_a_map_function_that_does_not_compile_is_refused(database):
    with pytest.raises(BadRequest) as caught:
        database.design.put({"_id": "_design/d", "views": {"v": {"map": "function ("}}})

    assert caught.value.error == "compilation_error"


def test_an_unknown_built_in_reduce_function_is_refused(database):
    views = {"v": {"map": "function (doc) {}", "reduce": "_unknown"}}

    with pytest.raises(BadRequest) as caught:
        database.design.put({"_id": "_design/d", "views": views})

    assert caught.value.error == "invalid_design_doc"


def test_the_state_of_a_view_index_can_be_asked_for(sales):
    information = sales.design.information("sales")

    assert information["name"] == "sales"
    assert information["view_index"]["language"] == "javascript"
    assert information["view_index"]["signature"]


def test_lists_of_rows_are_asked_for_together(sales):
    told = sales.views.queries(
        "sales", "by_city", [{"key": None}, {"start_key": "P", "limit": 1}, {"limit": 0}]
    )

    assert [[row["key"] for row in each["rows"]] for each in told["results"]] == [[None], ["Rome"], []]
