"""Answers as CouchDB writes them: compact JSON that ends with a line feed, lists with a line per row."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from couchmapper import jsonio
from couchmapper.exceptions import MethodNotAllowed, ResponseError
from couchmapper.messages import Response
from couchmapper.typing import JSON

__all__ = ["answer_error", "answer_json", "answer_rows", "answer_text", "not_allowed", "not_modified"]

_HEADERS: Mapping[str, str] = MappingProxyType(
    {"cache-control": "must-revalidate", "content-type": "application/json"}
)


def answer_json(value: JSON, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a JSON value."""
    return answer_text(jsonio.dumps(value), status=status, headers=headers)


def answer_text(text: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON text that is written already."""
    return Response(
        status=status, headers={**_HEADERS, **headers} if headers else _HEADERS, body=text + b"\n"
    )


def answer_rows(head: bytes, rows: Iterable[bytes], tail: bytes, *, status: int = 200) -> Response:
    """Answer with a list: `head` is all before the first row, `tail` all after the last one."""
    return answer_text(head + b"\n" + b",\n".join(rows) + b"\n" + tail, status=status)


def answer_error(error: ResponseError, *, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with an error's status, code and reason."""
    allowed = {"allow": error.body["allow"]} if isinstance(error, MethodNotAllowed) else {}
    return answer_json(
        {"error": error.error, "reason": error.reason},
        status=error.status,
        headers={**allowed, **(headers or {})},
    )


def not_allowed(methods: Iterable[str]) -> MethodNotAllowed:
    """Make the error for a method that is none of those that the resource knows."""
    allowed = ",".join(methods)
    return MethodNotAllowed(f"Only {allowed} allowed", body={"allow": allowed})


def not_modified(etag: str) -> Response:
    """Answer that the reader has this version already."""
    return Response(status=304, headers={"etag": etag})
