import gzip
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import urllib3

from couchmapper.exceptions import (
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    CouchMapperError,
    InvalidAnswer,
    InvalidURL,
    TLSFailed,
    TransportTimeout,
)
from couchmapper.messages import Request, Timeout
from couchmapper.transport.http import HTTPTransport
from couchmapper.transport.http_errors import translate

UP = Request(method="GET", path=("_up",), route="/_up", repeatable=True)
QUICK = (1.0, 0.2)


def subclasses(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*(subclasses(below) for below in kind.__subclasses__()))


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def speak_plainly(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.recv(4096)


def test_an_answer_has_status_headers_in_lower_case_and_body(loopback):
    server = loopback(loopback.answer(b'{"a":1}\n', status="201 Created", ETag='"1-a"'))

    with_tag = HTTPTransport(server.url).send(UP)

    assert (with_tag.status, with_tag.headers["etag"], with_tag.json()) == (201, '"1-a"', {"a": 1})


def test_path_and_query_are_encoded_once(loopback):
    server = loopback(loopback.answer())

    HTTPTransport(server.url).send(
        Request(method="GET", path=("a/b+c", "_design", "x y", "é~%41"), route="/", query={"key": '"a&b=ü"'})
    )

    line = "GET /a%2Fb%2Bc/_design/x%20y/%C3%A9~%2541?key=%22a%26b%3D%C3%BC%22 HTTP/1.1"
    assert server.received[0].line == line


def test_a_prefix_of_the_url_stands_before_every_path(loopback):
    server = loopback(loopback.answer(), loopback.answer())
    transport = HTTPTransport(server.url + "/couch/one/")

    transport.send(UP)
    transport.send(Request(method="GET", path=(), route="/"))

    lines = [request.line for request in server.received]
    assert lines == ["GET /couch/one/_up HTTP/1.1", "GET /couch/one HTTP/1.1"]


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_a_segment_that_would_move_the_path_is_never_sent(loopback, segment):
    server = loopback()
    delete = Request(method="DELETE", path=("shop", segment), route="/{db}/{doc_id}")

    with pytest.raises(BadRequest, match="another resource"):
        HTTPTransport(server.url).send(delete)

    assert server.connections == 0


def test_a_body_is_sent_with_its_length(loopback):
    server = loopback(loopback.answer())
    body = '{"name":"Jürgen"}'.encode()

    HTTPTransport(server.url).send(
        Request(
            method="POST",
            path=("db",),
            route="/{db}",
            body=body,
            headers={"Content-Type": "application/json"},
        )
    )

    assert server.received[0].body == body
    assert server.received[0].headers["content-length"] == str(len(body))
    assert "transfer-encoding" not in server.received[0].headers


def test_a_compressed_answer_is_unpacked(loopback):
    packed = gzip.compress(b'{"ok":true}\n')
    server = loopback(loopback.answer(packed, content_encoding="gzip"))

    assert HTTPTransport(server.url).send(UP).json() == {"ok": True}
    assert "gzip" in server.received[0].headers["accept-encoding"]


def test_one_connection_serves_many_requests(loopback):
    server = loopback(*[loopback.answer()] * 3)
    transport = HTTPTransport(server.url)

    for _ in range(3):
        transport.send(UP)

    assert server.connections == 1


def test_threads_share_a_transport(loopback):
    server = loopback(*[loopback.answer()] * 40)
    transport = HTTPTransport(server.url)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(transport.send, [UP] * 40))

    assert [answer.json() for answer in answers] == [{"ok": True}] * 40
    assert threading.active_count() < 40


def test_a_netrc_file_does_not_replace_the_authorization(loopback, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = loopback(loopback.answer(), loopback.answer())
    transport = HTTPTransport(server.url)

    transport.send(UP)
    transport.send(UP.with_headers({"Authorization": "Bearer token"}))

    sent = [request.headers.get("authorization") for request in server.received]
    assert sent == [None, "Bearer token"]


def test_cookies_of_the_server_are_left_to_the_authentication(loopback):
    server = loopback(loopback.answer(Set_Cookie="AuthSession=abc; Path=/"), loopback.answer())
    transport = HTTPTransport(server.url)

    first = transport.send(UP)
    transport.send(UP)

    assert first.headers["set-cookie"] == "AuthSession=abc; Path=/"
    assert "cookie" not in server.received[1].headers


def test_a_plain_proxy_is_asked_with_the_whole_url(loopback):
    proxy = loopback(loopback.answer())

    HTTPTransport("http://couchdb.test:5984/prefix", proxy=proxy.url).send(UP)

    assert proxy.received[0].line == "GET http://couchdb.test:5984/prefix/_up HTTP/1.1"


def test_the_environment_names_the_proxy_once_at_the_start(loopback, monkeypatch):
    proxy = loopback(loopback.answer())
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "")
    transport = HTTPTransport("http://couchdb.test:5984")
    monkeypatch.delenv("http_proxy")

    assert transport.send(UP).status == 200


def test_the_environment_can_be_left_out(loopback, monkeypatch):
    server = loopback(loopback.answer())
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("no_proxy", "")

    assert HTTPTransport(server.url, trust_environment=False).send(UP).status == 200


def test_a_ca_bundle_that_is_not_there_is_refused_at_once():
    with pytest.raises(ConfigurationError, match=r"CA bundle '/nowhere/ca\.pem' does not exist"):
        HTTPTransport("https://couchdb.test", verify="/nowhere/ca.pem")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_with_the_place_it_points_to(loopback, status):
    server = loopback(
        loopback.answer(status=f"{status} Moved", Location="https://ann:hidden@other.test/db?token=hidden")
    )
    write = Request(method="POST", path=("db",), route="/{db}", body=b"{}")

    with pytest.raises(InvalidAnswer, match=r"points to 'https://other.test/db'") as caught:
        HTTPTransport(server.url).send(write)

    assert "hidden" not in str(caught.value)
    assert len(server.received) == 1


def test_a_refused_connection_sent_nothing():
    port = closed_port()

    with pytest.raises(ConnectionFailed, match=rf"127\.0\.0\.1:{port}: Connection refused; check") as caught:
        HTTPTransport(f"http://127.0.0.1:{port}").send(UP)

    assert caught.value.sent is False


def test_an_unknown_host_sent_nothing():
    with pytest.raises(ConnectionFailed, match="check that the server runs") as caught:
        HTTPTransport("http://nowhere.invalid", trust_environment=False).send(UP)

    assert caught.value.sent is False


def test_after_a_reset_it_is_open_whether_the_request_was_done(loopback):
    server = loopback(loopback.reset)

    with pytest.raises(ConnectionFailed, match="not known") as caught:
        HTTPTransport(server.url).send(UP)

    assert caught.value.sent is True


def test_half_an_answer_is_a_failed_connection(loopback):
    server = loopback(loopback.half)

    with pytest.raises(ConnectionFailed):
        HTTPTransport(server.url).send(UP)


def test_a_silent_server_is_a_timeout(loopback):
    server = loopback(loopback.silence)

    with pytest.raises(TransportTimeout, match="no answer in the time allowed") as caught:
        HTTPTransport(server.url, timeout=QUICK).send(UP)

    assert caught.value.sent is True


def test_a_request_can_have_its_own_patience(loopback):
    server = loopback(loopback.silence)
    hasty = Request(method="GET", path=("_up",), route="/_up", timeout=Timeout(read=0.1))

    with pytest.raises(TransportTimeout):
        HTTPTransport(server.url, timeout=(1.0, 60.0)).send(hasty)


def test_broken_compression_is_an_invalid_answer(loopback):
    server = loopback(loopback.answer(b"this is no gzip", content_encoding="gzip"))

    with pytest.raises(InvalidAnswer, match="compression"):
        HTTPTransport(server.url).send(UP)


def test_a_server_without_tls_is_a_tls_failure():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = HTTPTransport(f"https://127.0.0.1:{listener.getsockname()[1]}")
        threading.Thread(target=speak_plainly, args=(listener,)).start()

        with pytest.raises(TLSFailed, match="verify="):
            transport.send(UP)


def test_a_dead_proxy_sent_nothing():
    transport = HTTPTransport("https://couchdb.test", proxy=f"http://user:hidden@127.0.0.1:{closed_port()}")

    with pytest.raises(ConnectionFailed, match="the proxy refuses") as caught:
        transport.send(UP)

    assert caught.value.sent is False
    assert "hidden" not in str(caught.value)


def test_a_closed_transport_says_so(loopback):
    server = loopback(loopback.answer())
    transport = HTTPTransport(server.url)
    transport.send(UP)
    transport.close()
    transport.close()

    with pytest.raises(ConnectionFailed, match="closed") as caught:
        transport.send(UP)

    assert caught.value.sent is False


@pytest.mark.parametrize("text", ["a\r\nX-Other: b", "a\nb", "a\x00", "\u20ac"])
def test_a_header_that_http_forbids_is_refused_and_not_shown(loopback, text):
    server = loopback()

    for headers in ({"X-Name": text + "hidden"}, {"X-" + text + "hidden": "a"}):
        with pytest.raises(ConfigurationError, match="GET /_up: a header holds characters") as caught:
            HTTPTransport(server.url).send(UP.with_headers(headers))
        assert "hidden" not in str(caught.value)

    assert server.connections == 0


@pytest.mark.parametrize(
    "foreign",
    sorted(
        subclasses(requests.RequestException) | subclasses(urllib3.exceptions.HTTPError),
        key=lambda kind: (kind.__module__, kind.__name__),
    ),
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_every_foreign_error_has_a_class_of_ours(foreign):
    error = foreign.__new__(foreign)

    translated = translate(error, "http://couchdb.test")

    assert isinstance(translated, CouchMapperError)
    assert "http://couchdb.test" in str(translated)


def test_the_foreign_error_stays_the_cause(loopback):
    server = loopback(loopback.reset)

    with pytest.raises(ConnectionFailed) as caught:
        HTTPTransport(server.url).send(UP)

    assert isinstance(caught.value.__cause__, requests.ConnectionError)


def test_a_password_in_the_url_is_refused_and_not_shown():
    with pytest.raises(InvalidURL, match="BasicAuth") as caught:
        HTTPTransport("http://admin:hidden@couchdb.test")

    assert "hidden" not in str(caught.value)


def test_the_representation_is_the_url():
    assert repr(HTTPTransport("http://couchdb.test:5984/a")) == "HTTPTransport('http://couchdb.test:5984/a')"
