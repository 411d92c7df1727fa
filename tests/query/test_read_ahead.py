"""The page after this one is read by a thread when enough of this one was taken; no other one is."""

import gc
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterator
from contextvars import ContextVar

import pytest

from couchmapper.exceptions import BudgetExceeded
from couchmapper.query.read_ahead import ReadAhead

NAME = "couchmapper-read-ahead"
place: ContextVar[str] = ContextVar("place", default="nowhere")


class Pages:
    """Yields pages of numbers; notes which were begun and by which thread, and may wait in each."""

    def __init__(self, *sizes: int, gate: threading.Event | None = None) -> None:
        self.sizes = sizes
        self.gate = gate
        self.begun: list[tuple[int, str]] = []
        self.is_new = threading.Event()

    def __iter__(self) -> Iterator[list[int]]:
        for number, size in enumerate(self.sizes):
            self.begun.append((number, threading.current_thread().name))
            self.is_new.set()
            if self.gate is not None and number > 0:
                assert self.gate.wait(10)
            yield list(range(size))

    def numbers(self) -> list[int]:
        return [number for number, _ in self.begun]


def ahead_of(
    pages: Iterator[list[int]], size: int = 100, now: Callable[[], int] = int, **options
) -> ReadAhead[int]:
    return ReadAhead(iter(pages), size=size, now=now, **options)


def take(ahead: ReadAhead[int], count: int) -> None:
    for _ in range(count):
        ahead.take()


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == NAME]


def ended() -> bool:
    """Wait for the threads that still read."""
    for thread in readers():
        thread.join(10)
    return not readers()


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """See that no test leaves a thread."""
    yield
    assert ended()


def test_nothing_is_read_before_it_is_asked_for():
    pages = Pages(100, 100)
    ahead_of(pages)

    assert pages.begun == []


def test_all_pages_come_in_their_order():
    pages = Pages(100, 101, 102, 3)
    sizes = []
    ahead = ahead_of(pages)
    for page in ahead:
        sizes.append(len(page))
        take(ahead, len(page))

    assert sizes == [100, 101, 102, 3]
    assert pages.begun == [(0, "MainThread"), (1, NAME), (2, NAME), (3, NAME)]


def test_the_next_page_is_begun_when_fifty_documents_were_taken():
    pages = Pages(100, 100)
    ahead = ahead_of(pages)
    next(ahead)

    take(ahead, 49)
    assert ended()
    assert pages.numbers() == [0]

    take(ahead, 1)
    assert ended()
    assert pages.numbers() == [0, 1]


def test_no_page_is_read_ahead_of_a_short_one():
    pages = Pages(99, 100)
    ahead = ahead_of(pages)
    next(ahead)

    take(ahead, 99)
    assert ended()

    assert pages.numbers() == [0]
    assert len(next(ahead)) == 100
    assert pages.begun[1] == (1, "MainThread")


def test_no_page_is_read_ahead_of_a_small_one():
    pages = Pages(49, 49)
    ahead = ahead_of(pages, size=49)
    for _ in ahead:
        take(ahead, 49)

    assert [name for _, name in pages.begun] == ["MainThread"] * 2


def test_no_more_than_one_page_is_read_ahead():
    pages = Pages(200, 200, 200)
    ahead = ahead_of(pages)
    next(ahead)

    take(ahead, 200)
    assert ended()

    assert pages.numbers() == [0, 1]


def test_the_program_goes_on_while_the_page_is_read():
    gate = threading.Event()
    pages = Pages(100, 100, gate=gate)
    ahead = ahead_of(pages)
    next(ahead)

    take(ahead, 50)
    assert pages.is_new.wait(10)
    assert len(readers()) == 1
    take(ahead, 50)
    gate.set()

    assert len(next(ahead)) == 100


def test_a_page_that_is_not_there_yet_is_waited_for():
    gate = threading.Event()
    ahead = ahead_of(Pages(100, 7, gate=gate))
    next(ahead)
    take(ahead, 50)
    threading.Timer(0.05, gate.set).start()

    assert len(next(ahead)) == 7


def test_the_end_may_be_read_ahead():
    ahead = ahead_of(Pages(100))
    next(ahead)
    take(ahead, 100)

    assert list(ahead) == []
    assert list(ahead) == []


@pytest.mark.parametrize("error", [ValueError, BudgetExceeded, KeyboardInterrupt])
def test_an_error_is_raised_when_the_page_is_asked_for(error):
    def broken() -> Iterator[list[int]]:
        yield [0] * 100
        raise error("over")

    ahead = ahead_of(broken())
    next(ahead)
    take(ahead, 100)
    assert ended()

    with pytest.raises(error, match="over") as caught:
        next(ahead)
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-1] == "broken"
    assert list(ahead) == []


def test_an_error_of_a_page_that_nobody_asks_for_is_not_raised():
    def broken() -> Iterator[list[int]]:
        yield [0] * 100
        raise ValueError

    ahead = ahead_of(broken())
    next(ahead)
    take(ahead, 100)

    assert ended()


def test_context_variables_go_along():
    def read() -> Iterator[list[str]]:
        while True:
            yield [place.get()] * 100

    ahead = ahead_of(read())
    next(ahead)
    token = place.set("here")
    take(ahead, 50)
    place.reset(token)

    assert next(ahead)[0] == "here"
    assert next(ahead)[0] == "nowhere"


def test_the_moment_is_that_at_which_the_reading_began():
    moments, gate = [5], threading.Event()
    pages = Pages(100, 100, 100, gate=gate)
    ahead = ahead_of(pages, now=lambda: moments[0])
    next(ahead)
    assert ahead.read_at == 5

    moments[0] = 6
    pages.is_new.clear()
    take(ahead, 50)
    assert pages.is_new.wait(10)
    moments[0] = 7
    gate.set()
    assert ahead.read_at == 5, "that page is still gone through"

    next(ahead)
    assert ahead.read_at == 6
    next(ahead)
    assert ahead.read_at == 7


def test_where_no_thread_can_be_started_pages_are_read_when_they_are_asked_for():
    class Refused(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    pages = Pages(100, 100, 5)
    ahead = ahead_of(pages, thread=Refused)
    for page in ahead:
        take(ahead, len(page))

    assert pages.begun == [(number, "MainThread") for number in range(3)]


def test_what_is_given_up_is_let_go_of():
    class Page(list):
        pass

    class Failure(Exception):
        pass

    noted: list[weakref.ref] = []

    def read(*, fails: bool) -> Iterator[list[int]]:
        for number in range(2):
            page = Page([0] * 100)
            noted.append(weakref.ref(page))
            if fails and number == 1:
                error = Failure()
                noted.append(weakref.ref(error))
                raise error
            yield page

    for fails in (False, True):
        ahead = ahead_of(read(fails=fails))
        next(ahead)
        take(ahead, 50)
        assert ended()
        del ahead
    gc.collect()

    assert len(noted) == 5
    assert not any(one() for one in noted)


SILENT = """
import threading
from couchmapper.query.read_ahead import ReadAhead

reading = threading.Event()

def pages():
    yield [0] * 100
    reading.set()
    threading.Event().wait(60)

ahead = ReadAhead(pages(), size=100, now=int)
next(ahead)
for _ in range(50):
    ahead.take()
reading.wait()
print("done")
"""


def test_a_program_ends_while_a_page_is_read():
    begun = time.monotonic()
    command = [sys.executable, "-c", SILENT]
    found = subprocess.run(command, check=False, capture_output=True, text=True, timeout=50)

    assert (found.returncode, found.stdout, found.stderr) == (0, "done\n", "")
    assert time.monotonic() - begun < 30
