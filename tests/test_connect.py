"""One URL says which store; a wrong one is told with the right forms, and no text holds a password."""

import base64
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from couchmapper.auth.base import NoAuth
from couchmapper.connect import connect
from couchmapper.exceptions import (
    ConfigurationError,
    ConnectionFailed,
    CouchMapperError,
    InvalidAnswer,
    InvalidURL,
    NotFound,
    Unauthorized,
)
from couchmapper.transport.retry import RetryPolicy

ONCE = RetryPolicy(attempts=1)
NOBODY = "127.0.0.1:9"  # the discard port, where nobody listens


@contextmanager
def serve(
    status: int, body: bytes, content_type: str = "application/json"
) -> Iterator[tuple[str, list[str]]]:
    """Answer every request alike; yield host and port, and the `Authorization` headers that came."""
    seen: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def test_memory_is_a_store_of_its_own():
    with connect("memory:") as first, connect("memory:") as second:
        first.databases.create("shop")

        assert first.databases.exists("shop")
        assert not second.databases.exists("shop")


@pytest.mark.parametrize("relative", ["shop.db", "a%20b.db", "sub/shop.db", "50%25.db", "a%3Fb%23c.db"])
def test_a_file_is_a_store_that_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relative: str):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    with connect(f"sqlite:///{relative}") as client:
        client.databases.create("shop")

    assert (tmp_path / unquote(relative)).exists()
    with connect(f"sqlite:///{tmp_path}/{relative}") as client:
        assert client.databases.exists("shop")


def test_http_is_a_server():
    with serve(200, b'{"couchdb":"Welcome"}') as (host, _), connect(f"http://{host}") as client:
        assert client.server.information() == {"couchdb": "Welcome"}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://localhost:5984", "http://localhost:5984"),
        ("http://localhost:5984/", "http://localhost:5984"),
        ("https://couch.example", "https://couch.example"),
        ("HTTPS://Couch.Example/base/", "https://couch.example/base"),
        ("http://[::1]:5984", "http://[::1]:5984"),
        ("http://ann:secret@localhost", "http://localhost"),
    ],
)
def test_a_server_is_a_host_perhaps_with_port_and_path(url: str, place: str):
    assert f"HTTPTransport({place!r})" in repr(connect(url))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.db",
        "memory",
        "memory:shop",
        "memory://",
        "memory:?x=1",
        "memory:#x",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite:///shop/",
        "sqlite:shop.db",
        "sqlite:/shop.db",
        "sqlite://shop.db",
        "sqlite:///shop.db?mode=ro",
        "sqlite:///shop.db#x",
        "sqlite:///:memory:",
        "ftp://localhost",
        "couchdb://localhost",
        "localhost:5984",
        "ann:secret@localhost:5984",
        "http:",
        "http://",
        "http:///shop",
        "http://localhost:port",
        "http://localhost:99999",
        "http://[::1",
        "http://localhost?x=1",
        "http://localhost/#x",
        "http://ann:se/cret@localhost",
        "http://ann:1/cret@localhost",
        "http://ann:se?cret@localhost",
        "http://ann:se#cret@localhost",
        "http://ann:se[cret@localhost",
        "http://ann:%ff@localhost",
        7,
        b"memory:",
    ],
)
def test_a_wrong_url_is_told_with_the_right_forms(url):
    with pytest.raises(InvalidURL) as caught:
        connect(url)

    message = str(caught.value)
    for form in (
        "memory:",
        "sqlite:///shop.db",
        "sqlite:////srv/shop.db",
        "http(s)://user:password@host:port",
    ):
        assert form in message
    assert "cret" not in message
    assert "ann" not in message
    assert caught.value.__context__ is None, "the text of a foreign error may hold a password"


def test_user_and_password_are_sent_as_basic_authentication():
    with serve(200, b"{}") as (host, seen), connect(f"http://ann:secret@{host}") as client:
        client.server.information()

    assert seen == [basic("ann:secret")]


def test_an_authentication_that_is_given_takes_the_place_of_the_urls():
    with serve(200, b"{}") as (host, seen), connect(f"http://ann:secret@{host}", auth=NoAuth()) as client:
        client.server.information()

    assert seen == [""]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_special_characters_of_a_password_are_percent_decoded(password: str):
    with (
        serve(200, b"{}") as (host, seen),
        connect(f"http://ann:{quote(password, safe='')}@{host}") as client,
    ):
        client.server.information()

    assert seen == [basic(f"ann:{password}")]


def configured(**properties: str) -> dict[str, str]:
    """Return an environment that holds nothing but the properties of the service CLOUDANT."""
    return {f"CLOUDANT_{name}": text for name, text in properties.items()}


def test_without_a_url_the_store_is_the_configured_one():
    with serve(200, b"{}") as (host, seen):
        environ = configured(URL=f"http://{host}", USERNAME="ann", PASSWORD="secret")
        with connect(environ=environ) as client:
            client.server.information()

    assert seen == [basic("ann:secret")]


def test_a_service_can_have_any_name():
    with serve(200, b"{}") as (host, seen):
        environ = {
            "ORDERS_DB_URL": f"http://{host}",
            "ORDERS_DB_BEARER_TOKEN": "t",
            **configured(URL="http://other"),
        }
        with connect(service="orders-db", environ=environ) as client:
            client.server.information()

    assert seen == ["Bearer t"]


def test_a_url_alone_reads_no_configuration():
    environ = configured(USERNAME="ann", PASSWORD="secret")
    with serve(200, b"{}") as (host, seen), connect(f"http://{host}", environ=environ) as client:
        client.server.information()

    assert seen == [""]


def test_a_url_with_a_service_takes_the_place_of_the_configured_one():
    with serve(200, b"{}") as (host, seen):
        environ = configured(URL="http://other", USERNAME="ann", PASSWORD="secret")
        with connect(f"http://{host}", service="CLOUDANT", environ=environ) as client:
            client.server.information()

    assert seen == [basic("ann:secret")]


def test_a_user_in_the_url_means_basic_whatever_is_configured(caplog: pytest.LogCaptureFixture):
    with serve(200, b"{}") as (host, seen):
        environ = configured(URL=f"http://ann:secret@{host}", AUTH_TYPE="iam", APIKEY="key")
        with connect(environ=environ) as client:
            client.server.information()

    assert seen == [basic("ann:secret")]
    assert "BASIC, because the URL names a user" in caplog.text
    assert "secret" not in caplog.text


def test_a_variable_that_looks_misspelled_is_a_warning(caplog: pytest.LogCaptureFixture):
    connect(environ=configured(URL="http://h", APIKEY="k", TIMEOUTS="secret"))

    assert "did you mean CLOUDANT_TIMEOUT?" in caplog.text
    assert "secret" not in caplog.text


def test_an_authentication_that_is_given_takes_the_place_of_the_configured_one():
    with serve(200, b"{}") as (host, seen):
        environ = configured(URL=f"http://ann:secret@{host}", AUTH_TYPE="iam")
        with connect(auth=NoAuth(), environ=environ) as client:
            client.server.information()

    assert seen == [""]


@pytest.mark.parametrize("auth", [None, NoAuth()])
def test_a_netrc_file_never_takes_the_place_of_an_authentication(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: NoAuth | None
):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password hers\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serve(200, b"{}") as (host, seen):
        environ = configured(URL=f"http://{host}", BEARER_TOKEN="t")
        with connect(auth=auth, environ=environ) as client:
            client.server.information()

    assert seen == ["Bearer t" if auth is None else ""]


@pytest.mark.parametrize("url", ["memory:", "sqlite:///shop.db"])
def test_an_embedded_store_can_be_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.chdir(tmp_path)
    with connect(environ=configured(URL=url, CONNECT_TIMEOUT="1")) as client:
        client.databases.create("shop")

        assert client.databases.exists("shop")


def test_the_transports_stand_around_each_other():
    around = repr(connect("http://ann:secret@h").transport)

    assert around == (
        "TracingTransport(LoggingTransport(CompressionTransport(RetryTransport(AuthTransport("
        "HTTPTransport('http://h'))))))"
    )


def test_compression_can_be_left_out():
    assert "CompressionTransport" not in repr(connect("http://h", compress=False).transport)
    assert "CompressionTransport" not in repr(
        connect(environ=configured(URL="http://h", AUTH_TYPE="noauth", ENABLE_GZIP="false")).transport
    )


def test_arguments_take_the_place_of_what_is_configured():
    environ = configured(
        URL=f"http://{NOBODY}", AUTH_TYPE="noauth", PROXY="http://127.0.0.1:1", ENABLE_RETRIES="false"
    )
    with serve(200, b"{}") as (host, _), connect(proxy=f"http://{host}", environ=environ) as client:
        assert client.server.information() == {}


def test_what_is_configured_reaches_the_transport():
    environ = configured(URL="http://h", AUTH_TYPE="noauth", CA_BUNDLE="/absent.pem")

    with pytest.raises(ConfigurationError, match=r"absent\.pem"):
        connect(environ=environ)


def test_a_configuration_that_cannot_be_used_is_one_error():
    with pytest.raises(
        ConfigurationError, match=r"^MAX_RETRIES \(environment variable CLOUDANT_MAX_RETRIES\)"
    ):
        connect(environ=configured(URL="http://h", APIKEY="k", MAX_RETRIES="many"))


def test_nothing_configured_is_told_with_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"set CLOUDANT_URL, or call connect\(url\)"):
        connect(environ={})


@pytest.mark.parametrize("service", ["", "CLOUDANT"])
def test_a_url_that_is_none_is_told_with_a_service_too(service: str):
    with pytest.raises(ConfigurationError):
        connect(7, service=service, environ={})  # type: ignore[arg-type]


def test_a_user_name_that_basic_authentication_cannot_send_is_refused():
    with pytest.raises(ConfigurationError, match="':'"):
        connect("http://a%3Ab:secret@localhost")


SECRET = "s3cr3t"  # what stands in every password below


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        ["http://{0}", "https://{0}", "http://{0}/x", "http:/{0}", "{0}", "http//{0}", "ftp://{0}"]
    ),
    st.text(st.sampled_from("ab%@:/?#[] é\n"), max_size=4),
    st.text(st.sampled_from("ab%@:/?#[] é\n"), max_size=4),
)
def test_no_text_holds_a_password(caplog: pytest.LogCaptureFixture, form: str, before: str, after: str):
    caplog.set_level(logging.DEBUG)
    url = form.format(f"ann:{before}{SECRET}{after}@{NOBODY}")
    texts: list[str] = []

    try:
        client = connect(url, retry=ONCE, timeout=(0.5, 0.5))
        texts += [repr(client), str(client), repr(client.database("shop")), repr(client.transport)]
        client.server.information()
    except CouchMapperError as error:
        texts += chain(error)

    assert texts
    assert not [text for text in (*texts, caplog.text) if SECRET in text]


def chain(error: BaseException | None) -> Iterator[str]:
    """Yield the texts of an error and of those that it came from."""
    while error is not None:
        yield from (str(error), repr(error))
        error = error.__cause__ or error.__context__


def test_a_server_that_cannot_be_reached_is_told_by_its_place():
    with (
        connect(f"http://ann:secret@{NOBODY}", retry=ONCE) as client,
        pytest.raises(ConnectionFailed) as caught,
    ):
        client.server.information()

    assert NOBODY in str(caught.value)
    assert not caught.value.sent


def test_wrong_credentials_are_told_with_advice():
    refusal = b'{"error":"unauthorized","reason":"Name or password is incorrect."}'
    with (
        serve(401, refusal) as (host, _),
        connect(f"http://ann:secret@{host}") as client,
        pytest.raises(Unauthorized, match=r"incorrect.*connect\(\)"),
    ):
        client.server.information()


def test_a_page_in_place_of_couchdb_is_told():
    page = b"<html><body>It works!</body></html>"
    with (
        serve(200, page, "text/html") as (host, _),
        connect(f"http://{host}") as client,
        pytest.raises(InvalidAnswer, match="text/html"),
    ):
        client.server.information()


def test_a_page_that_is_missing_is_told():
    page = b"<html><body>404 Not Found</body></html>"
    with (
        serve(404, page, "text/html") as (host, _),
        connect(f"http://{host}") as client,
        pytest.raises(NotFound, match="not CouchDB's"),
    ):
        client.server.information()
