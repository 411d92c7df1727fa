"""Pages of a view border on rows, also where one document has several rows with one key."""

from collections.abc import Iterator
from typing import Any

import pytest

from couchmapper import collation
from couchmapper.design import Design, View
from couchmapper.exceptions import InvalidCursor
from couchmapper.mapping import Document, Mapped
from couchmapper.query.view_pages import ViewPage, find_page
from couchmapper.query.view_spec import KeyRange, ViewSpec
from couchmapper.typing import JSON, JSONObject


class Post(Document):
    tag: Mapped[str]


class PostViews(Design, model=Post):
    by_tag = View(key=Post.tag)
    again = View(key=Post.tag)


SPEC = ViewSpec(view=PostViews.by_tag)


class Index:
    """Rows in the order of an index, which begins where it is asked to."""

    def __init__(self, *rows: tuple[JSON, str]) -> None:
        self.all = [{"key": key, "id": document_id, "value": None} for key, document_id in rows]

    def rows(self, spec: ViewSpec, *, size: int) -> Iterator[JSONObject]:
        del size
        rows = sorted(self.all, key=place, reverse=spec.descending)
        if spec.beginning is None:
            return iter(rows)
        border = collation.sort_key(spec.beginning.key), spec.beginning.id or ""
        return (row for row in rows if (place(row) <= border if spec.descending else place(row) >= border))


def place(row: JSONObject) -> tuple[bytes, str]:
    return collation.sort_key(row["key"]), row["id"]


def ids(page: ViewPage[Any, Any]) -> list[str | None]:
    return [row.id for row in page]


def page(index: Index, size: int, *, spec: ViewSpec = SPEC, **tokens: str | None) -> ViewPage[Any, Any]:
    return find_page(index, spec, size, **{"after": None, "before": None, **tokens})


@pytest.mark.parametrize("size", range(1, 8))
@pytest.mark.parametrize("descending", [False, True])
def test_each_of_the_rows_that_look_alike_is_on_one_page(size, descending):
    index = Index(("a", "1"), *[("b", "2")] * 4, ("b", "3"), ("c", "2"))
    spec = ViewSpec(view=PostViews.by_tag, descending=descending)

    pages = [page(index, size, spec=spec)]
    while pages[-1].next is not None:
        pages.append(page(index, size, spec=spec, after=pages[-1].next))
    back = [pages[-1]]
    while back[-1].previous is not None:
        back.append(page(index, size, spec=spec, before=back[-1].previous))

    everything = ["1", "2", "2", "2", "2", "3", "2"][:: -1 if descending else 1]
    assert [ids(one) for one in pages] == [everything[start : start + size] for start in range(0, 7, size)]
    assert list(map(ids, back)) == list(map(ids, pages))[::-1]


def test_a_row_that_comes_behind_the_last_one_is_on_the_next_page():
    index = Index(("a", "1"), ("c", "3"), ("e", "5"))
    first = page(index, 1)
    index.all.append({"key": "b", "id": "2", "value": None})

    assert ids(page(index, 1, after=first.next)) == ["2"]


def test_the_next_page_begins_behind_a_last_row_that_went():
    index = Index(("a", "1"), ("b", "2"), ("c", "3"))
    first = page(index, 2)
    del index.all[1]

    second = page(index, 2, after=first.next)

    assert (ids(second), ids(page(index, 2, before=second.previous))) == (["3"], ["1"])


def test_there_is_no_page_before_the_first_one_or_behind_the_last():
    index = Index(("a", "1"), ("b", "2"))
    first = page(index, 1)
    second = page(index, 1, after=first.next)

    assert (first.previous, second.next) == (None, None)
    assert page(index, 5).next is None
    assert (len(page(Index(), 5)), page(Index(), 5).next, page(Index(), 5).previous) == (0, None, None)


def test_a_side_without_rows_leads_back_to_the_other_end():
    index = Index(("a", "1"), ("b", "2"), ("c", "3"))
    second = page(index, 1, after=page(index, 1).next)
    index.all[:] = index.all[2:]

    nothing = page(index, 1, before=second.previous)

    assert (ids(nothing), nothing.previous) == ([], None)
    assert ids(page(index, 1, after=nothing.next)) == ["3"]


@pytest.mark.parametrize(
    "token", ["", "x", "!!", "bm9uc2Vuc2U", "W10", "WzEsMl0", "WzEsImEiLFsxXV0", "é", "WzEsImEiLDVd"]
)
def test_a_token_that_is_broken_is_refused(token: str):
    with pytest.raises(InvalidCursor, match=r"is broken: pass it as the page had it|is of another query"):
        page(Index(("a", "1")), 1, after=token)


@pytest.mark.parametrize(
    "other",
    [
        ViewSpec(view=PostViews.again),
        ViewSpec(view=PostViews.by_tag, descending=True),
        ViewSpec(view=PostViews.by_tag, partition="p"),
        ViewSpec(view=PostViews.by_tag, prefix="a"),
        ViewSpec(view=PostViews.by_tag, range=KeyRange(low=("a",))),
    ],
    ids=range(5),
)
def test_a_token_is_of_one_query(other: ViewSpec):
    token = page(Index(("a", "1"), ("b", "2")), 1).next

    with pytest.raises(InvalidCursor, match="is of another query: ask the same view for the same rows"):
        page(Index(("a", "1")), 1, spec=other, after=token)


def test_how_the_index_is_brought_up_to_date_makes_no_other_query():
    index = Index(("a", "1"), ("b", "2"))
    token = page(index, 1).next

    spec = ViewSpec(view=PostViews.by_tag, update=False, stable=True)
    assert ids(page(index, 3, spec=spec, after=token)) == ["2"]
