import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.cookie import SessionAuth
from couchmapper.exceptions import ConnectionFailed, InvalidAnswer, Unauthorized
from couchmapper.messages import Request, Response
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.transport.retry import RetryPolicy, RetryTransport

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)
WRITE = Request(method="POST", path=("db",), route="/{db}")


class Server:
    """CouchDB's cookie login: sessions are numbered, and `valid` are those that it knows."""

    def __init__(self, *, attributes: str = "; Version=1; Max-Age=600; Path=/; HttpOnly") -> None:
        self.attributes = attributes
        self.password = "secret"
        self.logins = 0
        self.valid: set[str] = set()
        self.renewal = ""

    def __call__(self, request: Request, /) -> Response:
        if request.path == ("_session",):
            return self.log_in(request)
        cookie = request.headers["Cookie"].removeprefix("AuthSession=")
        if cookie not in self.valid:
            return json_response({"error": "unauthorized", "reason": "Who?"}, status=401)
        renewed = {"set-cookie": self.renewal} if self.renewal else {}
        return json_response({"session": cookie}, headers=renewed)

    def log_in(self, request: Request) -> Response:
        self.logins += 1
        if b'"password":"%s"' % self.password.encode() not in (request.body or b""):
            wrong = {"error": "unauthorized", "reason": "Name or password is incorrect."}
            return json_response(wrong, status=401, headers={"set-cookie": "AuthSession=; Version=1"})
        session = f"session{self.logins}"
        self.valid.add(session)
        cookie = f"AuthSession={session}{self.attributes}"
        return json_response({"ok": True}, headers={"set-cookie": cookie})


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def client(server: Server, auth: SessionAuth | None = None) -> tuple[AuthTransport, MockTransport]:
    inner = MockTransport(server)
    return AuthTransport(inner, auth or SessionAuth("ann", "secret")), inner


def test_the_first_request_logs_in_with_name_and_password():
    transport, inner = client(Server())

    assert transport.send(READ).json() == {"session": "session1"}
    login = inner.requests[0]
    assert (login.method, login.path, login.body) == (
        "POST",
        ("_session",),
        b'{"name":"ann","password":"secret"}',
    )


def test_the_cookie_serves_until_it_ends():
    server, clock = Server(), Clock()
    transport, _ = client(server, SessionAuth("ann", "secret", clock=clock))
    transport.send(READ)
    clock.now = 599
    transport.send(READ)
    assert server.logins == 1

    clock.now = 600

    assert transport.send(READ).json() == {"session": "session2"}


def test_an_end_may_be_told_as_a_date():
    clock = Clock()
    server = Server(attributes="; Expires=Mon, 23-Nov-2026 10:10:00 GMT; Path=/")
    date = {"date": "Mon, 23 Nov 2026 10:00:00 GMT"}

    def dated(request: Request) -> Response:
        response = server(request)
        return Response(status=response.status, headers={**response.headers, **date}, body=response.body)

    transport = AuthTransport(MockTransport(dated), SessionAuth("ann", "secret", clock=clock))
    transport.send(READ)
    clock.now = 599
    transport.send(READ)
    assert server.logins == 1

    clock.now = 600
    transport.send(READ)

    assert server.logins == 2


def test_a_cookie_without_an_end_serves_until_the_server_refuses_it():
    server, clock = Server(attributes="; Path=/"), Clock()
    transport, _ = client(server, SessionAuth("ann", "secret", clock=clock))
    transport.send(READ)
    clock.now = 10**9

    transport.send(READ)

    assert server.logins == 1


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
def test_a_refused_cookie_is_renewed_and_the_request_repeated_once(request_):
    server = Server()
    transport, inner = client(server)
    transport.send(READ)
    server.valid.clear()

    assert transport.send(request_).json() == {"session": "session2"}
    assert [request.path for request in inner.requests[2:]] == [("db",), ("_session",), ("db",)]


def test_a_second_refusal_is_the_answer():
    inner = MockTransport(
        lambda request: (
            json_response({}, headers={"set-cookie": "AuthSession=useless"})
            if request.path == ("_session",)
            else json_response({"error": "unauthorized"}, status=401)
        )
    )

    response = AuthTransport(inner, SessionAuth("ann", "secret")).send(READ)

    assert response.status == HTTPStatus.UNAUTHORIZED
    assert len(inner.requests) == 4


def test_a_cookie_renewed_by_the_server_is_followed():
    server, clock = Server(), Clock()
    transport, _ = client(server, SessionAuth("ann", "secret", clock=clock))
    transport.send(READ)
    server.renewal = "AuthSession=renewed; Version=1; Max-Age=600; Path=/; HttpOnly"
    server.valid.add("renewed")
    clock.now = 500
    transport.send(READ)
    clock.now = 1000

    assert transport.send(READ).json() == {"session": "renewed"}
    assert server.logins == 1


def test_the_session_is_found_among_other_cookies():
    server = Server()
    server.attributes = "; Expires=Mon, 23 Nov 2026 10:00:00 GMT; Max-Age=600, lb=node1; Max-Age=0"
    transport, _ = client(server)
    transport.send(READ)
    server.renewal = "lb=node2; Path=/, AuthSession=renewed; Max-Age=600"
    server.valid.add("renewed")
    transport.send(READ)

    assert transport.send(READ).json() == {"session": "renewed"}
    assert server.logins == 1


def test_a_wrong_password_is_a_typed_error_with_the_servers_reason():
    transport, inner = client(Server(), SessionAuth("ann", "wrong"))

    with pytest.raises(Unauthorized, match=r"POST /_session: 401 .*Name or password is incorrect") as caught:
        transport.send(READ)

    assert "wrong" not in str(caught.value)
    assert len(inner.requests) == 1


def test_after_a_wrong_password_the_next_request_tries_again_at_once():
    server = Server()
    server.password = "other"
    transport, _ = client(server)
    with pytest.raises(Unauthorized):
        transport.send(READ)
    server.password = "secret"

    assert transport.send(READ).status == HTTPStatus.OK


def test_a_login_without_a_cookie_is_an_invalid_answer():
    inner = MockTransport(lambda _: json_response({"ok": True}))

    with pytest.raises(InvalidAnswer, match="without an AuthSession cookie"):
        AuthTransport(inner, SessionAuth("ann", "secret")).send(READ)


def test_a_server_too_busy_to_log_in_is_asked_again():
    server, busy = Server(), [Response(status=503), Response(status=429)]
    inner = MockTransport(lambda request: busy.pop() if busy else server(request))
    transport = RetryTransport(
        AuthTransport(inner, SessionAuth("ann", "secret")), RetryPolicy(), sleep=lambda _: None
    )

    assert transport.send(READ).json() == {"session": "session1"}


def test_a_write_whose_login_broke_is_sent_again():
    server, broken = Server(), [ConnectionFailed("reset")]

    def reply(request: Request) -> Response:
        if broken:
            raise broken.pop()
        return server(request)

    inner = MockTransport(reply)
    transport = RetryTransport(
        AuthTransport(inner, SessionAuth("ann", "secret")), RetryPolicy(), sleep=lambda _: None
    )

    assert transport.send(WRITE).json() == {"session": "session1"}
    assert [request.path for request in inner.requests] == [("_session",), ("_session",), ("db",)]


def test_many_threads_log_in_once():
    server, gate = Server(), threading.Barrier(8, timeout=5)
    transport, _ = client(server)

    def ask(_: int) -> Response:
        gate.wait()
        return transport.send(READ)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))

    assert [answer.json() for answer in answers] == [{"session": "session1"}] * 8
    assert server.logins == 1


def test_threads_that_waited_for_a_refused_login_share_the_refusal():
    server, arrived, go = Server(), threading.Semaphore(0), threading.Event()

    def reply(request: Request) -> Response:
        arrived.release()
        go.wait(5)
        return server(request)

    auth = SessionAuth("ann", "wrong")
    transport = AuthTransport(MockTransport(reply), auth)

    def ask() -> str:
        try:
            return str(transport.send(READ).status)
        except Unauthorized as error:
            return error.reason

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(ask)
        assert arrived.acquire(timeout=5)
        others = [pool.submit(ask) for _ in range(3)]
        time.sleep(0.2)  # until the others wait at the lock, which nobody can see
        go.set()
        reasons = [future.result(5) for future in (first, *others)]

    assert reasons == ["Name or password is incorrect."] * 4
    assert server.logins == 1


def test_two_clients_share_one_session():
    server, auth = Server(), SessionAuth("ann", "secret")
    one, _ = client(server, auth)
    two, _ = client(server, auth)

    assert one.send(READ).json() == two.send(READ).json() == one.send(READ).json() == {"session": "session1"}
    assert server.logins == 1


def test_neither_password_nor_cookie_is_shown():
    auth = SessionAuth("ann", "secret")
    client(Server(), auth)[0].send(READ)

    assert repr(auth) == "SessionAuth('ann', ...)"
    assert "session1" not in repr(auth._cookie)
