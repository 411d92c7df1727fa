"""Reading query parameters as CouchDB's views and lists read them, with its words for what is wrong."""

from collections.abc import Mapping
from typing import Final

from couchmapper import jsonio
from couchmapper.embedded.storage.ranges import IdRange
from couchmapper.exceptions import BadRequest, InvalidJSON
from couchmapper.typing import JSON

__all__ = ["ABSENT", "flag", "id_range", "json_parameter", "non_negative", "query_error"]

ABSENT: Final = object()
"""What `json_parameter` returns for a parameter that is not there: `null` is a value."""


def query_error(reason: str) -> BadRequest:
    """Make the error for a parameter that cannot be read."""
    return BadRequest(reason, error="query_parse_error")


def flag(query: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """Read `true` or `false`."""
    text = query.get(name)
    if text is None:
        return default
    if text.lower() not in {"true", "false"}:
        raise query_error(f'Invalid boolean parameter: "{text}"')
    return text.lower() == "true"


def non_negative(query: Mapping[str, str], name: str) -> int | None:
    """Read a whole number from 0 up, or None when it is not given."""
    text = query.get(name)
    if text is None:
        return None
    try:
        number = int(text)
    except ValueError:
        raise query_error(f'Invalid value for integer: "{text}"') from None
    if number < 0:
        raise query_error(f'Invalid value for positive integer: "{text}"')
    return number


def json_parameter(query: Mapping[str, str], *names: str) -> JSON:
    """Read the first of these parameters that is given, as JSON; `ABSENT` when none is."""
    for name in names:
        if name in query:
            try:
                return jsonio.loads(query[name])
            except InvalidJSON as error:
                raise BadRequest("invalid UTF-8 JSON") from error
    return ABSENT


def id_range(query: Mapping[str, str], *, descending: bool) -> IdRange:
    """Read `key`, `startkey`, `endkey` and `inclusive_end` as bounds of ids.

    Ids come in byte order, and JSON of any other type comes before every id.
    """
    key = json_parameter(query, "key")
    start = key if key is not ABSENT else json_parameter(query, "startkey", "start_key")
    end = key if key is not ABSENT else json_parameter(query, "endkey", "end_key")
    inclusive = flag(query, "inclusive_end", default=True)
    if descending:
        return IdRange(first=_bound(end), last=_bound(start), first_included=inclusive)
    return IdRange(first=_bound(start), last=_bound(end), last_included=inclusive)


def _bound(value: JSON) -> str | None:
    if value is ABSENT:
        return None
    return value if isinstance(value, str) else ""
