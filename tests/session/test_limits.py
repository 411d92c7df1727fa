"""How writes are put into batches."""

from hypothesis import given
from hypothesis import strategies as st

from couchmapper.mapping import Document, Mapped
from couchmapper.session.limits import Limits
from couchmapper.session.unit_of_work import Write

ENVELOPE = len(b'{"docs":[]}')


class Order(Document, id="order:{number}"):
    number: Mapped[int]


def writes(sizes: list[int]) -> list[Write]:
    return [
        Write(id=str(place), document=Order(number=place), json={}, text=b"x" * size, mine={}, base=None)
        for place, size in enumerate(sizes)
    ]


def lengths(sizes: list[int], **limits: int) -> list[int]:
    return [len(batch) for batch in Limits(**limits).batches(writes(sizes))]


@given(st.lists(st.integers(1, 12), max_size=30), st.integers(1, 5), st.integers(1, 40))
def test_batches_hold_every_write_once_and_keep_to_the_limits(sizes: list[int], count: int, size: int):
    asked = writes(sizes)

    found = list(Limits(documents=count, size=size).batches(asked))

    assert [write for batch in found for write in batch] == asked
    for batch in found:
        body = b'{"docs":[' + b",".join(write.text for write in batch) + b"]}"
        assert 1 <= len(batch) <= count
        assert len(batch) == 1 or len(body) <= size


def test_batches_are_as_large_as_they_may_be():
    assert lengths([1] * 7, documents=3) == [3, 3, 1]
    assert lengths([4, 4, 9, 1, 1], size=ENVELOPE + 10) == [2, 1, 2]


@given(st.lists(st.integers(2, 50), min_size=2, max_size=30))
def test_what_was_too_large_is_never_sent_again_as_it_is(sizes: list[int]):
    limits, asked = Limits(), writes(sizes)

    limits.learn(asked)

    assert len(list(limits.batches(asked))) > 1


def test_a_limit_is_learnt_while_batches_are_made():
    limits = Limits(documents=4)
    batches = limits.batches(writes([10] * 8))

    assert len(next(batches)) == 4
    limits.learn(writes([10] * 4))
    assert [len(batch) for batch in batches] == [2, 2]
