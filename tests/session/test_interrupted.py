"""A commit that is interrupted, wherever that is, loses nothing and writes nothing twice."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import pytest

from couchmapper.database import Database
from couchmapper.mapping import Document, Mapped, field

_ROOMS: Final = ("session/sending.py", "session/settlement.py", "session/workspace.py", "mapping/mapper.py")


class Counter(Document, id="counter:{name}"):
    name: Mapped[str]
    count: Mapped[int] = field(default=0, merge="add")


class Interruption:
    """Interrupts the program where some code calls a function for the n-th time, as Ctrl-C may."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __enter__(self) -> None:
        sys.settrace(self._trace)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if event == "call" and frame.f_code.co_filename.endswith(_ROOMS):
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return None


def interrupted(database: Database, number: int) -> bool:
    """Count three documents up, one of them new, in a commit that is interrupted, and save them after it."""
    with database.session(on_conflict="merge") as session:
        counters = session.get_many(Counter, ["counter:a", "counter:b"])
        new = Counter(name=str(number))
        session.add(new)
        for counter in (*counters, new):
            counter.count += 1
        try:
            with Interruption(number):
                session.commit()
        except KeyboardInterrupt:
            counters[0].count += 10
            session.commit()
            return True
        return False


@pytest.mark.skipif(sys.gettrace() is not None, reason="what looks at the lines already would be put out")
def test_a_commit_can_be_interrupted_anywhere(database: Database):
    with database.begin() as session:
        session.add_all([Counter(name="a"), Counter(name="b")])
    number = 1
    while interrupted(database, number):
        number += 1
        first, second = (database.documents.get(f"counter:{name}")["count"] for name in "ab")

        assert (first, second) == (11 * (number - 1), number - 1)
        assert database.documents.get(f"counter:{number - 1}")["count"] == 1
    assert number > 10
