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
    │       └── DigestMismatch        the bytes of an attachment are not those that were stored
    ├── ResponseError                 the store answered with an error status, or would have
    │   ├── BadRequest (400)
    │   │   ├── IllegalDatabaseName
    │   │   ├── IllegalDocumentId
    │   │   ├── InvalidSelector
    │   │   ├── NoUsableIndex
    │   │   └── NotPartitioned        a partition is asked of a database that has none
    │   ├── Unauthorized (401)
    │   │   └── TokenRefused          an identity server gave no token
    │   ├── Forbidden (403)
    │   ├── NotFound (404)
    │   │   ├── DatabaseNotFound
    │   │   └── DocumentNotFound
    │   ├── MethodNotAllowed (405)
    │   ├── NotAcceptable (406)
    │   ├── DocumentConflict (409)
    │   │   ├── ConflictError         in `couchmapper.session.conflicts`: with the conflict
    │   │   └── LeafMoved             in `couchmapper.session.pruning`: with what was done
    │   ├── Gone (410)
    │   ├── PreconditionFailed (412)
    │   │   ├── DatabaseExists
    │   │   └── MissingStub           an attachment that was to be kept is not there
    │   ├── TooLarge (413)
    │   ├── URITooLong (414)
    │   ├── UnsupportedMediaType (415)
    │   ├── RangeNotSatisfiable (416)
    │   ├── ExpectationFailed (417)
    │   ├── TooManyRequests (429)
    │   └── ServerError (5xx)
    │       ├── NotImplementedByStore (501)
    │       ├── BadGateway (502)
    │       ├── ServiceUnavailable (503)
    │       ├── GatewayTimeout (504)
    │       └── TimedOut              in `couchmapper.embedded.queryserver.sandbox`: a function took too long
    ├── BulkFailed                    in `couchmapper.client.failures`: an ExceptionGroup with all results
    ├── MappingError
    │   ├── ModelError                a class cannot be a model as it is declared
    │   ├── DocumentInvalid           a document does not fit its model: every fault with its path
    │   ├── UnexpectedType            a document is of another type than the one asked for
    │   ├── NewerVersion              a document was written by a newer release of the program
    │   ├── MergeFailed               the merge function of a field raised, or returned what does not fit
    │   ├── AttachmentError           an attachment cannot be added or read
    │   │   └── AttachmentMissing     a document has no attachment of that name
    │   ├── NotLoaded                 a reference that was not included
    │   ├── ReferenceMissing          a reference to a document that is not there
    │   ├── ReadOnlyField             a field that follows from other documents
    │   └── Misfit                    in `couchmapper.mapping.codec`: one value does not fit its type
    ├── ExpressionError               an expression that has no meaning, or not on this backend
    ├── QueryError
    │   ├── NoResultFound
    │   ├── MultipleResultsFound
    │   ├── FullScanRefused           no index serves a query, and scans="forbid"
    │   ├── PartitionRequired         a query, a view or a search of partitions names none
    │   ├── InvalidCursor             a cursor is broken, or of another query
    │   ├── OrderUnknown              in `couchmapper.query.finding`: there is no place to go on from
    │   └── SearchUnavailable         the server has no search service, or not the index
    ├── DesignError                   a design document cannot be built from its declaration
    ├── HookError                     a change hook is declared twice, or has no database
    ├── ResolutionError               a stored conflict cannot be resolved as it was asked
    │   └── BranchesClash         in `couchmapper.session.branches`: with the clashes
    └── SessionError                  a session is used in a way that could lose a write
        ├── SessionClosed
        ├── SessionBusy               two threads at once
        ├── SessionForked
        ├── BudgetExceeded            more requests than `max_requests`
        ├── IdentityError
        └── CommitError               in `couchmapper.session.report`: an ExceptionGroup with its report

Warnings are no errors; they have a tree of their own, under `UserWarning`.

    QueryWarning
    ├── FullScanWarning               a query read many documents for few
    └── IndexNotUsedWarning           the server did not use the index that a query names

No message holds a password, a token or a cookie.
"""

from couchmapper.exceptions.base import (
    ConfigurationError,
    CouchMapperError,
    InvalidBody,
    InvalidJSON,
    InvalidURL,
    MissingExtra,
    PartPassed,
)
from couchmapper.exceptions.mapping import (
    AttachmentError,
    AttachmentMissing,
    DesignError,
    DocumentInvalid,
    ExpressionError,
    Fault,
    MappingError,
    MergeFailed,
    ModelError,
    NewerVersion,
    NotLoaded,
    ReadOnlyField,
    ReferenceMissing,
    UnexpectedType,
)
from couchmapper.exceptions.queries import (
    FullScanRefused,
    FullScanWarning,
    IndexNotUsedWarning,
    InvalidCursor,
    MultipleResultsFound,
    NoResultFound,
    PartitionRequired,
    QueryError,
    QueryWarning,
    SearchUnavailable,
)
from couchmapper.exceptions.responses import (
    BadGateway,
    BadRequest,
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
    TokenRefused,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
    URITooLong,
)
from couchmapper.exceptions.sessions import (
    BudgetExceeded,
    HookError,
    IdentityError,
    ResolutionError,
    SessionBusy,
    SessionClosed,
    SessionError,
    SessionForked,
)
from couchmapper.exceptions.transport import (
    ConnectionFailed,
    DigestMismatch,
    InvalidAnswer,
    TLSFailed,
    TransportError,
    TransportTimeout,
)

__all__ = [
    "AttachmentError",
    "AttachmentMissing",
    "BadGateway",
    "BadRequest",
    "BudgetExceeded",
    "ConfigurationError",
    "ConnectionFailed",
    "CouchMapperError",
    "DatabaseExists",
    "DatabaseNotFound",
    "DesignError",
    "DigestMismatch",
    "DocumentConflict",
    "DocumentInvalid",
    "DocumentNotFound",
    "ExpectationFailed",
    "ExpressionError",
    "Fault",
    "Forbidden",
    "FullScanRefused",
    "FullScanWarning",
    "GatewayTimeout",
    "Gone",
    "HookError",
    "IdentityError",
    "IllegalDatabaseName",
    "IllegalDocumentId",
    "IndexNotUsedWarning",
    "InvalidAnswer",
    "InvalidBody",
    "InvalidCursor",
    "InvalidJSON",
    "InvalidSelector",
    "InvalidURL",
    "MappingError",
    "MergeFailed",
    "MethodNotAllowed",
    "MissingExtra",
    "MissingStub",
    "ModelError",
    "MultipleResultsFound",
    "NewerVersion",
    "NoResultFound",
    "NoUsableIndex",
    "NotAcceptable",
    "NotFound",
    "NotImplementedByStore",
    "NotLoaded",
    "NotPartitioned",
    "PartPassed",
    "PartitionRequired",
    "PreconditionFailed",
    "QueryError",
    "QueryWarning",
    "RangeNotSatisfiable",
    "ReadOnlyField",
    "ReferenceMissing",
    "ResolutionError",
    "ResponseError",
    "SearchUnavailable",
    "ServerError",
    "ServiceUnavailable",
    "SessionBusy",
    "SessionClosed",
    "SessionError",
    "SessionForked",
    "TLSFailed",
    "TokenRefused",
    "TooLarge",
    "TooManyRequests",
    "TransportError",
    "TransportTimeout",
    "URITooLong",
    "Unauthorized",
    "UnexpectedType",
    "UnsupportedMediaType",
]
