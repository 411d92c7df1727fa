"""Answers into exceptions: CouchDB's error code first, its status second."""

from http import HTTPStatus
from typing import NoReturn

from couchmapper.exceptions import (
    BadRequest,
    DatabaseExists,
    DatabaseNotFound,
    DocumentConflict,
    DocumentNotFound,
    Forbidden,
    IllegalDatabaseName,
    IllegalDocumentId,
    InvalidAnswer,
    InvalidJSON,
    InvalidSelector,
    MethodNotAllowed,
    NotFound,
    NotImplementedByStore,
    NoUsableIndex,
    PreconditionFailed,
    ResponseError,
    ServerError,
    ServiceUnavailable,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
)
from couchmapper.messages import Request, Response
from couchmapper.typing import JSON

__all__ = ["decode", "label", "raise_for", "revision"]

_BY_CODE: dict[tuple[int, str], type[ResponseError]] = {
    (400, "bad_arg"): InvalidSelector,
    (400, "database_name_too_long"): IllegalDatabaseName,
    (400, "illegal_database_name"): IllegalDatabaseName,
    (400, "illegal_docid"): IllegalDocumentId,
    (400, "invalid_operator"): InvalidSelector,
    (400, "invalid_selector"): InvalidSelector,
    (400, "invalid_selector_json"): InvalidSelector,
    (400, "no_usable_index"): NoUsableIndex,
    (400, "not_supported"): InvalidSelector,
    (412, "file_exists"): DatabaseExists,
}
_BY_REASON: dict[tuple[int, str], type[ResponseError]] = {
    (404, "Database does not exist."): DatabaseNotFound,
    (404, "deleted"): DocumentNotFound,
    (404, "missing"): DocumentNotFound,
}
_BY_STATUS: dict[int, type[ResponseError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    409: DocumentConflict,
    412: PreconditionFailed,
    413: TooLarge,
    415: UnsupportedMediaType,
    429: TooManyRequests,
    501: NotImplementedByStore,
    503: ServiceUnavailable,
}


def label(request: Request) -> str:
    """Return how errors name a request: its method and path, so that they say which database or document."""
    return f"{request.method} /{'/'.join(request.path)}"


def raise_for(request: Request, response: Response) -> NoReturn:
    """Raise the exception that an answer with an error status stands for."""
    body = _body(response)
    told = body if isinstance(body, dict) else {}
    error = str(told.get("error") or HTTPStatus(response.status).phrase.lower().replace(" ", "_"))
    reason = str(told.get("reason") or "")
    if not told and response.body:
        reason = f"the answer is not CouchDB's: {_described(response)}"
    kind = _kind(request, response.status, error, reason)
    raise kind(reason, error=error, status=response.status, request=label(request), body=body)


def decode(request: Request, response: Response) -> JSON:
    """Parse an answer that CouchDB promises to be JSON; raises `InvalidAnswer` when it is something else."""
    try:
        return response.json()
    except InvalidJSON as error:
        raise InvalidAnswer(
            f"{label(request)}: the answer is not JSON but {_described(response)}; check that the URL is a"
            " CouchDB server's and that no proxy answers in its place"
        ) from error


def revision(response: Response) -> str:
    """Return the revision that the `ETag` of an answer about a document names."""
    tag = response.headers.get("etag", "")
    if not tag:
        raise InvalidAnswer(
            "the answer has no ETag, which CouchDB always sends; check the proxies on the way"
        )
    return tag.removeprefix("W/").strip('"')


def _kind(request: Request, status: int, error: str, reason: str) -> type[ResponseError]:
    found = _BY_CODE.get((status, error)) or _BY_REASON.get((status, reason))
    if found is None and request.method == "HEAD" and status == HTTPStatus.NOT_FOUND:
        return DatabaseNotFound if request.route == "/{db}" else DocumentNotFound
    return found or _BY_STATUS.get(status) or (ServerError if status >= 500 else ResponseError)  # noqa: PLR2004


def _body(response: Response) -> JSON:
    try:
        return response.json() if response.body else None
    except InvalidJSON:
        return None


def _described(response: Response) -> str:
    """Describe a body without showing it: what a proxy sends may hold anything."""
    return f"{response.headers.get('content-type', 'of no type')}, {len(response.body)} bytes"
