"""The rows of a long answer one by one, as they arrive: `rows`, `docs` or `results` of a JSON object.

CouchDB writes most lists with a line for each row, so a block of whole lines is decoded at once. That is only
taken for granted as far as it turns out to be true: what does not decode so is cut by its brackets.
"""

import re
from collections.abc import Iterator
from typing import Final

from couchmapper import jsonio
from couchmapper.client.errors import error_in, label
from couchmapper.client.streaming import Streaming
from couchmapper.exceptions import CouchMapperError, InvalidAnswer, InvalidJSON
from couchmapper.messages import Request
from couchmapper.streams import BLOCK_SIZE, Closing
from couchmapper.typing import JSON, JSONObject

__all__ = ["Rows"]

_LARGE: Final = 1_048_576
_QUOTE: Final = ord('"')
_COMMA: Final = ord(",")
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)|[{}\[\],]', re.DOTALL)
_FEEDS_OF_LINES: Final = frozenset(("continuous", "live", "eventsource"))
_EVENTSOURCE: Final = re.compile(rb"(?:id|event|data|retry|):")


class Rows(Closing):
    """An iterator over the rows of one answer; it holds a connection until its end or `close`.

    `members` holds what else the answer says: `total_rows` and `offset` once the first row was read,
    `bookmark`, `last_seq` and `pending` after the last one. Raises `InvalidAnswer` where the answer breaks
    off, and the `ResponseError` that the server wrote in the middle of its answer.
    """

    def __init__(self, request: Request, stream: Streaming, member: str) -> None:
        self.members: JSONObject = {}
        self._stream = stream
        buffer = _Buffer(request, stream)
        if request.query.get("feed") in _FEEDS_OF_LINES:
            events = request.query["feed"] == "eventsource"
            self._rows = _lines(buffer, self.members, events=events)
        else:
            self._rows = _elements(buffer, member, self.members)

    def __iter__(self) -> Iterator[JSONObject]:
        return self

    def __next__(self) -> JSONObject:
        try:
            return next(self._rows)
        except StopIteration:
            raise
        except BaseException:
            self._stream.close()
            raise

    def close(self) -> None:
        """Stop reading and give the connection up; closing twice is fine."""
        self._stream.close()
        self._rows = iter(())


class _Buffer:
    """What has arrived and was not taken yet."""

    def __init__(self, request: Request, stream: Streaming) -> None:
        self._place = label(request)
        self._stream = stream
        self.text = b""
        self.ended = False

    def more(self) -> None:
        """Read on; where much lies here already much is wanted, or a large row is looked at too often."""
        if self.ended:
            raise self.broken()
        wanted = len(self.text) // 2 if len(self.text) > _LARGE else 1
        blocks = [self.text]
        while wanted > 0 and not self.ended:
            block = self._stream.read(BLOCK_SIZE)
            blocks.append(block)
            wanted -= len(block)
            self.ended = not block
        self.text = b"".join(blocks)

    def take(self, end: int, *, skip: int = 1) -> bytes:
        """Return the text up to `end` and leave it out, with the `skip` bytes behind it."""
        taken, self.text = self.text[:end], self.text[end + skip :]
        return taken

    def loads(self, text: bytes) -> JSON:
        """Read JSON of the answer; raises the error that says what is wrong with the answer."""
        try:
            return jsonio.loads(text)
        except InvalidJSON as error:
            raise self.broken() from error

    def broken(self) -> CouchMapperError:
        """Return the error that the server wrote into its answer, or say that the answer broke off."""
        return error_in(self.text, self._place) or InvalidAnswer(
            f"{self._place}: the answer is not the JSON that was expected, or broke off; ask again"
        )


class _Scan:
    """How far the text of an array was looked at, and where its last whole element ends."""

    def __init__(self) -> None:
        self.position = 0
        self.cut: int | None = None
        self._depth = 0

    def over(self, text: bytes) -> bool:
        """Look at the rest of the text; tell whether the array is closed. A string that is cut off waits."""
        for token in _TOKEN.finditer(text, self.position):
            mark = text[token.start()]
            if mark == _QUOTE and not token[1]:
                self.position = token.start()
                return False
            if mark in b"{[":
                self._depth += 1
            elif mark in b"}]":
                self._depth -= 1
            if self._depth == 0 and mark == _COMMA:
                self.cut = token.start()
            if self._depth < 0:
                self.cut = token.start()
                return True
            self.position = token.end()
        return False


def _elements(buffer: _Buffer, member: str, members: JSONObject) -> Iterator[JSON]:
    """Yield the elements of an array in an object; put the other members of the object into `members`."""
    head = _head(buffer, member)
    members.update(buffer.loads(head + b"[]}"))
    del members[member]
    scan, closed = _Scan(), False
    while not closed:
        batch = None if scan.position else _whole_lines(buffer)
        if batch is None:
            closed = scan.over(buffer.text)
            if scan.cut is None:
                buffer.more()
                continue
            batch = buffer.loads(b"[" + buffer.text[: scan.cut] + b"]")
            buffer.take(scan.cut)
            scan = _Scan()
        yield from batch
    while not buffer.ended:
        buffer.more()
    members.update(buffer.loads(head + b"[]" + buffer.text))
    del members[member]


def _head(buffer: _Buffer, member: str) -> bytes:
    """Take all up to the bracket that opens the array, and return it without the bracket."""
    opening = re.compile(rb'"' + member.encode() + rb'"\s*:\s*\[')
    while True:
        found = opening.search(buffer.text)
        if found is not None:
            return buffer.take(found.end() - 1)
        buffer.more()


def _whole_lines(buffer: _Buffer) -> list[JSON] | None:
    """Decode all whole lines at once, None where they are no elements."""
    end = buffer.text.rfind(b"\n")
    text = buffer.text[:end].rstrip() if end > 0 else b""
    if not text.endswith(b","):
        return None
    try:
        batch: list[JSON] = jsonio.loads(b"[" + text[:-1] + b"]")
    except InvalidJSON:
        return None
    buffer.take(end)
    return batch


def _lines(buffer: _Buffer, members: JSONObject, *, events: bool) -> Iterator[JSON]:
    """Yield the changes of a feed that has a line for each; empty lines are the server's heartbeat.

    A continuous feed ends with a line that says how far it came; one of events just ends.
    """
    while True:
        end = buffer.text.rfind(b"\n")
        for line in buffer.take(end).split(b"\n") if end >= 0 else ():
            change = _change(buffer, line.strip(), events=events)
            if change is None:
                continue
            if "last_seq" in change:
                members.update(change)
            elif "error" in change and "seq" not in change:
                buffer.text = line
                raise buffer.broken()
            else:
                yield change
        if buffer.ended and not buffer.text.strip() and (events or "last_seq" in members):
            return
        buffer.more()


def _change(buffer: _Buffer, line: bytes, *, events: bool) -> JSONObject | None:
    """Read one line of a feed, None when it brings no change."""
    text = line.removeprefix(b"data:").lstrip() if events else line
    if not text or (events and _EVENTSOURCE.match(text)):
        return None
    change = buffer.loads(text)
    if not isinstance(change, dict):
        raise buffer.broken()
    return change
