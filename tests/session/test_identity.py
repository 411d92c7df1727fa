"""One object per document."""

import ast
import gc
import weakref
from datetime import datetime
from typing import Any

import pytest

from couchmapper.exceptions import IdentityError
from couchmapper.mapping import Document, Mapped, field, mapper
from couchmapper.session.identity import IdentityMap
from couchmapper.session.unit_of_work import is_changed


class Note(Document, id="{key}"):
    key: Mapped[str]
    tags: Mapped[list[str]] = field(factory=list)


class Meeting(Document):
    key: Mapped[str]
    when: Mapped[datetime]


class Guarded(Meeting):
    def __setattr__(self, name: str, value: Any) -> None:
        if name not in {"id", "key", "when"}:
            raise AttributeError(name)
        super().__setattr__(name, value)


MEETING = {"_id": "a", "_rev": "1-a", "type": "meeting", "key": "a", "when": "2026-11-23T10:00:00.000000Z"}


def loaded(key: str) -> Note:
    return mapper.load(Note, {"_id": key, "_rev": "1-a", "type": "note", "key": key, "tags": ["x"]})


def let_go(identities: IdentityMap, count: int) -> None:
    """Take in documents, and let go of each."""
    for number in range(count):
        note = loaded(f"other {number}")
        identities.loosen(note.id, note)


def test_a_document_is_found_under_its_id():
    identities, note = IdentityMap(is_changed), Note(key="a")
    identities.add(note.id, note)

    assert identities.find("a") is note
    assert identities.find("b") is None


def test_equal_documents_are_not_the_same_document():
    identities, note = IdentityMap(is_changed), Note(key="a")
    identities.add(note.id, note)

    assert identities.holds(note)
    assert not identities.holds(Note(key="a"))


def test_an_id_has_one_object():
    identities = IdentityMap(is_changed)
    identities.add("a", Note(key="a"))

    with pytest.raises(IdentityError):
        identities.add("a", Note(key="a"))


def test_documents_keep_the_order_in_which_they_came_and_the_id_under_which_they_are_known():
    identities = IdentityMap(is_changed)
    for key in "cab":
        identities.add(key, Note(key=key))
    identities.find("a").id = "z"

    assert [known_id for known_id, _ in identities] == ["c", "a", "b"]


def test_documents_can_be_removed_while_they_are_gone_through():
    identities = IdentityMap(is_changed)
    for key in "abc":
        identities.add(key, Note(key=key))

    for known_id, _ in identities:
        identities.remove(known_id)

    assert len(identities) == 0


def test_a_document_that_is_held_loosely_is_the_same_as_long_as_the_program_has_it():
    identities, note = IdentityMap(is_changed), loaded("a")
    identities.loosen("a", note)
    gc.collect()

    assert identities.find("a") is note


def test_documents_that_the_program_let_go_of_leave_the_map():
    identities = IdentityMap(is_changed)
    let_go(identities, 10_000)

    assert len(identities) < 2_000


def test_a_document_that_was_changed_before_it_went_comes_back():
    identities, note = IdentityMap(is_changed), loaded("a")
    identities.loosen("a", note)
    note.tags.append("y")
    del note
    let_go(identities, 10_000)

    assert identities.find("a").tags == ["x", "y"]


def test_a_part_that_is_held_longer_than_its_document_can_still_be_changed():
    identities, note = IdentityMap(is_changed), loaded("a")
    identities.loosen("a", note)
    tags = note.tags
    del note
    let_go(identities, 10_000)
    tags.append("y")

    assert dict(identities)["a"].tags is tags


def test_a_part_that_is_let_go_of_in_the_end_keeps_nothing():
    identities = IdentityMap(is_changed)
    for number in range(10_000):
        note = loaded(str(number))
        identities.loosen(note.id, note)
        tags = note.tags  # held while the next document comes
    del tags, note

    assert len(identities) < 3_000


def test_a_document_in_a_circle_of_references_is_not_lost():
    identities, note = IdentityMap(is_changed), loaded("a")
    note.tags.append(note)
    note.tags.pop()
    note.tags.append("y")
    circle = [note]
    circle.append(circle)
    identities.loosen("a", note)
    del note, circle
    gc.collect()

    assert identities.find("a").tags == ["x", "y"]


def test_documents_under_way_do_not_keep_the_map():
    identities = IdentityMap(is_changed)
    note, seen = loaded("a"), weakref.ref(identities)
    identities.loosen("a", note)
    del identities

    assert seen() is None


@pytest.mark.parametrize("spoil", ["when = 'text'", "key = 5", "del"])
def test_what_does_not_fit_its_field_disturbs_nobody_else_and_comes_back(spoil: str):
    identities, meeting = IdentityMap(is_changed), mapper.load(Meeting, MEETING)
    identities.loosen("a", meeting)
    match spoil:
        case "del":
            del meeting.when
        case _:
            name, value = spoil.split(" = ")
            setattr(meeting, name, ast.literal_eval(value))
    del meeting
    let_go(identities, 10_000)

    assert "a" in identities


def test_a_document_comes_back_past_a_setattr_of_its_own():
    identities, guarded = IdentityMap(is_changed), mapper.load(Guarded, {**MEETING, "type": "guarded"})
    identities.loosen("a", guarded)
    guarded.key = "changed"
    del guarded

    assert identities.find("a").key == "changed"
