import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper import connect
from couchmapper.auth.base import Auth, AuthTransport
from couchmapper.auth.basic import BasicAuth
from couchmapper.auth.bearer import BearerAuth
from couchmapper.auth.cookie import SessionAuth
from couchmapper.exceptions import ConnectionFailed, CouchMapperError, InvalidAnswer
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.compression import CompressionTransport
from couchmapper.transport.logs import LoggingTransport
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.transport.retry import RetryPolicy, RetryTransport

SECRETIVE = Request(
    method="GET",
    path=("shop", "hidden-id"),
    route="/{db}/{doc_id}",
    query={"key": "hidden-value"},
    headers={"Authorization": "Basic hidden-token"},
    body=b"hidden-body",
)


def unreachable(request: Request) -> Response:
    raise ConnectionFailed("cannot reach hidden-host")


def ticking() -> float:
    ticking.now += 0.0125
    return ticking.now


ticking.now = 0.0


def test_a_line_tells_method_route_status_time_and_size(caplog):
    caplog.set_level(logging.DEBUG, "couchmapper.transport")
    inner = MockTransport(lambda _: json_response({"ok": True}, status=201))

    LoggingTransport(inner, clock=ticking).send(SECRETIVE)

    assert caplog.messages == ["GET /{db}/{doc_id} 201 12.5 ms, 11 bytes out, 12 bytes in"]


def test_a_failure_is_a_warning_with_the_name_of_the_error(caplog):
    with pytest.raises(ConnectionFailed):
        LoggingTransport(MockTransport(unreachable), clock=ticking).send(SECRETIVE)

    assert caplog.record_tuples == [
        (
            "couchmapper.transport",
            logging.WARNING,
            "GET /{db}/{doc_id} failed with ConnectionFailed after 12.5 ms",
        )
    ]


def test_nothing_secret_is_logged(caplog):
    caplog.set_level(logging.DEBUG)

    LoggingTransport(MockTransport(lambda _: json_response({"hidden-answer": 1}))).send(SECRETIVE)

    assert "hidden" not in caplog.text


def test_the_answer_passes_unchanged():
    response = Response(status=404)

    assert LoggingTransport(MockTransport(lambda _: response)).send(SECRETIVE) is response


def test_nothing_is_printed_where_logging_is_not_set_up():
    program = (
        "from couchmapper import connect, CouchMapperError\n"
        "try:\n"
        "    connect('http://127.0.0.1:1', retry=RetryPolicy(attempts=1)).server.up()\n"
        "except CouchMapperError:\n"
        "    pass\n"
    )
    imports = "from couchmapper.transport.retry import RetryPolicy\n"
    done = subprocess.run([sys.executable, "-c", imports + program], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (None, "0 bytes out"),
        (b"12345", "5 bytes out"),
        (Upload(b"12345"), "5 bytes out"),
        (Upload(iter([b"12345"])), "streamed out"),
    ],
)
def test_a_line_tells_the_size_of_what_was_sent(caplog, body, told):
    caplog.set_level(logging.DEBUG, "couchmapper.transport")
    request = Request(method="PUT", path=("db",), route="/{db}", body=body)

    LoggingTransport(MockTransport(lambda _: Response(status=201)), clock=ticking).send(request)

    assert caplog.messages == [f"PUT /{{db}} 201 12.5 ms, {told}, 0 bytes in"]


def test_a_line_about_an_answer_that_still_arrives_says_so(caplog, loopback):
    caplog.set_level(logging.DEBUG, "couchmapper.transport")
    server = loopback(loopback.answer())

    with connect(server.url) as client:
        client.database("db").documents.get.stream("a").close()

    (line,) = caplog.messages
    assert line.startswith("GET /{db}/{doc_id} 200 ")
    assert line.endswith(" ms, 0 bytes out, streamed in")


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Collect whatever any logger of the package writes, at every level."""
    lines: list[str] = []
    logger = logging.getLogger("couchmapper")
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(f"{logging.Formatter().format(record)} {record.args!r}")  # type: ignore[method-assign]
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


def hidden_everywhere(secret: str) -> Request:
    return Request(
        method="PUT",
        path=("hidden-db", secret),
        route="/{db}/{doc_id}",
        query={"rev": secret, secret: secret},
        headers={"X-Secret": secret, "Content-Type": "application/json"},
        body=secret.encode(errors="replace") * 2000,
        repeatable=True,
    )


OUTCOMES = st.one_of(
    st.sampled_from([200, 201, 304, 400, 401, 403, 404, 409, 429, 500, 503]).map(
        lambda status: Response(
            status=status,
            headers={"set-cookie": "AuthSession=hidden; Path=/", "retry-after": "hidden", "x": "hidden"},
            body=b'{"ok":true,"error":"hidden","reason":"hidden","token":"hidden"}',
        )
    ),
    st.sampled_from(
        [ConnectionFailed("hidden"), InvalidAnswer("hidden"), ConnectionFailed("hidden", sent=False)]
    ),
)


@given(
    secret=st.text(max_size=20).map(lambda text: "hidden" + text),
    kind=st.sampled_from(["none", "basic", "session", "bearer"]),
    outcomes=st.lists(OUTCOMES, min_size=8, max_size=8),
)
def test_no_secret_is_ever_logged_whatever_it_looks_like_and_whatever_happens(secret, kind, outcomes):
    remaining = iter(outcomes)

    def reply(_: Request, /) -> Response:
        outcome = next(remaining)
        if isinstance(outcome, CouchMapperError):
            raise type(outcome)("hidden", sent=outcome.sent)
        return outcome

    visible = "hidden" + quote(secret[6:], safe="", errors="replace")
    auths: dict[str, Auth] = {
        "basic": BasicAuth(visible, secret.encode(errors="replace").decode()),
        "session": SessionAuth(visible, secret.encode(errors="replace").decode()),
        "bearer": BearerAuth(visible),
    }
    nearest = MockTransport(reply)
    authenticated = AuthTransport(nearest, auths[kind]) if kind in auths else nearest
    retrying = RetryTransport(authenticated, RetryPolicy(attempts=3), sleep=lambda _: None)

    with everything_logged() as lines, suppress(CouchMapperError):
        LoggingTransport(CompressionTransport(retrying)).send(hidden_everywhere(secret))

    assert lines
    assert "hidden" not in "".join(lines)


@pytest.mark.parametrize(
    "secret",
    ["hidden", "hidden%s%(levelname)s{}", "hidden\r\nInjected: 1", "hidden@:/?#[]%41", "hidden\u2028é"],
)
def test_no_secret_is_logged_or_told_on_the_way_through_the_whole_stack(loopback, secret):
    page = loopback.answer(b"<html>hidden</html>", "500 Oops", content_type="text/html")
    moved = loopback.answer(status="302 Moved", Location="https://hidden:hidden@else.test/db?token=hidden")
    server = loopback(
        loopback.answer(), loopback.reset, page, page, moved, loopback.half, always=loopback.answer(b"hidden")
    )
    url = server.url.replace("//", f"//ann:{quote(secret, safe='')}@")
    told = []

    with everything_logged() as lines, connect(url, retry=RetryPolicy(base=0, attempts=2)) as client:
        documents = client.database("hidden-db").documents
        told.append(repr(client.transport))
        documents.get("hidden-id")
        for _ in range(5):
            with pytest.raises(CouchMapperError) as caught:
                documents.get("a")
            told.append(str(caught.value).replace("hidden-db", ""))

    assert len(lines) >= 6
    assert "hidden" not in "".join(lines)
    assert "hidden" not in "".join(told)
    assert "authorization" in server.received[0].headers
