import gzip

import pytest

from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request
from couchmapper.streams import Upload
from couchmapper.transport.compression import CompressionTransport
from couchmapper.transport.mock import MockTransport, json_response

JSON = {"Content-Type": "application/json"}
LARGE = b'{"text":"' + b"a" * 20_000 + b'"}'


def sent(body, headers=JSON, path=("db", "_bulk_docs"), **settings) -> Request:
    inner = MockTransport(lambda _: json_response({}))
    request = Request(method="POST", path=path, route="/", headers=headers, body=body)
    CompressionTransport(inner, **settings).send(request)
    return inner.requests[0]


def test_a_large_json_body_is_compressed():
    request = sent(LARGE)

    assert request.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(request.body) == LARGE


def test_equal_bodies_give_equal_bytes():
    assert sent(LARGE).body == sent(LARGE).body


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"a":1}', JSON),
        (LARGE, {"Content-Type": "text/plain"}),
        (LARGE, {"Content-Type": "image/png"}),
        (LARGE, {}),
        (LARGE, {**JSON, "content-encoding": "gzip"}),
        (None, JSON),
    ],
    ids=["small", "text", "image", "no type", "packed already", "none"],
)
def test_other_bodies_go_as_they_are(body, headers):
    assert sent(body, headers) == Request(
        method="POST", path=("db", "_bulk_docs"), route="/", headers=headers, body=body
    )


def test_a_stream_goes_as_it_is():
    upload = Upload(iter([LARGE]))

    assert sent(upload).body is upload


def test_a_login_goes_as_it_is():
    assert sent(LARGE, path=("_session",)).body == LARGE


def test_the_threshold_can_be_set():
    assert "Content-Encoding" in sent(b'"' + b"a" * 100 + b'"', threshold=50).headers


@pytest.mark.parametrize("threshold", [-1, True, "16", None])
def test_a_threshold_that_is_no_size_is_refused(threshold):
    with pytest.raises(ConfigurationError, match="compress"):
        CompressionTransport(MockTransport(lambda _: json_response({})), threshold=threshold)
