import json
from collections.abc import Callable, Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from couchmapper.client.rows import Rows
from couchmapper.client.streaming import Streaming
from couchmapper.exceptions import (
    ConnectionFailed,
    CouchMapperError,
    InvalidAnswer,
    ServerError,
    Unauthorized,
)
from couchmapper.messages import Request, Response

LIST = Request(method="GET", path=("db", "_all_docs"), route="/{db}/_all_docs")
FEED = Request(method="GET", path=("db", "_changes"), route="/{db}/_changes", query={"feed": "continuous"})
EVENTS = Request(method="GET", path=("db", "_changes"), route="/{db}/_changes", query={"feed": "eventsource"})


class Blocks:
    """A stream that gives these blocks, one for each read; an error among them is raised."""

    def __init__(self, blocks: Iterable[bytes | Exception]) -> None:
        self._blocks = [block for block in blocks if block]
        self.closed = False

    def read(self, size: int = -1, /) -> bytes:
        assert not self.closed
        block = self._blocks.pop(0) if self._blocks else b""
        if isinstance(block, Exception):
            raise block
        assert 0 <= len(block) <= size
        return block

    def close(self) -> None:
        self.closed = True


def open_rows(*blocks: bytes | Exception, request: Request = LIST, member: str = "rows") -> Rows:
    return Rows(request, Streaming(Response(status=200, stream=Blocks(blocks))), member)


def taken(rows: Rows) -> tuple[list[object], CouchMapperError | None]:
    """Return the rows up to the end, or up to the error."""
    found: list[object] = []
    while True:
        try:
            found.append(next(rows))
        except StopIteration:
            return found, None
        except CouchMapperError as error:
            return found, error


def text_of(value: object, **style: object) -> str:
    return json.dumps(value, ensure_ascii=False, **style)  # type: ignore[arg-type]


def like_a_view(rows: list[object]) -> str:
    lines = ",\r\n".join(text_of(row, separators=(",", ":")) for row in rows)
    return f'{{"total_rows":9,"offset":0,"rows":[\r\n{lines}\r\n],"update_seq":"5-abc"}}\n'


def like_changes(rows: list[object]) -> str:
    lines = ",\r\n".join(text_of(row, separators=(",", ":")) for row in rows)
    return f'{{"total_rows":9,"offset":0,"rows":[\n{lines}\n],\n"update_seq":"5-abc"}}\n'


def whole(rows: list[object]) -> dict[str, object]:
    return {"total_rows": 9, "offset": 0, "rows": rows, "update_seq": "5-abc"}


LAYOUTS: dict[str, Callable[[list[object]], str]] = {
    "view": like_a_view,
    "changes": like_changes,
    "compact": lambda rows: text_of(whole(rows), separators=(",", ":")),
    "one line": lambda rows: text_of(whole(rows)),
    "pretty": lambda rows: text_of(whole(rows), indent=2),
    "pretty with Windows' line ends": lambda rows: text_of(whole(rows), indent=1).replace("\n", "\r\n"),
    "spaced": lambda rows: f" \n {text_of(whole(rows), indent=1, separators=(' , ', ' : '))} \n\n",
    "heartbeats": lambda rows: "\n\n" + like_changes(rows).replace(",\r\n", ",\r\n\n\n"),
}

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
TRICKY = st.text(alphabet='"\\[]{},:\n\r\t aé😀', max_size=12)
VALUES = st.recursive(
    SCALARS | TRICKY,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TRICKY | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
ROWS = st.lists(VALUES, max_size=5)
HARD = [
    {"id": 'a"]},', "value": {"text": '\\"rows":[ \\', "list": [[], {}, ["]"]]}},
    {},
    [],
    "a string, with [brackets] and \\ backslash\\",
    -1.5e-7,
    12345678901234567890123,
    None,
    {"é": "😀\u2028", "x": "\u0000"},
]


@pytest.mark.parametrize("layout", LAYOUTS)
@given(rows=ROWS, sizes=st.lists(st.integers(1, 40), min_size=1, max_size=9))
@example(rows=HARD, sizes=[1])
@example(rows=HARD, sizes=[1000])
@example(rows=[], sizes=[3])
def test_rows_come_whole_and_in_order_however_they_are_written_and_arrive(layout, rows, sizes):
    text = LAYOUTS[layout](rows).encode()
    blocks, place = [], 0
    while place < len(text):
        size = sizes[len(blocks) % len(sizes)]
        blocks.append(text[place : place + size])
        place += size

    answer = open_rows(*blocks)

    assert list(answer) == rows
    assert answer.members == {"total_rows": 9, "offset": 0, "update_seq": "5-abc"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_answer_can_be_cut_into_blocks_at_every_byte(layout):
    text = LAYOUTS[layout](HARD).encode()

    for place in range(1, len(text)):
        assert list(open_rows(text[:place], text[place:])) == HARD, place


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rows", [HARD, [], [{"id": "a"}]], ids=["hard", "none", "one"])
def test_an_answer_that_ends_early_is_an_error_wherever_it_ends(layout, rows):
    text = LAYOUTS[layout](rows).encode()

    for place in range(len(text.rstrip())):
        found, error = taken(open_rows(text[:place]))

        assert type(error) is InvalidAnswer, place
        assert found == rows[: len(found)]


@given(rows=ROWS, data=st.data(), layout=st.sampled_from(sorted(LAYOUTS)))
def test_an_answer_that_ends_early_never_looks_like_a_shorter_one(rows, data, layout):
    text = LAYOUTS[layout](rows).encode()
    place = data.draw(st.integers(0, len(text.rstrip()) - 1))
    size = data.draw(st.integers(1, place + 1))

    found, error = taken(open_rows(*(text[at : min(at + size, place)] for at in range(0, place, size))))

    assert type(error) is InvalidAnswer
    assert found == rows[: len(found)]


def test_members_before_the_rows_are_there_with_the_first_row_and_the_others_after_the_last():
    answer = open_rows(like_a_view([1, 2, 3]).encode())

    assert next(answer) == 1
    assert answer.members == {"total_rows": 9, "offset": 0}
    assert list(answer) == [2, 3]
    assert answer.members == {"total_rows": 9, "offset": 0, "update_seq": "5-abc"}


def test_rows_arrive_before_the_answer_has_ended():
    broken = ConnectionFailed("reset")
    answer = open_rows(b'{"rows":[\r\n{"id":"a"},\r\n{"id":"b"},\r\n{"id"', broken)

    found, error = taken(answer)

    assert found == [{"id": "a"}, {"id": "b"}]
    assert error is broken


def test_the_member_may_also_be_the_text_of_a_string():
    text = b'{"warning":"no \\"docs\\":[ here","docs":[{"docs":[1]}],"bookmark":"nil"}'

    answer = open_rows(text, member="docs")

    assert list(answer) == [{"docs": [1]}]
    assert answer.members == {"warning": 'no "docs":[ here', "bookmark": "nil"}


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b'{"docs":[]}', b'{"rows":null}', b"[]", b"<html>", b'{"rows":[1,]}', b'{"rows":[1]}x'],
)
def test_an_answer_without_the_rows_is_invalid(text):
    found, error = taken(open_rows(text))

    assert type(error) is InvalidAnswer
    assert found in ([], [1])
    assert "GET /db/_all_docs: the answer is not the JSON that was expected" in str(error)


FAILURE = (
    b'\n{"error":"timeout","reason":"The request could not be processed in a reasonable amount of time."}\n'
)


@pytest.mark.parametrize("before", [b"", b'{"id":"a"}', b'{"id":"a"},\r\n{"id":"b"}', b'{"id":"a"},\r\n'])
@pytest.mark.parametrize("head", [b'{"total_rows":3,"rows":[\r\n', b'{"rows":['])
def test_an_error_that_the_server_wrote_behind_some_rows_is_raised_as_such(before, head):
    found, error = taken(open_rows(head + before, FAILURE))

    assert type(error) is ServerError
    assert (error.error, error.request) == ("timeout", "GET /db/_all_docs")
    assert "reasonable amount" in error.reason
    assert found in ([], [{"id": "a"}])


def test_the_code_of_an_error_in_the_answer_has_its_class():
    _, error = taken(open_rows(b'{"rows":[', b'\n{"error":"unauthorized","reason":"late"}\n'))

    assert type(error) is Unauthorized


@pytest.mark.parametrize("blocks", [(b'{"rows":[{"a":tru},',), (b'{"rows":[', ConnectionFailed("reset"))])
def test_an_error_gives_the_connection_up(blocks):
    stream = Blocks(blocks)
    answer = Rows(LIST, Streaming(Response(status=200, stream=stream)), "rows")

    assert taken(answer)[1] is not None
    assert stream.closed


def test_a_closed_answer_has_no_more_rows():
    stream = Blocks([b'{"rows":[1,\n2,\n', b"3]}"])
    with Rows(LIST, Streaming(Response(status=200, stream=stream)), "rows") as answer:
        assert next(answer) == 1

    assert stream.closed
    assert list(answer) == []
    answer.close()


def test_a_whole_answer_in_memory_has_rows_too():
    answer = Rows(LIST, Streaming(Response(status=200, body=like_a_view(HARD).encode())), "rows")

    assert list(answer) == HARD


def test_a_large_row_among_small_ones():
    large = {"id": "large", "text": '\\"]},' * 300_000}
    text = like_a_view([{"id": 1}, large, {"id": 2}]).encode()

    answer = open_rows(*(text[at : at + 65_536] for at in range(0, len(text), 65_536)))

    assert list(answer) == [{"id": 1}, large, {"id": 2}]


CHANGES = [
    {"seq": "1-a", "id": "x\n", "changes": [{"rev": "1-a"}]},
    {"seq": None, "id": "last_seq", "changes": [], "doc": {"error": "mine", "text": "data: {"}},
    {"db_name": "shop", "type": "created", "seq": "3-c"},
]


def continuous(changes: list[object], end: str = '{"last_seq":"3-c","pending":0}\n') -> bytes:
    return ("\n" + "\n\n".join(text_of(change) for change in changes) + "\n" + end).encode()


def eventsource(changes: list[object]) -> bytes:
    events = [f'data: {text_of(change)}\nid: "1-a"\n\n' for change in changes]
    return "event: heartbeat\ndata: \n\n".join(events).encode()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_continuous_feed_has_a_line_for_each_change(size):
    text = continuous(CHANGES)

    answer = open_rows(*(text[at : at + size] for at in range(0, len(text), size)), request=FEED)

    assert list(answer) == CHANGES
    assert answer.members == {"last_seq": "3-c", "pending": 0}


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_feed_of_events_has_the_same_changes(size):
    text = eventsource(CHANGES)

    answer = open_rows(*(text[at : at + size] for at in range(0, len(text), size)), request=EVENTS)

    assert list(answer) == CHANGES
    assert answer.members == {}


def test_changes_arrive_while_the_feed_is_open():
    answer = open_rows(b'{"seq":1,"id":"a"}\n{"seq":2,"id":"b"}\n', ConnectionFailed("reset"), request=FEED)

    assert next(answer) == {"seq": 1, "id": "a"}
    assert next(answer) == {"seq": 2, "id": "b"}
    with pytest.raises(ConnectionFailed):
        next(answer)


def test_a_continuous_feed_that_ends_early_is_an_error_wherever_it_ends():
    text = continuous(CHANGES)

    for place in range(len(text)):
        found, error = taken(open_rows(text[:place], request=FEED))

        assert type(error) is InvalidAnswer, place
        assert found == CHANGES[: len(found)]


@pytest.mark.parametrize("request_", [FEED, EVENTS], ids=["continuous", "eventsource"])
@pytest.mark.parametrize("line", [b"<html>\n", b"[1]\n", b'{"seq":1,"id"\n', b"12\n"])
def test_a_line_that_is_no_change_is_an_error(request_, line):
    found, error = taken(open_rows(b'{"seq":1}\n', line, request=request_))

    assert type(error) is InvalidAnswer
    assert found == [{"seq": 1}]


def test_an_error_of_the_server_ends_a_feed():
    failing = continuous(CHANGES, '{"error":"unauthorized","reason":"expired"}\n')

    found, error = taken(open_rows(failing, request=FEED))

    assert found == CHANGES
    assert type(error) is Unauthorized
    assert str(error).startswith("GET /db/_changes: 401 unauthorized: expired")
