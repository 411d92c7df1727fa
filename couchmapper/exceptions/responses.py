"""The store answered with an error status, or would have: one class for each."""

from collections.abc import Mapping

from couchmapper.exceptions.base import CouchMapperError
from couchmapper.typing import JSON

__all__ = [
    "BadGateway",
    "BadRequest",
    "DatabaseExists",
    "DatabaseNotFound",
    "DocumentConflict",
    "DocumentNotFound",
    "ExpectationFailed",
    "Forbidden",
    "GatewayTimeout",
    "Gone",
    "IllegalDatabaseName",
    "IllegalDocumentId",
    "InvalidSelector",
    "MethodNotAllowed",
    "MissingStub",
    "NoUsableIndex",
    "NotAcceptable",
    "NotFound",
    "NotImplementedByStore",
    "NotPartitioned",
    "PreconditionFailed",
    "RangeNotSatisfiable",
    "ResponseError",
    "ServerError",
    "ServiceUnavailable",
    "TokenRefused",
    "TooLarge",
    "TooManyRequests",
    "URITooLong",
    "Unauthorized",
    "UnsupportedMediaType",
]


class ResponseError(CouchMapperError):
    """The store refused a request, or would: `status`, `error` (its code) and `reason` are CouchDB's own.

    `request` is the method and path of what was asked, `body` the parsed answer if there was one, and
    `headers` are those of the answer, with names in lower case.
    """

    status: int = 500
    error: str = "unknown_error"
    advice: str = ""

    def __init__(  # noqa: PLR0913 - the parts of an answer
        self,
        reason: str = "",
        *,
        error: str | None = None,
        status: int | None = None,
        request: str = "",
        body: JSON = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error if error is not None else type(self).error
        self.status = status if status is not None else type(self).status
        self.request = request
        self.body = body
        self.headers = dict(headers or {})

    def __str__(self) -> str:
        place = f"{self.request}: " if self.request else ""
        told = f"{self.error}: {self.reason}" if self.reason else self.error
        return f"{place}{self.status} {told}" + (f" ({self.advice})" if self.advice else "")


class BadRequest(ResponseError):
    """The request is malformed: an unknown parameter, a wrong type, a broken body."""

    status = 400
    error = "bad_request"


class IllegalDatabaseName(BadRequest):
    """A database name outside CouchDB's rule: `^[a-z][a-z0-9_$()+/-]*$`, at most 238 characters."""

    error = "illegal_database_name"
    advice = "use lower-case letters, digits and _ $ ( ) + - /, and begin with a letter"


class IllegalDocumentId(BadRequest):
    """A document id that is empty, not text, `.` or `..`, or begins with an underscore."""

    error = "illegal_docid"
    advice = "use a non-empty id that is not '.' or '..' and does not begin with '_'"


class InvalidSelector(BadRequest):
    """A Mango selector that has no meaning; `error` is CouchDB's code for it."""

    error = "invalid_selector_json"


class NoUsableIndex(BadRequest):
    """No index on the server can give the order that was asked for."""

    error = "no_usable_index"
    advice = "create an index on the sort fields, or leave the order out"


class NotPartitioned(BadRequest):
    """A partition is asked of a database that has none."""

    advice = (
        "make the database with client.databases.create(name, partitioned=True); or ask all of it, a query"
        " with .across_partitions(), a view or a search without .partition()"
    )


class Unauthorized(ResponseError):
    """The credentials are missing or wrong."""

    status = 401
    error = "unauthorized"
    advice = "check the user name and password given to connect()"


class TokenRefused(Unauthorized):
    """The identity server gave no token; `status`, `error`, `reason` and `body` are those of its answer."""

    error = "token_refused"
    advice = "check the API key or the profile, and that the identity server's URL is right"


class Forbidden(ResponseError):
    """The user may not do this, or a validation function of the database refused the document."""

    status = 403
    error = "forbidden"


class NotFound(ResponseError):
    """The thing that was named is not there."""

    status = 404
    error = "not_found"


class DatabaseNotFound(NotFound):
    """The database does not exist."""

    advice = "create it with client.database(name, create=True)"


class DocumentNotFound(NotFound):
    """The document does not exist, or was deleted: `reason` is `missing` or `deleted`."""


class MethodNotAllowed(ResponseError):
    """The resource does not know this HTTP method."""

    status = 405
    error = "method_not_allowed"


class NotAcceptable(ResponseError):
    """The server has no form of the answer that the `Accept` header allows."""

    status = 406
    error = "not_acceptable"


class DocumentConflict(ResponseError):
    """The document was changed by somebody else since it was read."""

    status = 409
    error = "conflict"
    advice = "read the newest revision and apply the change again"


class Gone(ResponseError):
    """What was asked for existed in older servers: temporary views, or an operation of another Cloudant."""

    status = 410
    error = "gone"


class PreconditionFailed(ResponseError):
    """A condition of the request does not hold."""

    status = 412
    error = "precondition_failed"


class DatabaseExists(PreconditionFailed):
    """The database that should be created is there already."""

    error = "file_exists"
    advice = "open it with client.database(name)"


class MissingStub(PreconditionFailed):
    """A document was sent with the stub of an attachment that the server does not have; nothing was stored.

    The reason names the document and the attachment. With `_bulk_docs` none of the documents is stored.
    """

    error = "missing_stub"
    advice = "read the document anew, since its attachments are others now, or add the attachment again"


class TooLarge(ResponseError):
    """A document, an attachment or a request is larger than the server takes."""

    status = 413
    error = "too_large"


class URITooLong(ResponseError):
    """The path and query of the request are longer than the server reads."""

    status = 414
    error = "too_long"


class UnsupportedMediaType(ResponseError):
    """The content type of the request is not the one that the resource takes."""

    status = 415
    error = "bad_content_type"


class RangeNotSatisfiable(ResponseError):
    """The range of bytes that was asked for lies outside the attachment."""

    status = 416
    error = "requested_range_not_satisfiable"


class ExpectationFailed(ResponseError):
    """The server cannot do what the request expects of it."""

    status = 417
    error = "expectation_failed"


class TooManyRequests(ResponseError):
    """The account's rate is used up (Cloudant); wait and repeat."""

    status = 429
    error = "too_many_requests"


class ServerError(ResponseError):
    """The server failed; the cause is in its log."""


class NotImplementedByStore(ServerError):
    """The embedded store does not answer this endpoint; a CouchDB server does."""

    status = 501
    error = "not_implemented"


class BadGateway(ServerError):
    """A proxy in front of the server got no answer that it understands."""

    status = 502
    error = "bad_gateway"


class ServiceUnavailable(ServerError):
    """The server, or a service behind it, does not answer at this moment."""

    status = 503
    error = "service_unavailable"


class GatewayTimeout(ServerError):
    """A proxy in front of the server waited too long for it."""

    status = 504
    error = "gateway_timeout"
