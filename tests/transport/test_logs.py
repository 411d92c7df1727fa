import logging
import subprocess
import sys

import pytest

from couchmapper.exceptions import ConnectionFailed
from couchmapper.messages import Request, Response
from couchmapper.transport.logs import LoggingTransport
from couchmapper.transport.mock import MockTransport, json_response

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
