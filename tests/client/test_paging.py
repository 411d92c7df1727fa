"""Pages join to the whole list, whatever the size, the keys, and what happens in between."""

import functools
import inspect
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import collation, jsonio
from couchmapper.client import Database
from couchmapper.exceptions import BadRequest, ConnectionFailed, InvalidAnswer
from couchmapper.messages import Request, Response
from couchmapper.transport.mock import MockTransport, json_response

KEYS = st.sampled_from(
    [None, False, 0, 1, "", "a", "a\u0000", "A", "á", "a\u0301", "b", [], ["a"], ["a", 1], {}]
)
EMITS = st.lists(st.tuples(KEYS, st.integers(0, 3)), max_size=6)
DOCUMENTS = st.dictionaries(st.text("abcd", min_size=1, max_size=2), EMITS, max_size=8)


class ViewServer:
    """Answers one view as CouchDB does: rows by key, document and the order of emission."""

    def __init__(self, documents: dict, *, raw: bool = False) -> None:
        self.documents = documents
        self.raw = raw
        self.broken = 0
        self.asked: list[dict] = []

    def compare_keys(self, left, right) -> int:
        if self.raw and isinstance(left, str) and isinstance(right, str):
            return (left.encode() > right.encode()) - (left.encode() < right.encode())
        return collation.compare(left, right)

    def compare(self, left, right) -> int:
        """Compare (key, id) pairs."""
        return self.compare_keys(left[0], right[0]) or (left[1] > right[1]) - (left[1] < right[1])

    def rows(self) -> list[dict]:
        emitted = [
            {"id": name, "key": key, "value": value}
            for name, emits in self.documents.items()
            for key, value in emits
        ]
        order = functools.cmp_to_key(lambda left, right: self.compare(place(left), place(right)))
        return sorted(emitted, key=order)

    def __call__(self, request: Request, /) -> Response:
        if self.broken:
            self.broken -= 1
            raise ConnectionFailed("reset")
        body = jsonio.loads(request.body)
        self.asked.append(body)
        rows = self.rows()
        sign = 1
        if body.get("descending"):
            rows = [
                row
                for _, run in itertools.groupby(
                    reversed(rows),
                    key=functools.cmp_to_key(lambda one, two: self.compare(place(one), place(two))),
                )
                for row in reversed(list(run))
            ]
            sign = -1
        if "start_key" in body:
            start = (body["start_key"], body.get("start_key_doc_id"))
            rows = [row for row in rows if self.is_behind(place(row), start, sign)]
        if "end_key" in body:
            rows = [row for row in rows if sign * self.compare_keys(row["key"], body["end_key"]) <= 0]
        rows = rows[body.get("skip", 0) :]
        return json_response({"rows": rows[: body.get("limit")]})

    def is_behind(self, pair, start, sign: int) -> bool:
        by_key = sign * self.compare_keys(pair[0], start[0])
        if by_key or start[1] is None:
            return by_key >= 0
        return sign * ((pair[1] > start[1]) - (pair[1] < start[1])) >= 0


def place(row):
    return row["key"], row["id"]


def view(server) -> Database:
    return Database(MockTransport(server), "shop")


@given(
    documents=DOCUMENTS,
    size=st.integers(1, 7),
    limit=st.none() | st.integers(0, 12),
    skip=st.none() | st.integers(0, 3),
    descending=st.booleans(),
    raw=st.booleans(),
)
def test_pages_join_to_the_whole_view(  # noqa: PLR0913, PLR0917 - drawn by Hypothesis
    documents, size, limit, skip, descending, raw
):
    server = ViewServer(documents, raw=raw)
    options = {"limit": limit, "skip": skip, "descending": descending}
    whole = view(server).views.query("d", "v", **options)["rows"]

    pages = list(view(server).views.query.pages("d", "v", **options).of(size))

    assert [row for page in pages for row in page] == whole
    assert all(len(page) == size for page in pages[:-1])
    assert all(page.rows for page in pages)


@given(
    documents=DOCUMENTS, size=st.integers(1, 4), descending=st.booleans(), limit=st.none() | st.integers(1, 9)
)
def test_every_token_goes_on_where_its_page_ended(documents, size, descending, limit):
    pages = (
        view(ViewServer(documents)).views.query.pages("d", "v", descending=descending, limit=limit).of(size)
    )
    read: list[dict] = []

    for page in pages:
        read += page.rows
        rest = [] if page.token is None else list(pages.after(page.token).rows())
        assert read + rest == list(pages.rows())


@given(documents=DOCUMENTS, key=KEYS, size=st.integers(1, 4))
def test_the_rows_of_one_key_are_paged_too(documents, key, size):
    server = ViewServer(documents)

    rows = list(view(server).views.query.pages("d", "v", key=key).of(size).rows())

    assert rows == [row for row in server.rows() if collation.compare(row["key"], key) == 0]


@given(documents=DOCUMENTS, start=KEYS, size=st.integers(1, 4))
def test_null_and_falsy_start_keys_are_keys(documents, start, size):
    server = ViewServer(documents)

    rows = list(view(server).views.query.pages("d", "v", start_key=start).of(size).rows())

    assert rows == [row for row in server.rows() if collation.compare(row["key"], start) >= 0]


def test_a_document_that_goes_at_the_border_takes_no_others_with_it():
    server = ViewServer({"a": [(1, 0), (1, 1), (1, 2)], "b": [(1, 0)], "c": [(2, 0)]})
    pages = iter(view(server).views.query.pages("d", "v").of(2))
    first = next(pages)
    server.documents.pop("a")

    rest = [row["id"] for page in pages for row in page]

    assert [row["id"] for row in first] == ["a", "a"]
    assert rest == ["b", "c"]


def test_a_page_that_failed_is_asked_for_again():
    server = ViewServer({"a": [(1, 0)], "b": [(2, 0)], "c": [(3, 0)]})
    pages = iter(view(server).views.query.pages("d", "v").of(1))
    next(pages)
    server.broken = 1

    with pytest.raises(ConnectionFailed):
        next(pages)

    assert [row["id"] for page in pages for row in page] == ["b", "c"]


def test_a_list_without_rows_has_no_pages():
    assert list(view(ViewServer({})).views.query.pages("d", "v")) == []


def test_the_last_page_has_no_token():
    pages = list(view(ViewServer({"a": [(1, 0)], "b": [(2, 0)]})).views.query.pages("d", "v").of(1))

    assert [page.token is None for page in pages] == [False, True]


def test_no_request_is_sent_before_the_first_page():
    server = ViewServer({"a": [(1, 0)]})
    view(server).views.query.pages("d", "v").of(5)

    assert server.asked == []


def test_wrong_arguments_are_told_before_the_first_page():
    with pytest.raises(TypeError, match="descnding"):
        view(ViewServer({})).views.query.pages("d", "v", descnding=True)  # type: ignore[call-arg]


@pytest.mark.parametrize("options", [{"keys": ["a"]}, {"sorted": False}])
def test_what_has_no_order_is_not_paged(options):
    with pytest.raises(BadRequest, match="paged"):
        iter(view(ViewServer({})).views.query.pages("d", "v", **options))


@pytest.mark.parametrize("size", [0, -1, True, "5", None])
def test_a_page_has_a_positive_size(size):
    with pytest.raises(BadRequest, match="positive"):
        view(ViewServer({})).views.query.pages("d", "v").of(size)


@pytest.mark.parametrize("token", ["", "x", "!!", "WzFd", "W10"])
def test_a_broken_token_is_refused(token):
    with pytest.raises(BadRequest, match="token is broken"):
        view(ViewServer({})).views.query.pages("d", "v").after(token)


def test_a_token_of_another_list_is_refused():
    database = view(ViewServer({"a": [(1, 0)], "b": [(2, 0)]}))
    page = next(iter(database.views.query.pages("d", "v").of(1)))

    with pytest.raises(BadRequest, match="another list"):
        database.views.query.pages("d", "w").after(page.token)


def test_groups_begin_again_at_their_key():
    asked = []

    def answer(request):
        asked.append(jsonio.loads(request.body))
        return json_response(
            {"rows": [{"key": ["a"], "value": 1}, {"key": ["b"], "value": 2}][len(asked) - 1 :]}
        )

    pages = Database(MockTransport(answer), "shop").views.query.pages(
        "d", "v", group_level=1, descending=True
    )
    rows = list(pages.of(1).rows())

    assert [row["key"] for row in rows] == [["a"], ["b"]]
    assert asked[1]["start_key"] == ["b", {"\uffff": {}}]
    assert "start_key_doc_id" not in asked[1]


class FindServer:
    """Answers `_find` with a bookmark that says how many documents were returned."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[dict] = []

    def __call__(self, request: Request, /) -> Response:
        body = jsonio.loads(request.body)
        self.asked.append(body)
        start = int(body.get("bookmark", 0)) + body.get("skip", 0)
        docs = [{"_id": str(number)} for number in range(start, min(self.count, start + body["limit"]))]
        return json_response({"docs": docs, "bookmark": str(start + len(docs)) if docs else "nil"})


@given(
    count=st.integers(0, 12),
    size=st.integers(1, 5),
    skip=st.none() | st.integers(0, 4),
    limit=st.integers(0, 14),
)
def test_pages_join_to_all_that_a_selector_finds(count, size, skip, limit):
    pages = list(view(FindServer(count)).find.query.pages({}, skip=skip, limit=limit).of(size))

    found = [row["_id"] for page in pages for row in page]
    assert found == [str(number) for number in range(skip or 0, count)][:limit]
    assert all(page.rows for page in pages)


def test_a_bookmark_that_leads_nowhere_is_told():
    def same_page(_request):
        return json_response({"docs": [{"_id": "a"}], "bookmark": "again"})

    with pytest.raises(InvalidAnswer, match="bookmark"):
        list(view(same_page).find.query.pages({}).of(1))


def test_a_selector_goes_on_after_a_token():
    pages = view(FindServer(5)).find.query.pages({}).of(2)
    first = next(iter(pages))

    assert [row["_id"] for row in pages.after(first.token).rows()] == ["2", "3", "4"]


def test_all_documents_are_paged_by_id():
    ids = ["a", "b", "c", "d", "e"]

    def answer(request):
        body = jsonio.loads(request.body)
        assert "start_key_doc_id" not in body
        rows = [{"id": one, "key": one, "value": {}} for one in ids if one >= body.get("start_key", "")]
        return json_response({"rows": rows[: body["limit"]]})

    pages = list(view(answer).bulk.all_docs.pages().of(2))

    assert [[row["id"] for row in page] for page in pages] == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.parametrize(("kind", "rows"), [("query", "rows"), ("nouveau", "hits")])
def test_what_a_search_finds_is_paged(kind, rows):
    def answer(request):
        body = jsonio.loads(request.body)
        start = int(body.get("bookmark", 0))
        found = [{"id": str(number)} for number in range(start, min(5, start + body["limit"]))]
        return json_response({rows: found, "bookmark": str(start + len(found))})

    pages = getattr(view(answer).search, kind).pages("d", "i", "tea").of(2)

    assert [[row["id"] for row in page] for page in pages] == [["0", "1"], ["2", "3"], ["4"]]


def test_groups_of_a_search_are_not_paged():
    with pytest.raises(BadRequest, match="group_limit"):
        iter(view(FindServer(1)).search.query.pages("d", "i", "tea", group_field="kind"))


def test_the_signature_of_an_operation_is_that_of_its_method():
    signature = inspect.signature(view(FindServer(0)).documents.get)

    assert list(signature.parameters) == ["id", "if_none_match", "options"]


def test_rows_that_were_skipped_do_not_come_back():
    server = ViewServer({"a": [(False, 0), (False, 1), (False, 2)]})

    rows = list(view(server).views.query.pages("d", "v", skip=1).of(1).rows())

    assert [row["value"] for row in rows] == [1, 2]
