import pytest

from couchmapper.auth.arguments import (
    at_most_one,
    both_or_neither,
    header_fields,
    header_text,
    server_url,
    text,
    visible,
)
from couchmapper.exceptions import ConfigurationError, InvalidURL


@pytest.mark.parametrize("value", [None, 5, b"bytes", "", "\ud800"], ids=repr)
def test_what_is_no_text_is_refused_by_name(value):
    with pytest.raises(ConfigurationError, match=r"^apikey "):
        text("apikey", value)


def test_text_may_be_empty_where_that_means_something():
    assert text("password", "", empty=True) == ""


@pytest.mark.parametrize("value", ['"quoted"', "{braced}", "with space", "größe"])
def test_text_may_begin_and_end_with_anything_visible(value):
    assert header_text("password", value) == value


@pytest.mark.parametrize("value", ["key\n", "ke\ry", "\tkey", "k\x00y", "key ", "\x7fkey"], ids=repr)
def test_what_no_header_can_hold_is_refused_without_being_shown(value):
    with pytest.raises(ConfigurationError, match=r"^apikey holds") as caught:
        header_text("apikey", value)

    assert "k\x00y" not in str(caught.value)
    assert "key\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["two words", "größe"])
def test_a_token_is_visible_ascii(value):
    with pytest.raises(ConfigurationError, match=r"^token holds"):
        visible("token", value)


def test_names_of_headers_are_spelled_in_one_way():
    assert header_fields("headers", {"x-request-id": "1"}) == {"X-Request-Id": "1"}
    assert header_fields("headers", None) == {}


@pytest.mark.parametrize("fields", [{"": "1"}, {"a b": "1"}, {"a\n": "1"}, {"a": "1\r\nb: 2"}, {"a": 1}])
def test_headers_that_cannot_be_sent_are_refused(fields):
    with pytest.raises(ConfigurationError, match=r"^headers"):
        header_fields("headers", fields)


def test_a_part_of_what_belongs_together_is_refused():
    both_or_neither(client_id=None, client_secret=None)
    both_or_neither(client_id="a", client_secret="b")

    with pytest.raises(
        ConfigurationError, match=r"client_id and client_secret belong.*client_secret is missing"
    ):
        both_or_neither(client_id="a", client_secret=None)


def test_more_than_one_of_several_is_refused():
    assert at_most_one(a=None, b=None) is None
    assert at_most_one(a=None, b="x") == "b"

    with pytest.raises(ConfigurationError, match="only one of a, b, c, not a and c"):
        at_most_one(a="x", b=None, c="y")


@pytest.mark.parametrize("url", [None, "", "iam.cloud.ibm.com", "ftp://host", "http://", "http://u:pw@host"])
def test_a_url_of_no_server_is_refused_without_its_password(url):
    with pytest.raises(ConfigurationError, match=r"^url") as caught:
        server_url(url)

    assert "pw" not in str(caught.value)


def test_a_url_that_cannot_be_read_is_an_invalid_url():
    with pytest.raises(InvalidURL):
        server_url("https://[::1")
