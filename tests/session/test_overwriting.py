import pytest

from couchmapper.exceptions import ResolutionError
from couchmapper.session.overwriting import over_winner

STUB = {"stub": True, "digest": "md5-1", "revpos": 1}
OTHER = {"stub": True, "digest": "md5-2", "revpos": 2}

WINNER = {"_id": "a", "_rev": "2-b", "n": 1, "_attachments": {"x": STUB}}
LOSER = {"_id": "a", "_rev": "2-a", "n": 2, "_attachments": {"x": OTHER, "y": OTHER}}


def sent(result, *, is_whole=False):
    return over_winner(result, [WINNER, LOSER], is_whole=is_whole)


def test_a_result_is_sent_over_the_winner():
    assert sent({"n": 3}) == {"_id": "a", "_rev": "2-b", "n": 3, "_attachments": {"x": STUB}}


def test_what_is_couchdbs_own_is_not_sent_back():
    result = sent({"_id": "a", "_rev": "1-z", "_conflicts": ["1-y"], "_revisions": {}, "n": 3})

    assert sorted(result) == ["_attachments", "_id", "_rev", "n"]


def test_a_whole_result_without_attachments_has_none():
    assert "_attachments" not in sent({"n": 3}, is_whole=True)


def test_a_result_can_say_that_it_has_no_attachments():
    assert "_attachments" not in sent({"n": 3, "_attachments": {}})


def test_an_attachment_of_the_winner_is_named_by_its_stub():
    assert sent({"_attachments": {"x": {"stub": True}}})["_attachments"] == {"x": STUB}


def test_an_attachment_whose_digest_is_not_known_is_that_of_its_name():
    stub = {"stub": True, "revpos": 2}
    winner = {**WINNER, "_attachments": {"x": stub}}

    assert over_winner(winner, [winner], is_whole=True) == winner


def test_an_attachment_with_data_is_sent_as_it_is():
    data = {"content_type": "text/plain", "data": "aGk="}

    assert sent({"_attachments": {"y": data}})["_attachments"] == {"y": data}


@pytest.mark.parametrize("name", ["x", "y"])
def test_an_attachment_that_only_a_loser_has_is_refused(name):
    with pytest.raises(ResolutionError, match=r"only the losing revision 2-a has.*rev='2-a'"):
        sent({"_attachments": {name: OTHER}})


def test_an_attachment_that_nobody_has_is_refused():
    with pytest.raises(ResolutionError, match="no living revision has this attachment 'z'"):
        sent({"_attachments": {"z": {"stub": True}}})


def test_another_document_is_refused():
    with pytest.raises(ResolutionError, match="another document"):
        sent({"_id": "b"})


def test_a_tombstone_is_refused():
    with pytest.raises(ResolutionError, match="None"):
        sent({"_id": "a", "_deleted": True})


def test_nothing_that_is_given_is_changed():
    result = {"n": 3, "_attachments": {"x": {"stub": True}}}

    sent(result)

    assert result == {"n": 3, "_attachments": {"x": {"stub": True}}}
