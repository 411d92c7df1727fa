"""What has to be written is found without a server."""

import attrs

from couchmapper.exceptions import DocumentInvalid, IllegalDocumentId
from couchmapper.mapping import Document, Mapped, field, mapper
from couchmapper.session.unit_of_work import is_changed, plan, prepared


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


def test_a_document_is_changed_when_the_server_does_not_have_it_so():
    unchanged, changed, renamed = loaded(1), loaded(2), loaded(3)
    changed.tags.append("x")

    assert not is_changed("order:1", unchanged)
    assert is_changed("order:2", changed)
    assert is_changed("order:4", renamed)
    assert is_changed("order:5", Order(number=5))


def test_a_wrong_document_is_changed():
    order = loaded(1)
    order.tags = [1]

    assert is_changed("order:1", order)


def test_what_a_hook_changes_before_saving_is_written():
    class Stamped(Order, id="order:{number}", type="order"):
        pass

    @Stamped.before_save
    def stamp(order: Stamped) -> None:
        order.tags.append("stamped")

    write = prepared("order:1", Stamped(number=1))

    assert write is not None
    assert write.json["tags"] == ["stamped"]


def test_no_hook_is_called_for_a_document_that_did_not_change():
    class Guarded(Document):
        number: Mapped[int]

    @Guarded.before_save
    def refuse(_: Guarded) -> None:
        raise AssertionError

    source = {"_id": "a", "_rev": "1-a", "type": "guarded", "number": 1}

    assert prepared("a", mapper.load(Guarded, source)) is None


def test_a_document_that_left_its_partition_is_rejected():
    class Reading(Document, partition="station"):
        station: Mapped[str]

    reading = Reading(station="north")
    reading.station = "south"

    (rejected,) = plan([(reading.id, reading)], []).rejected

    assert isinstance(rejected.error, IllegalDocumentId)


def test_a_change_in_place_that_a_validator_refuses_is_rejected():
    class Bag(Document):
        items: Mapped[list[str]] = field(factory=list, validator=attrs.validators.max_len(1))

    bag = mapper.load(Bag, {"_id": "b", "_rev": "1-a", "type": "bag", "items": ["x"]})
    bag.items.append("y")

    (rejected,) = plan([("b", bag)], []).rejected

    assert isinstance(rejected.error, DocumentInvalid)
    assert [fault.path for fault in rejected.error.faults] == ["items"]
