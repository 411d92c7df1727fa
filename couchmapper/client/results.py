"""What operations return: the JSON of an answer, a member of it, a revision, or nothing."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from couchmapper.client.errors import decode, revision
from couchmapper.client.rows import Rows
from couchmapper.client.streaming import Streaming
from couchmapper.exceptions import InvalidAnswer
from couchmapper.messages import Request, Response
from couchmapper.typing import JSONObject

__all__ = [
    "JSONObjects",
    "NotModified",
    "current_revision",
    "json_list",
    "json_names",
    "json_object",
    "json_string",
    "leaves",
    "lines",
    "member",
    "nothing",
    "number",
    "plain_text",
    "whole_answer",
]

T = TypeVar("T")

JSONObjects: TypeAlias = list[JSONObject]
"""A list of JSON objects."""

_NOT_MODIFIED = 304


class NotModified(JSONObject):
    """What a conditional read returns instead of a document that is still the one with that revision.

    It is an empty object, and so false: `db.documents.get(id, if_none_match=rev) or document`.
    """

    def __repr__(self) -> str:
        return "NotModified()"


def json_object(request: Request, response: Response) -> JSONObject:
    """Return the answer, an object; `NotModified` for a 304."""
    if response.status == _NOT_MODIFIED:
        return NotModified()
    found: JSONObject = decode(request, response)
    return found


def json_list(request: Request, response: Response) -> JSONObjects:
    """Return the answer, a list of objects."""
    found: JSONObjects = decode(request, response)
    return found


def json_names(request: Request, response: Response) -> list[str]:
    """Return the answer, a list of names."""
    found: list[str] = decode(request, response)
    return found


def json_string(request: Request, response: Response) -> str:
    """Return the answer, a JSON string."""
    found: str = decode(request, response)
    return found


def lines(request: Request, response: Response) -> JSONObject:
    """Return the changes of a feed that has a line for each, as other feeds have them in `results`."""
    rows = Rows(request, Streaming(response), "results")
    return {"results": list(rows), **rows.members}


def number(request: Request, response: Response) -> int:
    """Return the answer, a JSON number."""
    found: int = decode(request, response)
    return found


def plain_text(request: Request, response: Response) -> str:
    """Return the answer as the text that it is."""
    del request
    return response.body.decode()


def whole_answer(request: Request, response: Response) -> Response:
    """Return the answer itself: its body may be anything."""
    del request
    return response


def nothing(request: Request, response: Response) -> None:
    """Return nothing: that there was an answer says everything."""
    del request, response


def current_revision(request: Request, response: Response) -> str:
    """Return the revision in the `ETag` of the answer."""
    del request
    return revision(response)


def leaves(request: Request, response: Response) -> JSONObjects:
    """Return the revisions that an answer to `open_revs` holds."""
    return [row["ok"] for row in json_list(request, response) if "ok" in row]


def member(name: str, kind: type[T]) -> Callable[[Request, Response], T]:
    """Make the function that returns one member of the answer."""
    del kind  # for the type of the result alone

    def parse(request: Request, response: Response) -> T:
        answer: Any = decode(request, response)
        try:
            found: T = answer[name]
        except (KeyError, TypeError) as error:
            raise InvalidAnswer(f"{request.method} {request.route}: the answer has no {name!r}") from error
        return found

    return parse
