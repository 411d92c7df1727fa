"""What has to be written is found without a server."""

from hypothesis import given
from hypothesis import strategies as st

from couchmapper.mapping import Document, Mapped, field, mapper
from couchmapper.session.unit_of_work import Write, batches, plan


class Order(Document, id="order:{number}"):
    number: Mapped[int]
    tags: Mapped[list[str]] = field(factory=list)


def loaded(number: int) -> Order:
    source = {"_id": f"order:{number}", "_rev": "1-a", "type": "order", "number": number, "tags": []}
    return mapper.load(Order, source)


def test_new_and_changed_documents_are_written():
    new, changed, unchanged = Order(number=1), loaded(2), loaded(3)
    changed.tags.append("x")

    found = plan([(order.id, order) for order in (new, changed, unchanged)], [])

    assert [write.document for write in found.writes] == [new, changed]
    assert found.writes[1].json["_rev"] == "1-a"
    assert found.rejected == ()


def test_a_deletion_is_a_tombstone_on_the_revision_that_was_read():
    order = loaded(1)

    (write,) = plan([], [(order.id, order)]).writes

    assert write.deleted
    assert write.json == {"_id": "order:1", "_rev": "1-a", "_deleted": True}


def test_a_document_whose_state_is_not_known_is_written_in_any_case():
    order = loaded(1)

    (write,) = plan([(order.id, order)], [], unsure={"order:1"}).writes

    assert write.json["_rev"] == "1-a"


def test_a_wrong_document_is_rejected_beside_the_others():
    good, wrong = Order(number=1), Order(number=2)
    wrong.tags = [1]

    found = plan([(good.id, good), (wrong.id, wrong)], [])

    assert [write.document for write in found.writes] == [good]
    assert [rejected.document for rejected in found.rejected] == [wrong]


def writes(sizes: list[int]) -> list[Write]:
    return [
        Write(id=str(place), document=Order(number=place), json={}, text=b"x" * size)
        for place, size in enumerate(sizes)
    ]


@given(st.lists(st.integers(1, 12), max_size=30), st.integers(1, 5), st.integers(1, 15))
def test_batches_hold_every_write_once_and_keep_to_the_limits(sizes: list[int], count: int, size: int):
    asked = writes(sizes)

    found = list(batches(asked, count=count, size=size))

    assert [write for batch in found for write in batch] == asked
    for batch in found:
        assert 1 <= len(batch) <= count
        assert len(batch) == 1 or sum(len(write.text) for write in batch) <= size


def test_batches_are_as_large_as_they_may_be():
    assert [len(batch) for batch in batches(writes([1] * 7), count=3, size=100)] == [3, 3, 1]
    assert [len(batch) for batch in batches(writes([4, 4, 9, 1, 1]), count=9, size=8)] == [2, 1, 2]
