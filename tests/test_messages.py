"""What passes the seam: requests, answers, and their limits in time."""

import io

import pytest

from couchmapper.exceptions import ConfigurationError, InvalidJSON
from couchmapper.messages import Request, Response, Timeout

GET = Request(method="GET", path=("a",), route="/{db}", headers={"X": "1"})


def test_ten_minutes_is_the_most_that_an_exchange_may_take():
    assert Timeout() == Timeout(connect=10, read=150, total=600)


def test_a_long_wait_for_bytes_makes_the_whole_longer():
    assert Timeout(read=1800).total == 7200
    assert Timeout(read=None).total is None
    assert Timeout(read=1800, total=60).total == 60


@pytest.mark.parametrize(
    ("short", "meant"),
    [
        (5, Timeout(connect=5, read=5, total=5)),
        (0.5, Timeout(connect=0.5, read=0.5, total=0.5)),
        ((3, 7), Timeout(connect=3, read=7, total=600)),
        ((None, None), Timeout(connect=None, read=None, total=None)),
        (Timeout(total=3), Timeout(total=3)),
    ],
)
def test_a_number_limits_everything_and_a_pair_its_two_parts(short, meant):
    assert Timeout.of(short) == meant


@pytest.mark.parametrize("wrong", ["5", True, (1, 2, 3), (0, 1), -1, (1, "2"), None])
def test_what_is_no_limit_is_refused(wrong):
    with pytest.raises(ConfigurationError, match="timeout"):
        Timeout.of(wrong)


def test_headers_that_are_given_replace_those_that_are_there():
    assert GET.with_headers({"X": "2", "Y": "3"}).headers == {"X": "2", "Y": "3"}
    assert GET.headers == {"X": "1"}


def test_a_body_comes_with_its_headers():
    request = GET.with_body(b"{}", {"Content-Type": "application/json"})

    assert (request.body, request.headers) == (b"{}", {"X": "1", "Content-Type": "application/json"})


def test_a_whole_body_and_one_that_arrives_are_opened_alike():
    assert Response(status=200, body=b"abc").open().read(2) == b"ab"
    assert Response(status=200, stream=io.BytesIO(b"xyz")).open().read(2) == b"xy"


def test_a_body_that_is_no_json_says_so():
    with pytest.raises(InvalidJSON):
        Response(status=200, body=b"<html>").json()
