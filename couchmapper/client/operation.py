"""An operation of CouchDB's API: one function that builds its request, and the ways to get the answer.

`db.views.query("orders", "by_customer")` sends and returns the parsed answer. The same operation, with the
same arguments, can be asked otherwise:

    db.views.query.rows(...)        the rows one by one as they arrive, in constant memory
    db.views.query.pages(...)       the rows in pages, which can be resumed
    db.documents.get.stream(...)    the bytes of the answer as they arrive
    db.documents.get.response(...)  status, headers and body
    db.documents.get.request(...)   what would be sent
"""

from collections.abc import Callable
from inspect import Signature, signature
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

import attrs

from couchmapper.client.errors import check
from couchmapper.client.failures import BulkFailed
from couchmapper.client.paging import Pages
from couchmapper.client.positions import Position
from couchmapper.client.resource import Resource
from couchmapper.client.rows import Rows
from couchmapper.client.streaming import Streaming
from couchmapper.exceptions import ResponseError
from couchmapper.messages import Request, Response

__all__ = [
    "BulkOperation",
    "ListOperation",
    "Operation",
    "PagedOperation",
    "bulk_operation",
    "list_operation",
    "operation",
    "paged_operation",
]

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Resource)
Bound = TypeVar("Bound")


@attrs.frozen
class _Plan(Generic[T]):
    """What an operation is made of: how its request is built, and how its answer is read."""

    build: Callable[..., Request]
    parse: Callable[[Request, Response], T]
    member: str = ""
    positions: Any = None
    failures: Any = None


class Operation(Generic[P, T]):
    """An operation of one resource, ready to be called."""

    def __init__(self, resource: Resource, plan: _Plan[T]) -> None:
        self._resource = resource
        self._plan = plan
        self.__doc__ = plan.build.__doc__

    @property
    def __wrapped__(self) -> Callable[..., Request]:
        """The method that builds the request."""
        return self._plan.build

    @property
    def __signature__(self) -> Signature:
        """The parameters of the method that builds the request; the result is that of the operation."""
        told = signature(MethodType(self._plan.build, self._resource))
        return told.replace(return_annotation=Signature.empty)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Send the request and return what the answer says; raises `ResponseError`, `TransportError`."""
        request = self._plan.build(self._resource, *args, **kwargs)
        response = self._resource.transport.send(request)
        if response.status >= 300:  # noqa: PLR2004 - from redirects on, it is not what was asked for
            check(request, response)
        return self._plan.parse(request, response)

    def __repr__(self) -> str:
        return f"<operation {self._plan.build.__name__} of {self._resource!r}>"

    def request(self, *args: P.args, **kwargs: P.kwargs) -> Request:
        """Return the request that the call would send; nothing is sent."""
        return self._plan.build(self._resource, *args, **kwargs)

    def response(self, *args: P.args, **kwargs: P.kwargs) -> Response:
        """Send the request and return the whole answer, 304 included; raises as the call does."""
        request = self.request(*args, **kwargs)
        return check(request, self._resource.transport.send(request))

    def stream(self, *args: P.args, **kwargs: P.kwargs) -> Streaming:
        """Send the request and return the body of the answer as bytes to be read while they arrive.

        Close it, or use it as a context manager: it holds a connection. Raises as the call does.
        """
        return self._open(*args, **kwargs)[1]

    def _open(self, *args: P.args, **kwargs: P.kwargs) -> tuple[Request, Streaming]:
        request = attrs.evolve(self.request(*args, **kwargs), stream=True)
        response = check(request, self._resource.transport.send(request))
        return request, Streaming(response)


class ListOperation(Operation[P, T]):
    """An operation whose answer has a list of rows, which can be read one by one."""

    def rows(self, *args: P.args, **kwargs: P.kwargs) -> Rows:
        """Send the request and return its rows one by one as they arrive, in constant memory.

        Close it, or use it as a context manager, or read it to its end: it holds a connection until then.
        """
        return Rows(*self._open(*args, **kwargs), self._plan.member)


class PagedOperation(ListOperation[P, T]):
    """An operation with a list of rows that can be asked for in pages."""

    def pages(self, *args: P.args, **kwargs: P.kwargs) -> Pages:
        """Return the pages of the list; nothing is sent before they are iterated.

        `limit` among the arguments is the most rows in all; `.of(500)` sets the size of a page.
        """
        self.request(*args, **kwargs)  # refuses wrong arguments now
        ask: Any = self
        return Pages(ask=ask, arguments=args, options=kwargs, positions=self._plan.positions)


class BulkOperation(Operation[P, T]):
    """An operation on many documents, of which some can fail while others are done."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Send the request and return its results; raises `BulkFailed` when one of them is a failure."""
        results = self.results(*args, **kwargs)
        failed = self._plan.failures(results)
        if failed:
            raise BulkFailed(failed, results)
        return results

    def results(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Send the request and return its results; failures are among them, and it is yours to look."""
        return super().__call__(*args, **kwargs)


class _Declared(Generic[R, Bound]):
    """An operation in the body of its class; on an instance it becomes one that can be called."""

    def __init__(self, kind: Callable[[R, _Plan[Any]], Bound], plan: _Plan[Any]) -> None:
        self._kind = kind
        self._plan = plan
        self.__doc__ = plan.build.__doc__
        self.__wrapped__ = plan.build

    @overload
    def __get__(self, instance: None, owner: object) -> Self: ...
    @overload
    def __get__(self, instance: R, owner: object) -> Bound: ...
    def __get__(self, instance: R | None, owner: object) -> "Self | Bound":
        return self if instance is None else self._kind(instance, self._plan)


def operation(
    parse: Callable[[Request, Response], T],
) -> "Callable[[Callable[Concatenate[R, P], Request]], _Declared[R, Operation[P, T]]]":
    """Make an operation of a method that builds a request; `parse` makes the result of the answer."""

    def declare(build: Callable[Concatenate[R, P], Request]) -> _Declared[R, Operation[P, T]]:
        return _Declared(Operation, _Plan(build, parse))

    return declare


def list_operation(
    parse: Callable[[Request, Response], T], rows: str
) -> "Callable[[Callable[Concatenate[R, P], Request]], _Declared[R, ListOperation[P, T]]]":
    """Make an operation whose answer has its rows in the member `rows`."""

    def declare(build: Callable[Concatenate[R, P], Request]) -> _Declared[R, ListOperation[P, T]]:
        return _Declared(ListOperation, _Plan(build, parse, rows))

    return declare


def paged_operation(
    parse: Callable[[Request, Response], T], rows: str, positions: type[Position]
) -> "Callable[[Callable[Concatenate[R, P], Request]], _Declared[R, PagedOperation[P, T]]]":
    """Make an operation whose answer has its rows in `rows`; `positions` is how its pages are found."""

    def declare(build: Callable[Concatenate[R, P], Request]) -> _Declared[R, PagedOperation[P, T]]:
        return _Declared(PagedOperation, _Plan(build, parse, rows, positions))

    return declare


def bulk_operation(
    parse: Callable[[Request, Response], T], failures: Callable[[T], list[ResponseError]]
) -> "Callable[[Callable[Concatenate[R, P], Request]], _Declared[R, BulkOperation[P, T]]]":
    """Make an operation of whose results some can be failures, which `failures` finds."""

    def declare(build: Callable[Concatenate[R, P], Request]) -> _Declared[R, BulkOperation[P, T]]:
        return _Declared(BulkOperation, _Plan(build, parse, failures=failures))

    return declare
