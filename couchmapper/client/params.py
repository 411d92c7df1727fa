"""What goes into a request: names that are checked before anything is sent, and parameters as text."""

import enum
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from couchmapper import jsonio
from couchmapper.exceptions import BadRequest, IllegalDatabaseName, IllegalDocumentId
from couchmapper.streams import Source, Upload
from couchmapper.typing import JSON, JSONMapping, JSONObject

__all__ = [
    "UNSET",
    "Unset",
    "attachment_name",
    "database_name",
    "design_name",
    "destination",
    "document_id",
    "document_path",
    "flags",
    "given",
    "json_content",
    "json_text",
    "local_name",
    "matching",
    "partition_name",
    "path_name",
    "patience",
    "query",
    "stored_id",
    "unless",
]

_SYSTEM_DATABASES = frozenset(("_users", "_replicator", "_global_changes", "_dbs", "_nodes"))
_DOTS = frozenset((".", ".."))
_WAIT_MILLISECONDS = 60_000
_TAG = re.compile(r'\*|(W/)?".*"')  # a tag as HTTP writes it, or any
_DESIGN = "_design/"
_LOCAL = "_local/"


class Unset(enum.Enum):
    """The type of `UNSET`."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""The default of parameters for which None is a value: JSON's null is a key like any other."""


def database_name(name: str) -> str:
    """Return `name` when a request for it reaches a database; the store itself checks the letters.

    Raises `IllegalDatabaseName` for what is empty, no text, `.`, `..` or one of the server's own paths.
    """
    fault = _fault(name)
    if fault is None and name.startswith("_") and name not in _SYSTEM_DATABASES:
        fault = "begins with an underscore"
    if fault is not None:
        raise IllegalDatabaseName(f"the database name {name!r} {fault}")
    return name


def document_id(id: str) -> str:
    """Return `id` when a request for it reaches an ordinary document, else raise `IllegalDocumentId`."""
    fault = _fault(id)
    if fault is None and id.startswith("_"):
        fault = "begins with an underscore; use `design` or `local` for such documents"
    if fault is not None:
        raise IllegalDocumentId(f"the document id {id!r} {fault}")
    return id


def document_path(id: str) -> tuple[str, tuple[str, ...]]:
    """Return the route and the path of an ordinary document, or of a design document: `_design/{name}`."""
    if _fault(id) is None and id.startswith(_DESIGN):
        return "/_design/{ddoc}", ("_design", design_name(id))
    return "/{doc_id}", (document_id(id),)


def attachment_name(name: str) -> str:
    """Return `name` when an attachment can have it, slashes and all; else raise `BadRequest`."""
    fault = _fault(name)
    if fault is None and name.startswith("_"):
        fault = "begins with an underscore"
    if fault is not None:
        raise BadRequest(f"the attachment name {name!r} {fault}")
    return name


def design_name(name: str) -> str:
    """Return the bare name of a design document, given with or without `_design/`."""
    return _bare(name, _DESIGN)


def local_name(name: str) -> str:
    """Return the bare name of a local document, given with or without `_local/`."""
    return _bare(name, _LOCAL)


def path_name(name: str, what: str) -> str:
    """Return `name` when it can be a segment of a path; `what` names it in the `BadRequest` otherwise."""
    fault = _fault(name)
    if fault is not None:
        raise BadRequest(f"the name {name!r} of {what} {fault}")
    return name


def partition_name(name: str) -> str:
    """Return `name` when ids can begin with it and a colon, else raise `BadRequest`."""
    if path_name(name, "a partition").startswith("_") or ":" in name:
        raise BadRequest(f"the partition {name!r} begins with an underscore or holds a colon")
    return name


def stored_id(document: JSONMapping | Source, id: str | None = None) -> str:
    """Return the id that a document is stored under: `id`, else its `_id`; else raise `IllegalDocumentId`."""
    if id is not None:
        return id
    members: Any = document
    if not isinstance(members, Mapping):
        raise IllegalDocumentId("a document given as text or as a stream needs the argument id")
    if "_id" not in members:
        raise IllegalDocumentId("the document has no _id; post() stores it under an id that the server makes")
    found: str = members["_id"]
    return found


def json_content(document: JSONMapping | Source) -> bytes | Upload:
    """Return a document as a body: a mapping is written as JSON, bytes and streams are taken as they are."""
    if isinstance(document, dict):
        return jsonio.dumps(document)
    if isinstance(document, Mapping):
        return jsonio.dumps(dict(document))
    return document if isinstance(document, bytes) else Upload(document)


def matching(*, if_match: str | None = None, if_none_match: str | None = None) -> Mapping[str, str]:
    """Return the headers that make a request conditional; a revision is written as the tag that it is."""
    conditions = given(**{"If-Match": if_match, "If-None-Match": if_none_match})
    return {name: text if _TAG.fullmatch(text) else f'"{text}"' for name, text in conditions.items()}


def destination(id: str, rev: str | None) -> str:
    """Spell the target of a copy for its header."""
    return quote(id, safe="") + ("" if rev is None else f"?rev={rev}")


def unless(**parameters: bool) -> JSONObject:
    """Return the parameters that are false: the server's default for each of these is true."""
    return {name: False for name, value in parameters.items() if not value}


def given(**parameters: JSON) -> JSONObject:
    """Return the parameters that are not None."""
    return {name: value for name, value in parameters.items() if value is not None}


def flags(**parameters: bool) -> JSONObject:
    """Return the parameters that are true: the server's default for each of these is false."""
    return {name: True for name, value in parameters.items() if value}


def query(parameters: JSONMapping) -> Mapping[str, str]:
    """Spell parameters for a query string: text stands as it is, everything else as JSON."""
    return {name: value if isinstance(value, str) else json_text(value) for name, value in parameters.items()}


def patience(query: JSONObject) -> float:
    """Return how many seconds the server means to be silent with a feed that has these parameters."""
    if "feed" not in query:
        return 0.0
    heartbeat = query.get("heartbeat")
    silence = heartbeat if isinstance(heartbeat, int) and heartbeat > 1 else query.get("timeout")
    return (silence or _WAIT_MILLISECONDS) / 1000


def json_text(value: JSON) -> str:
    """Spell a value for a parameter that CouchDB reads as JSON, such as a key."""
    return jsonio.dumps(value).decode()


def _bare(name: str, prefix: str) -> str:
    fault = _fault(name)
    bare = name if fault is not None else name.removeprefix(prefix)
    fault = fault or _fault(bare)
    if fault is not None:
        raise IllegalDocumentId(f"the name {name!r} of a {prefix} document {fault}")
    return bare


def _fault(name: object) -> str | None:
    """Return what keeps a name out of a path, or None: dots and emptiness would address something else."""
    if not isinstance(name, str):
        return "is not text"
    if not name:
        return "is empty"
    if name in _DOTS:
        return "names a place in a path"
    if not name.isascii():
        try:
            name.encode()
        except UnicodeEncodeError:
            return "holds a lone surrogate, which is not Unicode"
    return None
