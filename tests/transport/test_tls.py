"""TLS and proxies, against servers on the loopback interface with certificates that were made here."""

import base64
import logging
import socket
import ssl
import threading
import warnings
from collections.abc import Callable
from contextlib import closing

import attrs
import pytest
import trustme

from couchmapper import connect
from couchmapper.exceptions import (
    ConfigurationError,
    ConnectionFailed,
    TLSFailed,
    TransportError,
    TransportTimeout,
)
from couchmapper.messages import Request, Timeout
from couchmapper.transport.http import HTTPTransport
from couchmapper.transport.retry import RetryPolicy, RetryTransport

UP = Request(method="GET", path=("_up",), route="/_up", repeatable=True)
CREATE = Request(method="POST", path=("db",), route="/{db}", body=b"{}")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority, tmp_path) -> str:
    """The path of a file with the authority's certificate."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


@pytest.fixture
def context(authority) -> ssl.SSLContext:
    """What a server needs to speak TLS as `localhost`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(made)
    return made


def test_a_certificate_of_the_given_authority_is_accepted(loopback, context, bundle):
    server = loopback(loopback.answer(), loopback.answer(), tls=context)

    with connect(server.url, verify=bundle) as client:
        assert client.server.up() == {"ok": True}
        assert client.server.up() == {"ok": True}

    assert server.connections == 1


def test_a_certificate_of_an_unknown_authority_is_refused_and_nothing_was_sent(loopback, context):
    server = loopback(loopback.answer(), tls=context)

    with connect(server.url) as client, pytest.raises(TLSFailed, match="verify=") as caught:
        client.server.up()

    assert caught.value.sent is False
    assert server.received == []


def test_a_certificate_of_another_host_is_refused(loopback, authority, bundle):
    foreign = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.test").configure_cert(foreign)
    server = loopback(loopback.answer(), tls=foreign)

    with closing(HTTPTransport(server.url, verify=bundle)) as transport, pytest.raises(TLSFailed):
        transport.send(UP)

    assert server.received == []


def test_a_bundle_in_the_environment_is_used(loopback, context, bundle, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    server = loopback(loopback.answer(), tls=context)

    with connect(server.url) as client:
        assert client.server.up() == {"ok": True}


def test_no_verification_is_one_line_in_the_log_and_no_warning_of_python(loopback, context, caplog):
    server = loopback(*[loopback.answer()] * 3, tls=context)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with connect(server.url, verify=False) as client:
            for _ in range(3):
                assert client.server.up() == {"ok": True}

    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1
    assert "certificates are not checked" in told[0]


def test_a_client_shows_its_certificate(loopback, authority, context, bundle, tmp_path):
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    mine = authority.issue_cert("ann@shop.test")
    mine.private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    mine.private_key_pem.write_to_path(tmp_path / "key.pem")
    for blob in mine.cert_chain_pems:
        blob.write_to_path(tmp_path / "certificate.pem", append=True)
    server = loopback(loopback.answer(), loopback.answer(), tls=context)

    for certificate in (
        str(tmp_path / "client.pem"),
        (str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")),
    ):
        with connect(server.url, verify=bundle, certificate=certificate) as client:
            assert client.server.up() == {"ok": True}


def test_a_client_without_the_certificate_that_is_asked_for_fails(loopback, authority, context, bundle):
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    server = loopback(loopback.answer(), tls=context)

    with closing(HTTPTransport(server.url, verify=bundle)) as transport, pytest.raises(ConnectionFailed):
        transport.send(UP)

    assert server.received == []


def test_a_client_certificate_that_is_not_there_is_a_fault_of_the_configuration(loopback, context, bundle):
    server = loopback(tls=context)

    with pytest.raises(ConfigurationError, match=r"certificate '/nowhere/client\.pem' does not exist"):
        HTTPTransport(server.url, verify=bundle, certificate="/nowhere/client.pem")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_older_than_1_2_is_refused(loopback, context, bundle):
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    server = loopback(loopback.answer(), tls=context)

    with closing(HTTPTransport(server.url, verify=bundle)) as transport, pytest.raises(TLSFailed):
        transport.send(UP)

    assert server.received == []


def test_tls_1_2_is_spoken(loopback, context, bundle):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = loopback(loopback.answer(), tls=context)

    with closing(HTTPTransport(server.url, verify=bundle)) as transport:
        assert transport.send(UP).status == 200


def cut(connection: ssl.SSLSocket) -> None:
    """Close without a word of TLS."""
    socket.socket(fileno=connection.detach()).close()


def half(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    cut(connection)


@pytest.mark.parametrize("step", [cut, half])
def test_a_connection_that_breaks_under_tls_is_a_failed_connection_and_a_read_is_repeated(
    loopback, context, bundle, step
):
    server = loopback(step, loopback.answer(), step, tls=context)

    with RetryTransport(HTTPTransport(server.url, verify=bundle), RetryPolicy(base=0)) as transport:
        assert transport.send(UP).status == 200
        with pytest.raises(ConnectionFailed) as caught:
            transport.send(CREATE)

    assert (type(caught.value), caught.value.sent) == (ConnectionFailed, True)
    assert len(server.received) == 3


def drop(connection: socket.socket) -> None:
    connection.recv(10)
    connection.close()


def hold(connection: socket.socket) -> None:
    while connection.recv(1000):
        pass


@pytest.mark.parametrize(("step", "kind"), [(drop, ConnectionFailed), (hold, TransportTimeout)])
@pytest.mark.parametrize("way", ["handshake", "tunnel"])
def test_what_breaks_before_the_request_is_sent_is_tried_again_also_for_a_write(
    loopback, guarded, step, kind, way
):
    accepted = []

    def accept(listener: socket.socket) -> None:
        for _ in range(3):
            connection, _ = listener.accept()
            accepted.append(connection)
            with connection:
                step(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        hasty = Timeout(connect=0.2, read=0.2, total=10)
        url, proxy = (
            (f"https://{place}", None) if way == "handshake" else ("https://couchdb.test", f"http://{place}")
        )
        http = HTTPTransport(url, proxy=proxy, timeout=hasty)
        transport = RetryTransport(http, RetryPolicy(attempts=3, base=0))

        with pytest.raises(TransportError) as caught:
            guarded(lambda: transport.send(CREATE))

    assert (type(caught.value), caught.value.sent) == (kind, False)
    assert len(accepted) == 3


@attrs.define
class Tunnel:
    """A proxy that knows CONNECT: it answers `status`, and passes on whatever comes after a 200."""

    status: str = "200 Connection established"
    heads: list[str] = attrs.field(factory=list)

    def __call__(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        self.heads.append(head.decode())
        connection.sendall(f"HTTP/1.1 {self.status}\r\n\r\n".encode())
        if not self.status.startswith("200"):
            connection.close()
            return
        host, port = head.split()[1].decode().rsplit(":", 1)
        with socket.create_connection((host, int(port))) as server, connection:
            back = threading.Thread(target=pass_on, args=(server, connection), daemon=True)
            back.start()
            pass_on(connection, server)
            back.join()


def pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while block := source.recv(65_536):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.fixture
def proxied():
    """Start a tunnel; returns the address of its proxy."""
    listeners: list[socket.socket] = []

    def start(tunnel: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=tunnel, args=(listener,), daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_a_proxy_is_asked_for_a_tunnel_and_sees_nothing_but_its_own_credentials(
    loopback, context, bundle, proxied
):
    server = loopback(loopback.answer(), loopback.answer(), tls=context)
    tunnel = Tunnel()
    proxy = proxied(tunnel)

    url = server.url.replace("//", "//ann:hidden@")
    with connect(url, verify=bundle, proxy=f"http://proxy:p%40ss@{proxy}") as client:
        assert [client.server.up(), client.server.up()] == [{"ok": True}] * 2

    (head,) = tunnel.heads
    credentials = base64.b64encode(b"proxy:p@ss").decode()
    assert head.startswith(f"CONNECT {server.url.removeprefix('https://')} HTTP/1.")
    assert f"Proxy-Authorization: Basic {credentials}" in head
    assert head.count("uthorization") == 1
    assert "proxy-authorization" not in server.received[0].headers
    assert server.received[0].headers["authorization"].startswith("Basic ")


def test_the_certificate_is_checked_through_a_tunnel(loopback, context, proxied):
    server = loopback(loopback.answer(), tls=context)
    proxy = f"http://{proxied(Tunnel())}"

    with closing(HTTPTransport(server.url, proxy=proxy)) as transport, pytest.raises(TLSFailed):
        transport.send(UP)

    assert server.received == []


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"])
def test_a_proxy_that_refuses_sent_nothing_and_its_password_is_not_shown(
    loopback, context, bundle, proxied, status
):
    server = loopback(loopback.answer(), tls=context)
    proxy = f"http://proxy:hidden@{proxied(Tunnel(status))}"

    with (
        closing(HTTPTransport(server.url, verify=bundle, proxy=proxy)) as transport,
        pytest.raises(ConnectionFailed, match="the proxy refuses") as caught,
    ):
        transport.send(CREATE)

    assert caught.value.sent is False
    assert "hidden" not in str(caught.value)
    assert server.received == []


def test_a_plain_proxy_gets_its_credentials_with_each_request(loopback):
    proxy = loopback(loopback.answer())
    url = proxy.url.replace("//", "//proxy:p%40ss@")

    HTTPTransport("http://couchdb.test:5984", proxy=url).send(UP)

    credentials = base64.b64encode(b"proxy:p@ss").decode()
    assert proxy.received[0].headers["proxy-authorization"] == f"Basic {credentials}"
