import pytest


@pytest.fixture
def shop(ask):
    """A database with one document: the leaf 3-c with its history, and the leaf 3-d without."""
    known = [{"_id": "a", "_revisions": {"start": 3, "ids": ["c", "b"]}}, {"_id": "a", "_rev": "3-d"}]
    ask("POST", "/shop/_bulk_docs", {"docs": known, "new_edits": False})
    return ask


def test_the_difference_is_what_is_not_here_and_where_it_may_come_from(shop):
    wanted = {"a": ["3-c", "2-b", "4-x", "2-a"], "new": ["1-a", "1-a"]}

    assert shop("POST", "/shop/_revs_diff", wanted).json() == {
        "a": {"missing": ["2-a", "4-x"], "possible_ancestors": ["3-d", "3-c"]},
        "new": {"missing": ["1-a", "1-a"]},
    }


def test_what_is_all_here_is_not_told(shop):
    assert shop("POST", "/shop/_revs_diff", {"a": ["3-c"], "b": []}).json() == {}
    assert shop("POST", "/shop/_missing_revs", {"a": ["3-c"]}).json() == {"missing_revs": {}}


def test_missing_revisions_are_named(shop):
    wanted = {"a": ["4-x", "3-c"], "new": ["1-a"]}

    assert shop("POST", "/shop/_missing_revs", wanted).json() == {
        "missing_revs": {"a": ["4-x"], "new": ["1-a"]}
    }


@pytest.mark.parametrize("wanted", [{"a": ["abc"]}, {"a": [5]}, {"a": "3-c"}, []])
def test_what_is_no_list_of_revisions_is_refused(shop, wanted: object):
    assert shop("POST", "/shop/_revs_diff", wanted).status == 400
