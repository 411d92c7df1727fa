"""Every error that couchmapper raises, in one tree.

    CouchMapperError
    ├── ConfigurationError            a URL, an argument or an installation is not usable
    │   ├── InvalidURL
    │   └── MissingExtra
    ├── InvalidJSON                   a value (or a text) that JSON cannot hold, with its path
    ├── InvalidBody                   something that cannot be sent as a body, or not a second time
    ├── PartPassed                    a part of a multipart body is read after the next was asked for
    ├── TransportError                no answer came from the server
    │   ├── ConnectionFailed
    │   │   └── TLSFailed
    │   ├── TransportTimeout
    │   └── InvalidAnswer
    ├── ResponseError                 the store answered with an error status, or would have
    │   ├── BadRequest (400)
    │   │   ├── IllegalDatabaseName
    │   │   ├── IllegalDocumentId
    │   │   ├── InvalidSelector
    │   │   └── NoUsableIndex
    │   ├── Unauthorized (401)
    │   ├── Forbidden (403)
    │   ├── NotFound (404)
    │   │   ├── DatabaseNotFound
    │   │   └── DocumentNotFound
    │   ├── MethodNotAllowed (405)
    │   ├── DocumentConflict (409)
    │   │   └── ConflictError         in `couchmapper.session.conflicts`: with the conflict
    │   ├── PreconditionFailed (412)
    │   │   └── DatabaseExists
    │   ├── TooLarge (413)
    │   ├── UnsupportedMediaType (415)
    │   ├── TooManyRequests (429)
    │   └── ServerError (5xx)
    │       ├── NotImplementedByStore (501)
    │       ├── ServiceUnavailable (503)
    │       └── TimedOut              in `couchmapper.embedded.queryserver.sandbox`: a function took too long
    ├── MappingError
    │   ├── ModelError                a class cannot be a model as it is declared
    │   ├── DocumentInvalid           a document does not fit its model: every fault with its path
    │   ├── UnexpectedType            a document is of another type than the one asked for
    │   └── Misfit                    in `couchmapper.mapping.codec`: one value does not fit its type
    ├── ExpressionError               an expression that has no meaning, or not on this backend
    ├── QueryError
    │   ├── NoResultFound
    │   └── MultipleResultsFound
    ├── DesignError                   a design document cannot be built from its declaration
    ├── HookError                     a change hook is declared twice, or has no database
    └── SessionError                  a session is used in a way that could lose a write
        ├── SessionClosed
        ├── IdentityError
        └── CommitError               in `couchmapper.session.report`: an ExceptionGroup with its report

No message holds a password, a token or a cookie.
"""

from collections.abc import Sequence
from typing import ClassVar

import attrs

from couchmapper.typing import JSON

__all__ = [
    "BadRequest",
    "ConfigurationError",
    "ConnectionFailed",
    "CouchMapperError",
    "DatabaseExists",
    "DatabaseNotFound",
    "DesignError",
    "DocumentConflict",
    "DocumentInvalid",
    "DocumentNotFound",
    "ExpressionError",
    "Fault",
    "Forbidden",
    "HookError",
    "IdentityError",
    "IllegalDatabaseName",
    "IllegalDocumentId",
    "InvalidAnswer",
    "InvalidBody",
    "InvalidJSON",
    "InvalidSelector",
    "InvalidURL",
    "MappingError",
    "MethodNotAllowed",
    "MissingExtra",
    "ModelError",
    "MultipleResultsFound",
    "NoResultFound",
    "NoUsableIndex",
    "NotFound",
    "NotImplementedByStore",
    "PartPassed",
    "PreconditionFailed",
    "QueryError",
    "ResponseError",
    "ServerError",
    "ServiceUnavailable",
    "SessionClosed",
    "SessionError",
    "TLSFailed",
    "TooLarge",
    "TooManyRequests",
    "TransportError",
    "TransportTimeout",
    "Unauthorized",
    "UnexpectedType",
    "UnsupportedMediaType",
]


class CouchMapperError(Exception):
    """The base of every error of this package."""


class ConfigurationError(CouchMapperError, ValueError):
    """Something that was configured cannot be used; the message names it and what was expected."""


class InvalidURL(ConfigurationError):
    """A URL that names no store: the message lists the forms that are understood."""


class MissingExtra(ConfigurationError):
    """An optional package is needed for what was asked; the message is the command that installs it."""


class InvalidJSON(CouchMapperError, ValueError):
    """A value that JSON cannot hold, such as `NaN` or a date, or broken text; `path` as `lines[2].price`."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message, path)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidBody(CouchMapperError, ValueError):
    """A body that is not bytes, is longer or shorter than it was said to be, or was sent already."""


class PartPassed(CouchMapperError, ValueError):
    """A part of a multipart body was read after the next one was asked for; its bytes are gone."""


class TransportError(CouchMapperError):
    """No whole answer came; `sent` is False when nothing reached the server, so that repeating is safe."""

    def __init__(self, message: str = "", *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class ConnectionFailed(TransportError):
    """The server cannot be reached, or closed the connection; check the URL and that it runs."""


class TLSFailed(ConnectionFailed):
    """The server's certificate was refused, or no common TLS version exists."""


class TransportTimeout(TransportError):
    """The server did not answer in the time that was allowed."""


class InvalidAnswer(TransportError):
    """What came back is not what CouchDB's API says, for instance a proxy's HTML page."""


class ResponseError(CouchMapperError):
    """The store refused a request, or would: `status`, `error` (its code) and `reason` are CouchDB's own.

    `request` is the method and path of what was asked, `body` the parsed answer if there was one.
    """

    status: int = 500
    error: str = "unknown_error"
    advice: ClassVar[str] = ""

    def __init__(
        self,
        reason: str = "",
        *,
        error: str | None = None,
        status: int | None = None,
        request: str = "",
        body: JSON = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error if error is not None else type(self).error
        self.status = status if status is not None else type(self).status
        self.request = request
        self.body = body

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


class Unauthorized(ResponseError):
    """The credentials are missing or wrong."""

    status = 401
    error = "unauthorized"
    advice = "check the user name and password given to connect()"


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


class DocumentConflict(ResponseError):
    """The document was changed by somebody else since it was read."""

    status = 409
    error = "conflict"
    advice = "read the newest revision and apply the change again"


class PreconditionFailed(ResponseError):
    """A condition of the request does not hold."""

    status = 412
    error = "precondition_failed"


class DatabaseExists(PreconditionFailed):
    """The database that should be created is there already."""

    error = "file_exists"
    advice = "open it with client.database(name)"


class TooLarge(ResponseError):
    """A document, an attachment or a request is larger than the server takes."""

    status = 413
    error = "too_large"


class UnsupportedMediaType(ResponseError):
    """The content type of the request is not the one that the resource takes."""

    status = 415
    error = "bad_content_type"


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


class ServiceUnavailable(ServerError):
    """The server, or a service behind it, does not answer at this moment."""

    status = 503
    error = "service_unavailable"


class MappingError(CouchMapperError):
    """A model and a document do not fit each other."""


class ModelError(MappingError, TypeError):
    """A class cannot be a model as it is declared; the message names the field and the way out."""


@attrs.frozen
class Fault:
    """One place where a document does not fit: `path` as `lines[2].price`, `message` what was expected."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class DocumentInvalid(MappingError, ValueError):
    """A document does not fit its model; `faults` holds every fault, not only the first."""

    def __init__(self, model: str, document_id: str | None, faults: Sequence[Fault]) -> None:
        super().__init__(model, document_id, tuple(faults))
        self.model = model
        self.document_id = document_id
        self.faults = tuple(faults)

    def __str__(self) -> str:
        which = self.model if self.document_id is None else f"{self.model} {self.document_id!r}"
        return f"{which} has {len(self.faults)} fault(s):" + "".join(f"\n  {fault}" for fault in self.faults)


class UnexpectedType(MappingError):
    """A document was asked for as one model and says that it is of another type."""


class ExpressionError(CouchMapperError, TypeError):
    """An expression that has no meaning as it is written; the message shows the right spelling."""


class QueryError(CouchMapperError):
    """A query cannot be answered as it was asked."""


class NoResultFound(QueryError, LookupError):
    """`one()` found nothing."""


class MultipleResultsFound(QueryError, LookupError):
    """`one()` or `one_or_none()` found more than one document."""


class DesignError(CouchMapperError):
    """A design document cannot be built from its declaration; the message lists every reason."""


class HookError(CouchMapperError):
    """A change hook is declared twice under one name, or its model is bound to no database."""


class SessionError(CouchMapperError):
    """A session is used in a way that could lose a write."""


class SessionClosed(SessionError):
    """The session was closed; open a new one with `database.session()`."""


class IdentityError(SessionError):
    """Two objects for one document, or a document whose id changed after it was saved."""
