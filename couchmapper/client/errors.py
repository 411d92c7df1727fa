"""Answers into exceptions: CouchDB's error code first, its status second."""

from http import HTTPStatus

from couchmapper import jsonio
from couchmapper.exceptions import (
    BadGateway,
    BadRequest,
    CouchMapperError,
    DatabaseExists,
    DatabaseNotFound,
    DocumentConflict,
    DocumentNotFound,
    ExpectationFailed,
    Forbidden,
    GatewayTimeout,
    Gone,
    IllegalDatabaseName,
    IllegalDocumentId,
    InvalidAnswer,
    InvalidJSON,
    InvalidSelector,
    MethodNotAllowed,
    MissingStub,
    NotAcceptable,
    NotFound,
    NotImplementedByStore,
    NotPartitioned,
    NoUsableIndex,
    PreconditionFailed,
    RangeNotSatisfiable,
    ResponseError,
    ServerError,
    ServiceUnavailable,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
    URITooLong,
)
from couchmapper.messages import Request, Response
from couchmapper.typing import JSON, JSONObject

__all__ = ["check", "decode", "error_in", "failure", "label", "revision"]

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
    (412, "missing_stub"): MissingStub,
}
_BY_REASON: dict[tuple[int, str], type[ResponseError]] = {
    (400, "database is not partitioned"): NotPartitioned,
    (404, "Database does not exist."): DatabaseNotFound,
    (404, "deleted"): DocumentNotFound,
    (404, "missing"): DocumentNotFound,
}
_STATUS_OF_CODE = {
    "bad_request": 400,
    "illegal_docid": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "precondition_failed": 412,
    "missing_stub": 412,
    "document_too_large": 413,
    "too_many_requests": 429,
}
_BY_STATUS: dict[int, type[ResponseError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    409: DocumentConflict,
    410: Gone,
    412: PreconditionFailed,
    413: TooLarge,
    414: URITooLong,
    415: UnsupportedMediaType,
    416: RangeNotSatisfiable,
    417: ExpectationFailed,
    429: TooManyRequests,
    501: NotImplementedByStore,
    502: BadGateway,
    503: ServiceUnavailable,
    504: GatewayTimeout,
}


def label(request: Request) -> str:
    """Return how errors name a request: its method and path, so that they say which database or document."""
    return f"{request.method} /{'/'.join(request.path)}"


def check(request: Request, response: Response) -> Response:
    """Return the answer, 304 included; raises the exception that any other error status stands for."""
    if response.status < HTTPStatus.MULTIPLE_CHOICES or response.status == HTTPStatus.NOT_MODIFIED:
        return response
    body = _body(response)
    told = body if isinstance(body, dict) else {}
    error = str(told.get("error") or response.phrase())
    reason = str(told.get("reason") or "")
    if not told and response.body:
        reason = f"the answer is not CouchDB's: {response.described()}"
    kind = _kind(request, response.status, error, reason)
    place, headers = label(request), response.headers
    raised = kind(reason, error=error, status=response.status, request=place, body=body, headers=headers)
    if response.remark:
        raised.advice = response.remark
    raise raised


def failure(result: JSONObject, place: str) -> ResponseError:
    """Return the exception that one failed result of a bulk answer stands for; `place` says which it is."""
    error, reason = str(result.get("error")), str(result.get("reason", ""))
    status = _STATUS_OF_CODE.get(error, 500)
    kind = _BY_CODE.get((status, error)) or _BY_STATUS.get(status, ServerError)
    return kind(reason, error=error, status=status, request=place, body=result)


def error_in(text: bytes, place: str) -> CouchMapperError | None:
    """Return the error that CouchDB wrote at the end of an answer which it had begun well already."""
    try:
        told = jsonio.loads(text.strip().rpartition(b"\n")[2])
    except InvalidJSON:
        return None
    return failure(told, place) if isinstance(told, dict) and "error" in told else None


def decode(request: Request, response: Response) -> JSON:
    """Parse an answer that CouchDB promises to be JSON; raises `InvalidAnswer` when it is something else."""
    try:
        return response.json()
    except InvalidJSON as error:
        raise InvalidAnswer(
            f"{label(request)}: the answer is not JSON but {response.described()}; check that the URL is a"
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
