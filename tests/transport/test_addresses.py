from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.exceptions import BadRequest, InvalidURL
from couchmapper.messages import Request
from couchmapper.transport.addresses import Address

UNRESERVED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
SEGMENTS = st.text(min_size=1).filter(lambda text: text not in {".", ".."})


def target(*path: str, prefix: str = "", **query: str) -> str:
    address = Address(origin="http://couchdb.test", prefix=prefix)
    return address.target(Request(method="GET", path=path, route="/", query=query))


@given(path=st.lists(SEGMENTS, min_size=1))
def test_every_segment_comes_back_from_its_own_place(path):
    encoded = target(*path)

    assert [unquote(part) for part in encoded.split("/")[1:]] == path


@given(path=st.lists(SEGMENTS, min_size=1), value=st.text())
def test_a_target_holds_only_characters_that_mean_themselves(path, value):
    encoded = target(*path, key=value)

    assert set(encoded) <= UNRESERVED | set("/?=%")


@given(value=st.text())
def test_a_query_value_comes_back_whole(value):
    assert unquote(target("db", key=value).partition("?key=")[2]) == value


@pytest.mark.parametrize("segment", ["", ".", ".."])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_segment_of_dots_is_refused_anywhere(segment, place):
    path = ["a", "b", "c"]
    path[place] = segment

    with pytest.raises(BadRequest, match=r"GET /"):
        target(*path)


def test_a_segment_that_only_holds_dots_among_others_is_fine():
    assert target("...", ".a", "%2e") == "/.../.a/%252e"


def test_no_segments_are_the_root():
    assert (target(), target(prefix="/couch")) == ("/", "/couch")


@pytest.mark.parametrize(
    ("url", "origin", "prefix"),
    [
        ("http://couchdb.test", "http://couchdb.test", ""),
        ("http://couchdb.test:5984/", "http://couchdb.test:5984", ""),
        ("HTTPS://CouchDB.test/a/b/", "https://couchdb.test", "/a/b"),
        ("http://[::1]:5984", "http://[::1]:5984", ""),
        ("http://bücher.test", "http://xn--bcher-kva.test", ""),
    ],
)
def test_a_url_has_an_origin_and_a_prefix(url, origin, prefix):
    assert Address.parse(url) == Address(origin=origin, prefix=prefix)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "couchdb.test",
        "ftp://couchdb.test",
        "http://",
        "http://couchdb.test:port",
        "http://couchdb.test:99999",
        "http://[::1",
        "http://couchdb.test/?a=1",
        "http://couchdb.test/#a",
        "http://couchdb.test/a/../b",
        "http://couchdb.test/a//b",
        "http://user@couchdb.test",
        "http://ü..test",
    ],
)
def test_what_is_no_servers_url_is_refused(url):
    with pytest.raises(InvalidURL):
        Address.parse(url)
