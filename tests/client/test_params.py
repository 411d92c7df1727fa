import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from couchmapper.client.params import (
    UNSET,
    database_name,
    design_name,
    document_id,
    flags,
    given,
    json_text,
    local_name,
    matching,
    query,
    stored_id,
)
from couchmapper.exceptions import IllegalDatabaseName, IllegalDocumentId, InvalidJSON

NO_NAMES = ["", ".", "..", None, 1, b"a", ["a"], "a\ud800"]


@generated(st.text(min_size=1).filter(lambda text: text not in {".", ".."} and text[0] != "_"))
def test_any_unicode_text_is_a_document_id(id):
    assert document_id(id) == id


@pytest.mark.parametrize("id", [*NO_NAMES, "_x", "_design/x", "_local/x"], ids=repr)
def test_what_would_reach_something_else_is_no_document_id(id):
    with pytest.raises(IllegalDocumentId):
        document_id(id)


@pytest.mark.parametrize("name", [*NO_NAMES, "_all_dbs", "_session"], ids=repr)
def test_what_would_reach_something_else_is_no_database_name(name):
    with pytest.raises(IllegalDatabaseName):
        database_name(name)


@pytest.mark.parametrize("name", ["a", "a/b", "a+b", "_users", "_replicator", "_global_changes", "Letters"])
def test_the_store_judges_all_other_database_names(name):
    assert database_name(name) == name


@pytest.mark.parametrize("name", ["orders", "_design/orders"])
def test_a_design_name_may_have_its_prefix(name):
    assert design_name(name) == "orders"


@pytest.mark.parametrize("name", ["a/b", "_local/a/b"])
def test_a_local_name_may_have_its_prefix(name):
    assert local_name(name) == "a/b"


@pytest.mark.parametrize("name", [*NO_NAMES, "_design/", "_design/.", "_design/.."], ids=repr)
def test_a_design_document_has_a_name(name):
    with pytest.raises(IllegalDocumentId):
        design_name(name)


@pytest.mark.parametrize("name", [*NO_NAMES, "_local/", "_local/.", "_local/.."], ids=repr)
def test_a_local_document_has_a_name(name):
    with pytest.raises(IllegalDocumentId):
        local_name(name)


def test_a_document_without_an_id_has_to_be_posted():
    with pytest.raises(IllegalDocumentId, match=r"post\(\)"):
        stored_id({"type": "order"})


def test_unset_shows_itself():
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("1-a", '"1-a"'),
        ("WzEsImQ4MjcwNDkwIg==", '"WzEsImQ4MjcwNDkwIg=="'),
        ('"1-a"', '"1-a"'),
        ('W/"1-a"', 'W/"1-a"'),
        ("*", "*"),
        ("*a", '"*a"'),
    ],
)
def test_what_is_no_tag_yet_is_written_as_one(told, sent):
    assert matching(if_match=told, if_none_match=told) == {"If-Match": sent, "If-None-Match": sent}


def test_none_is_not_given():
    assert given(limit=0, skip=None, reduce=False) == {"limit": 0, "reduce": False}


def test_flags_are_sent_when_they_are_up():
    assert flags(descending=True, conflicts=False) == {"descending": True}


def test_a_query_spells_text_as_it_is_and_the_rest_as_json():
    parameters = {"rev": "1-a", "revs": True, "limit": 3, "keys": ["a", None]}

    assert query(parameters) == {"rev": "1-a", "revs": "true", "limit": "3", "keys": '["a",null]'}


def test_a_key_in_a_query_is_json():
    assert json_text("a") == '"a"'


def test_a_key_that_json_cannot_hold_is_refused():
    with pytest.raises(InvalidJSON):
        json_text(float("nan"))
