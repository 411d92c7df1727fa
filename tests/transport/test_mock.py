from couchmapper.messages import Request
from couchmapper.transport.base import TransportWrapper
from couchmapper.transport.mock import MockTransport, json_response

UP = Request(method="GET", path=("_up",), route="/_up")


def test_the_function_answers_and_the_requests_are_kept():
    transport = MockTransport(lambda request: json_response({"path": list(request.path)}))

    assert transport.send(UP).json() == {"path": ["_up"]}
    assert transport.requests == [UP]


def test_a_json_response_looks_like_couchdbs():
    response = json_response({"ok": True}, status=201, headers={"etag": '"1-a"'})

    assert response.status == 201
    assert response.headers == {"content-type": "application/json", "etag": '"1-a"'}
    assert response.body == b'{"ok":true}\n'


def test_closing_a_wrapper_closes_what_it_wraps():
    transport = MockTransport(lambda _: json_response({}))

    with TransportWrapper(transport) as wrapper:
        wrapper.send(UP)

    assert transport.closed


def test_a_wrapper_shows_what_it_wraps():
    class Quiet(TransportWrapper):
        pass

    inner = MockTransport(lambda _: json_response({}))

    assert repr(Quiet(inner)) == f"Quiet({inner!r})"
