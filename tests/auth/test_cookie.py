import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.cookie import SessionAuth
from couchmapper.exceptions import (
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    Forbidden,
    InvalidAnswer,
    NotFound,
    ResponseError,
    Unauthorized,
)
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.http import HTTPTransport
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
        if request.path == ("_session",) and "Cookie" not in request.headers:
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


def test_the_cookie_serves_until_shortly_before_it_ends():
    server, clock = Server(), Clock()
    transport, _ = client(server, SessionAuth("ann", "secret", clock=clock))
    transport.send(READ)
    clock.now = 589
    transport.send(READ)
    assert server.logins == 1

    clock.now = 590

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
    clock.now = 589
    transport.send(READ)
    assert server.logins == 1

    clock.now = 590
    transport.send(READ)

    assert server.logins == 2


@pytest.mark.parametrize(
    "attributes", ["; Path=/", "; Expires=soon", "; Expires=Mon, 23 Nov 2026 10:10:00 GMT"]
)
def test_a_cookie_that_tells_no_end_serves_as_long_as_couchdb_lets_it(attributes):
    server, clock = Server(attributes=attributes), Clock()
    transport, _ = client(server, SessionAuth("ann", "secret", clock=clock))
    transport.send(READ)
    clock.now = 589
    transport.send(READ)
    assert server.logins == 1
    clock.now = 590

    transport.send(READ)

    assert server.logins == 2


def test_a_cookie_that_has_ended_already_serves_one_request():
    server = Server(attributes="; Max-Age=0")
    transport, _ = client(server)

    transport.send(READ)
    transport.send(READ)

    assert server.logins == 2


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


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (401, Unauthorized), (403, Forbidden), (404, NotFound), (405, ResponseError)],
)
def test_every_refusal_of_a_login_has_its_own_error(status, kind):
    body = {"error": "refused", "reason": "Account is temporarily locked."}
    inner = MockTransport(lambda _: json_response(body, status=status))

    with pytest.raises(
        kind, match=rf"POST /_session: {status} refused: Account is temporarily locked"
    ) as caught:
        AuthTransport(inner, SessionAuth("ann", "secret")).send(READ)

    assert (caught.value.status, caught.value.body) == (status, body)
    assert len(inner.requests) == 1


@pytest.mark.parametrize("status", [302, 403, 404])
def test_a_login_that_a_page_answers_says_so_without_showing_it(status):
    page = Response(status=status, headers={"content-type": "text/html"}, body=b"<html>proxy</html>")

    with pytest.raises(
        ResponseError, match=rf"{status} .*the answer is not CouchDB's \(text/html, 18 bytes\)"
    ) as caught:
        AuthTransport(MockTransport(lambda _: page), SessionAuth("ann", "secret")).send(READ)

    assert "proxy" not in str(caught.value)


def test_a_page_with_a_good_status_is_no_login():
    page = Response(status=200, headers={"content-type": "text/html"}, body=b"<html>Welcome</html>")

    with pytest.raises(InvalidAnswer, match="200 without an AuthSession cookie"):
        AuthTransport(MockTransport(lambda _: page), SessionAuth("ann", "secret")).send(READ)


def test_a_redirect_of_the_login_is_not_followed():
    redirect = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/x\r\ncontent-length: 0\r\n\r\n"

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(redirect)

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        answered = pool.submit(answer, listener)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with (
            AuthTransport(HTTPTransport(url), SessionAuth("ann", "secret")) as transport,
            pytest.raises(InvalidAnswer, match="302") as caught,
        ):
            transport.send(WRITE)
        answered.result(20)

    assert caught.value.sent is False


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


def test_what_a_busy_server_says_is_the_callers_answer_in_the_end():
    server = MockTransport(lambda _: json_response({"error": "busy", "reason": "later"}, status=503))

    response = AuthTransport(server, SessionAuth("ann", "secret")).send(READ)

    assert (response.status, response.json()) == (503, {"error": "busy", "reason": "later"})


def test_a_body_that_was_read_away_is_not_sent_again_but_the_next_request_logs_in():
    server = Server()

    def reply(request: Request) -> Response:
        if isinstance(request.body, Upload):
            list(request.body)
        return server(request)

    inner = MockTransport(reply)
    transport = AuthTransport(inner, SessionAuth("ann", "secret"))
    transport.send(READ)
    server.valid.clear()
    upload = Request(method="PUT", path=("db", "d", "a"), route="/{db}", body=Upload(iter([b"bytes"])))

    response = transport.send(upload)

    assert response.status == HTTPStatus.UNAUTHORIZED
    assert "cannot go back" in response.remark
    assert server.logins == 1
    assert transport.send(READ).json() == {"session": "session2"}


def test_a_body_that_can_go_back_is_sent_again():
    server = Server()
    transport, _ = client(server)
    transport.send(READ)
    server.valid.clear()
    upload = Request(method="PUT", path=("db", "d", "a"), route="/{db}", body=Upload(b"bytes"))

    assert transport.send(upload).json() == {"session": "session2"}


def test_the_cookie_of_somebody_else_is_not_followed():
    server = Server()
    transport, _ = client(server)
    transport.send(READ)
    server.renewal = "AuthSession=bobs; Max-Age=600"
    transport.send(Request(method="POST", path=("_session",), route="/_session", body=b"{}"))
    server.renewal = ""

    assert transport.send(READ).json() == {"session": "session1"}


def test_a_logout_ends_the_session():
    server = Server()
    transport, _ = client(server)
    transport.send(READ)
    server.renewal = "AuthSession=; Version=1; Max-Age=600"
    transport.send(Request(method="DELETE", path=("db",), route="/_session"))
    server.renewal = ""

    assert transport.send(READ).json() == {"session": "session2"}


def test_an_empty_password_is_a_password():
    server = Server()
    server.password = ""
    transport, _ = client(server, SessionAuth("ann", ""))

    assert transport.send(READ).status == HTTPStatus.OK


@pytest.mark.parametrize("password", ['"quoted"', "{braced}", "größe\n"])
def test_a_password_may_hold_anything(password):
    assert b"password" in (SessionAuth("ann", password)._login.body or b"")


@pytest.mark.parametrize(
    ("username", "password", "named"),
    [
        (None, "secret", "username"),
        ("", "secret", "username"),
        ("ann", None, "password"),
        ("ann", 5, "password"),
    ],
)
def test_arguments_are_checked_at_once_and_named(username, password, named):
    with pytest.raises(ConfigurationError, match=named):
        SessionAuth(username, password)


def test_fifty_threads_log_in_once():
    server, gate = Server(), threading.Barrier(50, timeout=20)
    transport, _ = client(server)

    def ask(_: int) -> Response:
        gate.wait()
        return transport.send(READ)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))

    assert [answer.json() for answer in answers] == [{"session": "session1"}] * 50
    assert server.logins == 1


def test_fifty_threads_with_an_ended_session_log_in_once_more():
    server, gate = Server(), threading.Barrier(50, timeout=20)
    transport, _ = client(server)
    transport.send(READ)
    server.valid.clear()

    def ask(_: int) -> Response:
        gate.wait()
        return transport.send(READ)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))

    assert [answer.json() for answer in answers] == [{"session": "session2"}] * 50
    assert server.logins == 2


def test_who_comes_during_a_login_sends_the_cookie_that_it_brings():
    server, auth = Server(), SessionAuth("ann", "secret")
    first = auth.flow(READ)
    login = next(first)

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(next, auth.flow(READ))
        time.sleep(0.05)  # so that it waits, which nobody can see; if it does not, the fact is the same
        mine = first.send(server(login))
        theirs = second.result(20)

    assert mine.headers == theirs.headers == {"Cookie": "AuthSession=session1"}


def test_when_a_login_is_given_up_the_next_in_line_logs_in():
    auth = SessionAuth("ann", "secret")
    first = auth.flow(READ)
    login = next(first)

    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(next, auth.flow(READ))
        time.sleep(0.05)  # as above
        first.close()

        assert second.result(20) == login


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_waits_for_no_login_of_its_parent():
    server, arrived, go = Server(), threading.Event(), threading.Event()
    parent = os.getpid()

    def reply(request: Request) -> Response:
        arrived.set()
        assert os.getpid() != parent or go.wait(20)
        return server(request)

    transport = AuthTransport(MockTransport(reply), SessionAuth("ann", "secret"))
    logging_in = threading.Thread(target=transport.send, args=(READ,))
    logging_in.start()
    assert arrived.wait(20)

    child = os.fork()
    if child == 0:
        signal.alarm(20)
        os._exit(0 if transport.send(READ).status == HTTPStatus.OK else 1)

    go.set()
    logging_in.join(20)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_threads_that_wait_for_a_refused_login_are_refused():
    server, arrived, go = Server(), threading.Semaphore(0), threading.Event()

    def reply(request: Request) -> Response:
        arrived.release()
        assert go.wait(20)
        return server(request)

    transport = AuthTransport(MockTransport(reply), SessionAuth("ann", "wrong"))

    def ask() -> str:
        try:
            return str(transport.send(READ).status)
        except Unauthorized as error:
            return error.reason

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        assert arrived.acquire(timeout=20)
        go.set()
        reasons = [future.result(20) for future in asking]

    assert reasons == ["Name or password is incorrect."] * 4


def test_a_login_that_breaks_does_not_hold_up_others():
    server, arrived, go = Server(), threading.Event(), threading.Event()
    broken = [ConnectionFailed("reset")]

    def reply(request: Request) -> Response:
        arrived.set()
        assert go.wait(20)
        if broken:
            raise broken.pop()
        return server(request)

    transport = AuthTransport(MockTransport(reply), SessionAuth("ann", "secret"))
    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(transport.send, READ) for _ in range(2)]
        assert arrived.wait(20)
        go.set()
        errors = [future.exception(20) for future in asking]

    assert any(isinstance(error, ConnectionFailed) and error.sent is False for error in errors)
    assert transport.send(READ).status == HTTPStatus.OK


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
