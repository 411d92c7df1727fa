"""Cursors: text that leads to a place in one query, and is refused when it is anything else."""

import base64
import hmac
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper import jsonio
from couchmapper.connect import connect
from couchmapper.exceptions import InvalidCursor
from couchmapper.mango.sort import SortTerm
from couchmapper.mapping import Document, Mapped, field
from couchmapper.query.cursor import read_cursor, write_cursor
from couchmapper.query.keyset import Place
from couchmapper.query.spec import ID, QuerySpec
from couchmapper.typing import JSON


class Item(Document, id="{name}"):
    name: Mapped[str]
    rank: Mapped[int] = field(default=0)
    value: Mapped[JSON] = field(default=None)


class Other(Document, type="item", id="{name}"):
    name: Mapped[str]
    rank: Mapped[int] = field(default=0)


ORDER = (SortTerm(("rank",)), SortTerm(ID))
SPEC = QuerySpec(model=Item, where=Item.name != "x", order=(Item.rank.asc(),))
PLACE = Place(order=ORDER, values=(7, "ü/+?"), is_plateau=True)
KEY = b"secret"

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


def content_of(cursor: str) -> list[JSON]:
    content: list[JSON] = jsonio.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[16:])
    return content


def made(content: JSON, key: bytes = b"") -> str:
    """Make a cursor by hand, with the right signature."""
    told = jsonio.dumps(content)
    signed = hmac.digest(key, told, "sha256")[:16] + told
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


FINGERPRINT = content_of(write_cursor(SPEC, PLACE, b""))[1]


@given(values, st.text(min_size=1), st.booleans())
@example("\0", "🦆\0", True)
@example({"$gt": [[], {}], "": None}, "_", False)
@example(2**80, "a" * 5000, False)
def test_a_cursor_keeps_its_place_in_characters_of_urls(value, document_id, is_plateau):
    place = Place(order=ORDER, values=(value, document_id), is_plateau=is_plateau)
    cursor = write_cursor(SPEC, place, KEY)

    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)
    assert jsonio.same(list(read_cursor(SPEC, cursor, KEY).values), [value, document_id])
    assert (read_cursor(SPEC, cursor, KEY).order, read_cursor(SPEC, cursor, KEY).is_plateau) == (
        ORDER,
        is_plateau,
    )


def test_the_end_is_a_place_too():
    end = Place(order=ORDER)

    assert read_cursor(SPEC, write_cursor(SPEC, end, b""), b"") == end


@pytest.mark.parametrize(
    "other",
    [
        QuerySpec(model=Item, where=Item.name != "y", order=(Item.rank.asc(),)),
        QuerySpec(model=Item, where=Item.name != "x", order=(Item.rank.desc(),)),
        QuerySpec(model=Item, where=Item.name != "x", order=(Item.name.asc(),)),
        QuerySpec(model=Item, where=Item.name != "x"),
        QuerySpec(model=Item, order=(Item.rank.asc(),)),
        QuerySpec(model=Item, where=Item.name.in_([])),
        QuerySpec(model=Other, where=Other.name != "x", order=(Other.rank.asc(),)),
    ],
    ids=range(7),
)
def test_a_cursor_of_another_query_is_refused(other):
    cursor = write_cursor(SPEC, PLACE, b"")

    with pytest.raises(InvalidCursor, match="of another query"):
        read_cursor(other, cursor, b"")
    with pytest.raises(InvalidCursor, match="of another query"):
        read_cursor(SPEC, write_cursor(other, PLACE, b""), b"")


def test_a_cursor_is_of_its_query_whatever_the_number_of_documents():
    more = QuerySpec(
        model=Item, where=Item.name != "x", order=(Item.rank.asc(),), limit=3, skip=2, page_size=7
    )

    assert read_cursor(more, write_cursor(SPEC, PLACE, b""), b"") == PLACE


@pytest.mark.parametrize("key", [b"", KEY])
def test_damage_is_found_wherever_it_is(key):
    cursor = write_cursor(SPEC, PLACE, key)
    damaged = [cursor[:end] for end in range(len(cursor))]
    damaged += [f"{cursor[:end]}{sign}{cursor[end:]}" for end in range(len(cursor) + 1) for sign in "A=!\n é"]
    for place, sign in enumerate(cursor):
        flipped = (chr(ord(sign) ^ 1 << bit) for bit in range(8))
        damaged += [f"{cursor[:place]}{other}{cursor[place + 1 :]}" for other in flipped]

    for text in damaged:
        with pytest.raises(InvalidCursor, match="is broken"):
            read_cursor(SPEC, text, key)
    assert read_cursor(SPEC, cursor, key) == PLACE


@pytest.mark.parametrize("text", [5, None, b"abc", ["a"], "", "ü", "\ud800"], ids=range(7))
def test_what_is_no_cursor_at_all_is_refused(text):
    with pytest.raises(InvalidCursor, match="is broken"):
        read_cursor(SPEC, text, b"")


@pytest.mark.parametrize(("signed", "read"), [(KEY, b""), (b"", KEY), (KEY, b"other")])
def test_a_cursor_that_another_key_has_signed_is_refused(signed, read):
    with pytest.raises(InvalidCursor, match="signed with another key"):
        read_cursor(SPEC, write_cursor(SPEC, PLACE, signed), read)


PROGRAM = """
import sys
from couchmapper import Document, Mapped, field
from couchmapper.query.cursor import read_cursor
from couchmapper.query.spec import QuerySpec
from couchmapper.typing import JSON

class Item(Document, id="{name}"):
    name: Mapped[str]
    rank: Mapped[int] = field(default=0)
    value: Mapped[JSON] = field(default=None)

both = Item.value.in_([3, "b", None]) & (Item.rank > 0) & (Item.name != "x")
spec = QuerySpec(model=Item, where=both | (Item.rank == -1), order=(Item.rank.asc(),))
print(read_cursor(spec, sys.argv[1], b"secret").values)
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_cursor_is_read_in_another_process(seed):
    both = Item.value.in_([3, "b", None]) & (Item.rank > 0) & (Item.name != "x")
    spec = QuerySpec(model=Item, where=both | (Item.rank == -1), order=(Item.rank.asc(),))
    cursor = write_cursor(spec, PLACE, KEY)
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}

    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, cursor], env=environment, check=True, capture_output=True
    )

    assert told.stdout.decode().strip() == str(PLACE.values)


# --- without a key anybody can make one

RANK, IDS = ["rank", False], ["_id", False]


def nested(depth: int) -> JSON:
    value: JSON = None
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        [],
        [1, FINGERPRINT],
        [1, FINGERPRINT, [RANK, IDS], [1, "a"]],
        [1, FINGERPRINT, [RANK, IDS], [1, "a"], None],
        [1, FINGERPRINT, [RANK, IDS], [1, "a"], False, 1],
        [1, FINGERPRINT, [RANK, IDS], {"a": 1}, False],
        [1, FINGERPRINT, [RANK, IDS], [1], False],
        [1, FINGERPRINT, [RANK, IDS], [1, "a", 2], False],
        [1, FINGERPRINT, [RANK, IDS], [1, None], False],
        [1, FINGERPRINT, [RANK, IDS], [1, ""], False],
        [1, FINGERPRINT, [RANK, IDS], [1, 5], False],
        [1, FINGERPRINT, [RANK, IDS], [nested(200), "a"], False],
        [1, FINGERPRINT, [], [], False],
        [1, FINGERPRINT, None, [1, "a"], False],
        [1, FINGERPRINT, "rank", [1, "a"], False],
        [1, FINGERPRINT, [IDS], ["a"], False],
        [1, FINGERPRINT, [RANK], [1], False],
        [1, FINGERPRINT, [IDS, RANK], ["a", 1], False],
        [1, FINGERPRINT, [["rank", True], ["_id", True]], [1, "a"], False],
        [1, FINGERPRINT, [RANK, ["_id", True]], [1, "a"], False],
        [1, FINGERPRINT, [RANK, IDS, IDS], [1, "a", "a"], False],
        [1, FINGERPRINT, [RANK, IDS, ["name", False]], [1, "a", "b"], False],
        [1, FINGERPRINT, [RANK, [False], IDS], [1, 1, "a"], False],
        [1, FINGERPRINT, [RANK, ["", False], IDS], [1, 1, "a"], False],
        [1, FINGERPRINT, [RANK, ["a\\b", False], IDS], [1, 1, "a"], False],
        [1, FINGERPRINT, [RANK, ["a", 1, False], IDS], [1, 1, "a"], False],
        [1, FINGERPRINT, [RANK, ["name", 0], IDS], [1, 1, "a"], False],
        [1, FINGERPRINT, [RANK, ["name", True], IDS], [1, 1, "a"], False],
        [1, FINGERPRINT, [RANK, "name", IDS], [1, 1, "a"], False],
        [1, FINGERPRINT, [RANK, {}, IDS], [1, 1, "a"], False],
    ],
    ids=range(32),
)
def test_a_cursor_that_was_made_by_hand_is_refused_when_it_is_no_place_in_the_order(content):
    with pytest.raises(InvalidCursor, match="is broken"):
        read_cursor(SPEC, made(content), b"")


@pytest.mark.parametrize("content", [[2, FINGERPRINT, [], [], True], [1, "", [], [], True]], ids=range(2))
def test_a_cursor_of_another_version_is_of_another_query(content):
    with pytest.raises(InvalidCursor, match="of another query"):
        read_cursor(SPEC, made(content), b"")


names = st.one_of(st.sampled_from(["_id", "rank", "name", "value", "0", "a.b", "$or", "_rev"]), st.text())
terms = st.builds(lambda path, down: [*path, down], st.lists(names, min_size=1, max_size=3), st.booleans())
contents = st.builds(
    lambda fields, value, others, ids, is_plateau: [
        *(1, FINGERPRINT),
        [RANK, *fields, IDS],
        [value, *others, ids][: len(fields) + 2],
        is_plateau,
    ],
    st.lists(st.one_of(st.just(["value", False]), terms), max_size=2),
    values,
    st.lists(values, min_size=2, max_size=2),
    st.one_of(st.text(min_size=1), values),
    st.booleans(),
)


@given(st.one_of(contents, values, st.builds(lambda rest: [1, FINGERPRINT, *rest], st.lists(values))))
def test_whatever_is_in_a_cursor_it_leads_to_a_page_or_is_refused(content):
    try:
        place = read_cursor(SPEC, made(content), b"")
    except InvalidCursor:
        return
    assert place.order[0] == ORDER[0]
    assert place.order[-1] == ORDER[-1]
    with connect("memory:") as client, client.database("items", create=True).begin() as session:
        session.add_all(Item(name=name, rank=len(name)) for name in ("a", "b", "xx"))
        session.commit()
        query: Any = session.query(Item).where(Item.name != "x").order_by(Item.rank)
        for page in (query.page(2, after=made(content)), query.page(2, before=made(content))):
            assert len(page) <= 2
