"""One object per document."""

import pytest

from couchmapper.exceptions import IdentityError
from couchmapper.mapping import Document, Mapped
from couchmapper.session.identity import IdentityMap


class Note(Document, id="{key}"):
    key: Mapped[str]


def test_a_document_is_found_under_its_id():
    identities, note = IdentityMap(), Note(key="a")
    identities.add(note)

    assert identities.find("a") is note
    assert identities.find("b") is None


def test_equal_documents_are_not_the_same_document():
    identities, note = IdentityMap(), Note(key="a")
    identities.add(note)

    assert identities.holds(note)
    assert not identities.holds(Note(key="a"))


def test_an_id_has_one_object():
    identities = IdentityMap()
    identities.add(Note(key="a"))

    with pytest.raises(IdentityError):
        identities.add(Note(key="a"))


def test_documents_keep_the_order_in_which_they_came_and_the_id_under_which_they_are_known():
    identities = IdentityMap()
    for key in "cab":
        identities.add(Note(key=key))
    identities.find("a").id = "z"

    assert [known_id for known_id, _ in identities] == ["c", "a", "b"]


def test_documents_can_be_removed_while_they_are_gone_through():
    identities = IdentityMap()
    for key in "abc":
        identities.add(Note(key=key))

    for known_id, _ in identities:
        identities.remove(known_id)

    assert len(identities) == 0
