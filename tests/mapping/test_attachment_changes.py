"""What is pending of attachments, laid over JSON and taken from it again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import AttachmentError
from couchmapper.mapping.attachment_changes import LARGE, AttachmentChanges
from couchmapper.mapping.contents import content_of
from couchmapper.revisions import edit_revision

STUB = {
    "content_type": "a/b",
    "revpos": 1,
    "digest": "md5-XUFAKrxLKna5cZ2REBfFkg==",
    "length": 5,
    "stub": True,
}
NONE = AttachmentChanges()

names = st.sampled_from("abcd")
steps = st.lists(st.tuples(st.sampled_from(["add", "remove"]), names), max_size=8)


def added(**contents: bytes) -> AttachmentChanges:
    changes = NONE
    for name, data in contents.items():
        changes = changes.adding(content_of(name, data))
    return changes


def test_nothing_is_nothing():
    assert not NONE
    assert NONE.removing("a", is_stored=True)
    assert not added(a=b"").removing("a", is_stored=False)


def test_kept_attachments_stay_and_new_ones_come_last():
    json = {"_id": "d", "_attachments": {"a": STUB, "b": STUB, "c": STUB}, "n": 1}
    changes = added(a=b"new", d=b"").removing("b", is_stored=True)

    stored = changes.stored(json)

    assert list(stored) == ["_id", "_attachments", "n"]
    assert list(stored["_attachments"]) == ["c", "a", "d"]
    assert stored["_attachments"]["c"] is STUB
    assert changes.new_names(stored) == {"a", "d"}


def test_a_document_that_has_none_left_has_no_member():
    json = {"_id": "d", "_attachments": {"a": STUB}}

    assert NONE.removing("a", is_stored=True).stored(json) == {"_id": "d"}


@given(st.sets(names), steps)
def test_laying_changes_over_json_twice_is_laying_them_once(stored_names, taken):
    json = {"_id": "d", "_attachments": dict.fromkeys(sorted(stored_names), STUB)}
    changes, expected = NONE, set(stored_names)
    for step, name in taken:
        if step == "add":
            changes, expected = changes.adding(content_of(name, b"x")), expected | {name}
        elif name in expected:
            changes = changes.removing(name, is_stored=name in stored_names)
            expected = expected - {name}

    stored = changes.stored(json)

    assert stored.get("_attachments", {}).keys() == expected
    assert changes.stored(stored) == stored


def test_small_ones_are_written_into_the_document():
    changes = added(a=b"hello")
    stored = changes.stored({"_id": "d", "_attachments": {"b": STUB}})

    written = changes.written(stored)

    assert written["_attachments"] == {
        "b": STUB,
        "a": {"content_type": "application/octet-stream", "data": "aGVsbG8="},
    }
    assert changes.beside(stored) == ()


def test_large_ones_follow_the_document():
    changes = added(a=bytes(LARGE), b=b"1")
    stored = changes.stored({"_id": "d"})

    assert [one.name for one in changes.beside(stored)] == ["a", "b"]
    assert all(stub["follows"] for stub in changes.written(stored)["_attachments"].values())


def test_what_json_has_from_elsewhere_is_left_alone():
    changes = added(a=bytes(LARGE + 1))
    theirs = {"_id": "d", "_attachments": {"a": STUB}}

    assert changes.written(theirs) is theirs
    assert changes.beside(theirs) == ()


def test_the_digest_is_told_when_the_revision_proves_it():
    changes = added(a=b"hello")
    stored = changes.stored({"_id": "d", "_rev": "2-a", "n": 1})
    rev = edit_revision(stored)
    told = {"content_type": "application/octet-stream", "revpos": 3, "length": 5, "stub": True}

    assert rev is not None
    certain = changes.settled(stored, rev)
    assert certain["_rev"] == rev
    assert certain["_attachments"]["a"] == {**told, "digest": "md5-XUFAKrxLKna5cZ2REBfFkg=="}
    assert changes.settled(stored, "3-other")["_attachments"]["a"] == told


def test_a_new_document_counts_from_one_on_a_tombstone_as_well():
    changes = added(a=b"hello")

    settled = changes.settled(changes.stored({"_id": "d"}), "8-other")

    assert settled["_attachments"]["a"]["revpos"] == 1


def test_what_was_changed_after_it_was_sent_stays_to_be_saved():
    sent = added(a=b"1", b=b"2").removing("x", is_stored=True)
    json = sent.stored({"_id": "d", "_attachments": {"x": STUB}})
    later = sent.adding(content_of("a", b"new")).removing("b", is_stored=False).removing("y", is_stored=True)

    left = later.since(sent, json)

    assert list(left.added) == ["a"]
    assert left.removed == {"b", "y"}
    assert not sent.since(sent, json)


def test_faults_name_each_file_that_has_gone(tmp_path):
    changes = NONE
    for name in "abc":
        (tmp_path / name).write_bytes(b"1")
        changes = changes.adding(content_of(name, tmp_path / name))
    (tmp_path / "a").unlink()
    (tmp_path / "c").unlink()

    assert [fault.path for fault in changes.faults()] == ["attachments['a']", "attachments['c']"]
    with pytest.raises(AttachmentError):
        changes.written(changes.stored({"_id": "d"}))
