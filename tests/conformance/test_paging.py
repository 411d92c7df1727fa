import pytest

from couchmapper.exceptions import BadRequest

KEYS = {
    "_id": "_design/lists",
    "views": {
        "keys": {"map": "function (doc) { doc.keys.forEach(function (key, n) { emit(key, n); }); }"},
        "groups": {
            "map": "function (doc) { doc.keys.forEach(function (key) { emit([doc.kind, key], 1); }); }",
            "reduce": "_sum",
        },
    },
}
DOCUMENTS = [
    {"_id": "a", "kind": "x", "keys": [None, None, None, 0, ""]},
    {"_id": "b", "kind": "x", "keys": [None, False, "a", "a", "a\u200b"]},
    {"_id": "c", "kind": "y", "keys": ["a", "b", ["a"], {}, 1]},
    {"_id": "d", "kind": "z", "keys": [None, 7, 7, 7, 7]},
]


@pytest.fixture
def lists(database):
    database.bulk.docs([KEYS, *DOCUMENTS])
    return database


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 20, 50])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_join_to_the_whole_view(lists, size, descending):
    whole = lists.views.query("lists", "keys", descending=descending)["rows"]

    pages = list(lists.views.query.pages("lists", "keys", descending=descending).of(size))

    assert [row for page in pages for row in page] == whole
    assert len(whole) == 20


@pytest.mark.parametrize("start", [None, False, 0, "", "a"])
def test_null_and_falsy_keys_begin_a_page(lists, start):
    whole = lists.views.query("lists", "keys", start_key=start)["rows"]

    assert list(lists.views.query.pages("lists", "keys", start_key=start).of(2).rows()) == whole


@pytest.mark.parametrize("key", [None, 7])
def test_the_rows_of_one_key_can_be_paged(lists, key):
    whole = lists.views.query("lists", "keys", key=key)["rows"]

    assert len(whole) >= 4
    assert list(lists.views.query.pages("lists", "keys", key=key).of(2).rows()) == whole


def test_a_printed_token_goes_on_where_a_page_ended(lists):
    pages = lists.views.query.pages("lists", "keys", limit=9).of(4)
    read = next(iter(pages))

    rest = [row for page in pages.after(read.token) for row in page]

    assert [*read.rows, *rest] == lists.views.query("lists", "keys", limit=9)["rows"]


@pytest.mark.parametrize(
    "options", [{"group": True}, {"group_level": 1}, {"group_level": 1, "descending": True}]
)
def test_groups_can_be_paged(lists, options):
    whole = lists.views.query("lists", "groups", **options)["rows"]

    assert list(lists.views.query.pages("lists", "groups", **options).of(2).rows()) == whole


def test_all_documents_can_be_paged(lists):
    pages = list(lists.bulk.all_docs.pages(include_docs=True, start_key="a").of(3))

    assert [[row["id"] for row in page] for page in pages] == [["a", "b", "c"], ["d"]]
    assert pages[0].rows[0]["doc"]["kind"] == "x"


def test_design_documents_can_be_paged(lists):
    lists.documents.put({"_id": "e"})

    assert [row["id"] for row in lists.design.list.pages().of(1).rows()] == ["_design/lists"]


def test_what_a_selector_finds_can_be_paged(lists):
    pages = list(lists.find.query.pages({"_id": {"$gt": "a"}}, limit=3).of(2))

    assert [[row["_id"] for row in page] for page in pages] == [["b", "c"], ["d"]]


def test_an_exact_number_of_pages_has_no_empty_one(lists):
    assert [len(page) for page in lists.find.query.pages({"_id": {"$gt": None}}).of(2)] == [2, 2]
    assert [len(page) for page in lists.bulk.all_docs.pages(start_key="a").of(2)] == [2, 2]


def test_a_list_of_keys_is_not_paged(lists):
    with pytest.raises(BadRequest, match="keys"):
        iter(lists.views.query.pages("lists", "keys", keys=[1, 2]))
