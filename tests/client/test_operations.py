"""What each operation sends, with every parameter that it has: the rows are in `tests/client/tables/`."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import ROWS
from tables.row import NO_BODY, Row, find, roots

from couchmapper import jsonio
from couchmapper.client import Client
from couchmapper.client.operation import Operation
from couchmapper.client.resource import Resource
from couchmapper.exceptions import BadRequest, InvalidJSON
from couchmapper.messages import Request
from couchmapper.transport.addresses import Address
from couchmapper.transport.mock import MockTransport, json_response

ADDRESS = Address(origin="http://couchdb.test")
CLIENT = Client(MockTransport(lambda _: json_response({})))


def operations(place: object, name: str) -> Iterator[tuple[str, Operation[..., Any]]]:
    """Yield every operation below a place by its dotted name."""
    for part in dir(place):
        if part.startswith("_") or isinstance(getattr(type(place), part, None), property):
            continue
        found = getattr(place, part)
        if isinstance(found, Operation):
            yield f"{name}.{part}", found
        elif isinstance(found, Resource):
            yield from operations(found, f"{name}.{part}")


OPERATIONS = dict(found for name, place in roots(CLIENT).items() for found in operations(place, name))


def function_of(name: str) -> Callable[..., Request]:
    """Return the method that builds the requests of an operation; chapters at several places share them."""
    return OPERATIONS[name].__wrapped__


FUNCTIONS = {function_of(name): name for name in OPERATIONS}
ROWS_OF = {
    function: [row for row in ROWS if function_of(row.operation) is function] for function in FUNCTIONS
}


def parameters(function: Callable[..., Request]) -> set[str]:
    """Return the names of all parameters of an operation, those of its groups one by one."""
    names = set()
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            (group,) = get_args(get_type_hints(function)[name])
            names |= group.__optional_keys__
        else:
            names.add(name)
    return names


def given_in(row: Row) -> set[str]:
    """Return the names of the parameters that a row gives."""
    signature = inspect.signature(function_of(row.operation))
    bound = set(signature.bind(None, *row.arguments, **row.options).arguments)
    group = {
        name for name, parameter in signature.parameters.items() if parameter.kind is parameter.VAR_KEYWORD
    }
    return (bound - group - {"self"}) | set(row.options)


def content(request: Request) -> object:
    """Return the body of a request as a row has it."""
    if request.body is None:
        return NO_BODY
    text = request.body if isinstance(request.body, bytes) else b"".join(request.body)
    return jsonio.loads(text) if request.headers["Content-Type"] == "application/json" else text


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_operation_sends_what_its_row_says(row: Row):
    request = row.request(CLIENT)
    is_json = row.body is not NO_BODY and "Content-Type" not in row.headers

    assert (request.method, request.path) == (row.method, row.path)
    assert dict(request.query) == row.query
    assert content(request) == row.body
    assert dict(request.headers) == ({"Content-Type": "application/json"} if is_json else {}) | row.headers
    assert request.repeatable is row.repeatable
    assert request.route.count("/") == max(1, len(request.path))


@pytest.mark.parametrize("function", FUNCTIONS, ids=FUNCTIONS.get)
def test_the_rows_of_an_operation_give_every_parameter(function):
    assert ROWS_OF[function], "write a row for this operation into tests/client/tables"
    assert set().union(*map(given_in, ROWS_OF[function])) == parameters(function)


@pytest.mark.parametrize("function", FUNCTIONS, ids=FUNCTIONS.get)
def test_the_docstring_of_an_operation_begins_with_its_endpoint(function):
    method, route, dash, *_ = (function.__doc__ or "").split()
    sent = {(request.method, request.route) for request in (row.request(CLIENT) for row in ROWS_OF[function])}

    assert (method, route.partition("?")[0]) in sent
    assert dash == "\N{EM DASH}"


NAMED = [
    (row, place)
    for row in ROWS
    for place, value in [*enumerate(row.arguments), *row.options.items()]
    if (value.get("_id") if isinstance(value, dict) else value) in row.path
]


def with_name(row: Row, place: int | str, name: str) -> Request:
    """Build the request of a row with another name in one place."""
    arguments, options = list(row.arguments), dict(row.options)
    given_here = arguments if isinstance(place, int) else options
    value = given_here[place]
    given_here[place] = {**value, "_id": name} if isinstance(value, dict) else name
    return row.request(CLIENT, *arguments, **options)


@pytest.mark.parametrize(("row", "place"), NAMED, ids=str)
@given(name=st.text(min_size=1).filter(lambda text: text not in {".", ".."} and text[0] != "_"))
def test_any_unicode_name_is_exactly_one_segment(row: Row, place: int | str, name: str):
    request = with_name(row, place, name)
    path, (target, *_) = request.path, ADDRESS.target(request).split("?")

    assert tuple(map(unquote, target.split("/")[1:])) == path
    assert len(path) == len(row.path)
    assert [new for old, new in zip(row.path, path, strict=True) if old != new] in ([name], [])


@pytest.mark.parametrize("name", ["", ".", "..", 7], ids=repr)
@pytest.mark.parametrize(("row", "place"), NAMED, ids=str)
def test_a_name_that_would_reach_something_else_is_refused(row: Row, place: int | str, name):
    with pytest.raises(BadRequest):
        with_name(row, place, name)


@pytest.mark.parametrize("name", OPERATIONS)
def test_building_a_request_sends_nothing(name: str):
    transport = MockTransport(lambda _: json_response({}))

    for row in ROWS_OF[function_of(name)]:
        row.request(Client(transport))

    assert transport.requests == []


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("db.bulk.all_docs", ()),
        ("db.bulk.queries", ([],)),
        ("db.changes.feed", ()),
        ("db.documents.get", ("a",)),
        ("db.find.query", ({},)),
        ("db.search.query", ("d", "i", "a:x")),
        ("db.security.put", ()),
        ("db.views.query", ("d", "v")),
        ("client.replication.replicate", ("http://a", "http://b")),
        ("client.server.updates", ()),
    ],
)
def test_defaults_are_not_sent(name: str, arguments: tuple[object, ...]):
    request = find(CLIENT, name).request(*arguments)
    body = content(request)

    assert request.query == {}
    assert body is NO_BODY or body.keys() <= {"queries", "selector", "query", "source", "target"}


def test_none_is_not_sent_but_as_a_key():
    request = find(CLIENT, "db.views.query").request("d", "v", limit=None, update=None, key=None)

    assert content(request) == {"key": None}


def test_a_value_that_json_cannot_hold_is_refused():
    with pytest.raises(InvalidJSON, match=r"lines\[0\]\.price"):
        CLIENT.database("shop").documents.put({"_id": "a", "lines": [{"price": float("nan")}]})


def test_an_option_that_nobody_knows_is_refused():
    with pytest.raises(TypeError, match=r"'limits'; expected one of .*limit, skip"):
        find(CLIENT, "db.bulk.all_docs").request(limits=1)


def test_a_database_asks_about_itself():
    transport = MockTransport(lambda _: json_response({}))
    database = Client(transport).database("shop")

    database.information()
    database.exists()

    assert [(request.method, request.path) for request in transport.requests] == [
        ("GET", ("shop",)),
        ("HEAD", ("shop",)),
    ]
