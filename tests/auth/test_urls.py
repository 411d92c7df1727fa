"""A URL says which store, where, and who asks; nothing that is shown holds the password."""

import pytest

from couchmapper.auth.urls import StoreURL
from couchmapper.exceptions import InvalidURL


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("memory:", StoreURL(scheme="memory")),
        ("sqlite:///a%20b.db", StoreURL(scheme="sqlite", place="a b.db")),
        ("sqlite:////srv/shop.db", StoreURL(scheme="sqlite", place="/srv/shop.db")),
        ("http://localhost:5984/", StoreURL(scheme="http", place="http://localhost:5984")),
        ("https://[::1]/base/", StoreURL(scheme="https", place="https://[::1]/base")),
        ("http://a%40b:p%2Fw@h", StoreURL(scheme="http", place="http://h", username="a@b", password="p/w")),
        ("http://ann@h", StoreURL(scheme="http", place="http://h", username="ann")),
        ("http://ann:@h", StoreURL(scheme="http", place="http://h", username="ann", password="")),
    ],
)
def test_a_url_is_read_into_its_parts(text: str, url: StoreURL):
    assert StoreURL.parse(text) == url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("memory:", "memory:"),
        ("sqlite:///shop.db", "sqlite:///shop.db"),
        ("https://ann:s3cr3t@h:1/x", "https://h:1/x"),
    ],
)
def test_a_url_is_shown_without_user_and_password(text: str, shown: str):
    url = StoreURL.parse(text)

    assert str(url) == shown
    assert "s3cr3t" not in repr(url)


def test_an_embedded_store_lives_in_this_process():
    assert StoreURL.parse("memory:").embedded
    assert StoreURL.parse("sqlite:///x").embedded
    assert not StoreURL.parse("http://x").embedded


def test_bytes_that_are_no_utf8_are_told_without_them():
    with pytest.raises(InvalidURL, match="UTF-8") as caught:
        StoreURL.parse("http://ann:se%ffcret@h")

    assert "cret" not in str(caught.value)
    assert caught.value.__context__ is None
