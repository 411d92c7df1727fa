import pytest

from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request, Timeout
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.transport.options import OptionsTransport

POST = Request(method="POST", path=("db",), route="/{db}", headers={"Content-Type": "application/json"})


def sent(request: Request = POST, **options) -> Request:
    inner = MockTransport(lambda _: json_response({}))
    OptionsTransport(inner, **options).send(request)
    return inner.requests[0]


def test_a_request_has_the_timeout_of_its_options():
    assert sent(timeout=5).timeout == Timeout(connect=5, read=5, total=5)
    assert sent(timeout=(1, 2)).timeout == Timeout(connect=1, read=2)


def test_without_options_a_request_stays_as_it_is():
    assert sent() == POST


def test_headers_are_added():
    assert sent(headers={"X-Trace": "1"}).headers == {"Content-Type": "application/json", "X-Trace": "1"}


def test_a_header_replaces_that_of_the_operation_however_it_is_spelled():
    assert sent(headers={"content-type": "text/plain"}).headers == {"content-type": "text/plain"}


def test_closing_leaves_the_connections_open():
    inner = MockTransport(lambda _: json_response({}))

    OptionsTransport(inner, timeout=1).close()

    assert not inner.closed


def test_a_request_has_the_deadline_of_its_options():
    assert sent(deadline=3).deadline == 3
    assert sent(timeout=5, deadline=3).timeout == Timeout.of(5)


@pytest.mark.parametrize("deadline", [0, -1, "5", True])
def test_a_deadline_is_a_positive_number_of_seconds(deadline):
    with pytest.raises(ConfigurationError, match="positive"):
        sent(deadline=deadline)
