"""From a method and a path to the function that answers them."""

from collections.abc import Iterable, Mapping

import attrs

from couchmapper.embedded.answers import not_allowed
from couchmapper.embedded.call import Answer
from couchmapper.exceptions import NotFound, NotImplementedByStore

__all__ = ["Route", "Router"]


@attrs.frozen
class Route:
    """One method of one resource: `Route("GET", "/{db}/_all_docs", answer)`.

    A segment in braces takes any text, and the last one with a star, `{attachment*}`, all that is left.
    Without `answer` the engine knows of the resource and says that it has no answer; `method` then is `*`.
    """

    method: str
    pattern: str
    answer: Answer | None


@attrs.define
class _Place:
    """A place in the tree of paths: what is below it, and what is answered here."""

    named: dict[str, "_Place"] = attrs.field(factory=dict)
    any: "_Place | None" = None
    rest: "_Place | None" = None
    routes: dict[str, Route] = attrs.field(factory=dict)
    variables: tuple[str, ...] = ()


class Router:
    """Finds routes: a segment that stands in a pattern literally wins over one in braces."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Place()
        for route in routes:
            self._add(route)

    def find(self, method: str, path: tuple[str, ...]) -> tuple[Answer, Mapping[str, str]]:
        """Return the answer for a path and what stands in its braces; `GET` answers for `HEAD` too.

        Raises `MethodNotAllowed` for a method that the resource does not know, `NotImplementedByStore` for a
        resource of CouchDB that has no answer here, and `NotFound` for any other path.
        """
        found = _descend(self._root, _split_reserved(path), ())
        if found is None:
            raise NotFound("missing")
        place, values = found
        route = place.routes.get(method) or place.routes.get("*")
        if route is None and method == "HEAD":
            route = place.routes.get("GET")
        if route is None:
            raise not_allowed(_known(place))
        if route.answer is None:
            raise NotImplementedByStore(f"{method} {route.pattern} has no answer in the embedded engine yet")
        return route.answer, dict(zip(place.variables, values, strict=True))

    def _add(self, route: Route) -> None:
        place = self._root
        variables: list[str] = []
        for segment in filter(None, route.pattern.split("/")):
            if not segment.startswith("{"):
                place = place.named.setdefault(segment, _Place())
                continue
            variables.append(segment.strip("{*}"))
            if segment.endswith("*}"):
                place.rest = place = place.rest or _Place()
            else:
                place.any = place = place.any or _Place()
        place.variables = tuple(variables)
        place.routes[route.method] = route


def _descend(
    place: _Place, path: tuple[str, ...], values: tuple[str, ...]
) -> tuple[_Place, tuple[str, ...]] | None:
    """Follow a path down the tree, literal segments first."""
    if not path:
        return (place, values) if place.routes else None
    if path[0] in place.named and (found := _descend(place.named[path[0]], path[1:], values)):
        return found
    if place.any is not None and (found := _descend(place.any, path[1:], (*values, path[0]))):
        return found
    if place.rest is not None:
        return place.rest, (*values, "/".join(path))
    return None


def _split_reserved(path: tuple[str, ...]) -> tuple[str, ...]:
    """Make two segments of `_design/name` and `_local/name`, which may come as one."""
    if len(path) > 1 and path[1].startswith(("_design/", "_local/")):
        kind, _, name = path[1].partition("/")
        return (path[0], kind, name, *path[2:])
    return path


def _known(place: _Place) -> list[str]:
    """List the methods of a resource, `HEAD` beside `GET`."""
    methods: list[str] = []
    for method in place.routes:
        methods.extend(("GET", "HEAD") if method == "GET" else (method,))
    return list(dict.fromkeys(methods))
