"""Documents ⇄ JSON objects: what sessions, queries and hooks call to cross from one to the other."""

from typing import Any, TypeVar

from couchmapper.exceptions import DocumentInvalid, Fault, ModelError, UnexpectedType
from couchmapper.mango.python import as_json
from couchmapper.mapping import versions
from couchmapper.mapping.converter import model_codec
from couchmapper.mapping.document import Document
from couchmapper.mapping.faults import faults_in_json, faults_in_values, faults_of_validators
from couchmapper.mapping.registry import class_of
from couchmapper.typing import JSONObject

__all__ = ["dump", "load", "refresh", "restore", "source_of", "upcast", "validate"]

D = TypeVar("D", bound=Document)


def load(model: type[D], document: JSONObject) -> D:
    """Read a JSON object as a model, or as the subclass that its type names.

    The object is kept as the document's source, so the caller must not change it; one of an older version is
    upcast first, and what came of it is the source. Raises `UnexpectedType` for a document of another family,
    `NewerVersion` for one of a version that is not known here, and `DocumentInvalid` with every fault for one
    that does not fit.
    """
    kind = class_of(model, document)
    if versions.is_versioned(kind):
        document = versions.upcast(kind, document)
    read = model_codec(kind).load
    try:
        loaded: D = read(document, kind)
    except ModelError:
        raise
    except Exception as error:  # validators and converters are the application's and may raise anything
        faults = _told(error) or faults_in_json(kind, document)
        raise DocumentInvalid(kind.__name__, document.get("_id"), faults) from error
    return loaded


def upcast(model: type[Document], document: JSONObject) -> JSONObject:
    """Return a JSON object in the form that the model has today: the very object when it has that form.

    Raises what `load` raises for a document of another family, or of a version that leads nowhere.
    """
    return versions.upcast(class_of(model, document), document)


def dump(document: Document) -> JSONObject:
    """Write a document as JSON: its fields laid over what the server last sent, unknown members included.

    The result shares its parts with the document's source, so the caller must not change it. Raises
    `DocumentInvalid` with every fault when a value does not fit its field.
    """
    kind: Any = type(document)
    write = model_codec(kind).dump
    try:
        written: JSONObject = write(document)
    except ModelError:
        raise
    except Exception as error:
        faults = _told(error) or faults_in_values(document)
        raise DocumentInvalid(kind.__name__, document.id, faults) from error
    return written


as_json.register(Document, dump)  # so that `expression.matches(document)` knows what would be saved


def validate(document: Document) -> None:
    """Ask the validators of a document and of what it holds once more, so that it can be read again.

    Raises `DocumentInvalid` with every fault that they find.
    """
    faults = faults_of_validators(document)
    if faults:
        raise DocumentInvalid(type(document).__name__, document.id, faults)


def restore(document: Document, source: JSONObject) -> None:
    """Give a document the values that the server holds; its identity stays.

    Raises `UnexpectedType` when they are those of another model by now, even of a subclass.
    """
    loaded = load(type(document), source)
    if type(loaded) is not type(document):
        raise UnexpectedType(
            f"{document.id!r} was loaded as {type(document).__name__} and is a {type(loaded).__name__} now;"
            " expunge it and get it again"
        )
    own, new = document.__dict__, loaded.__dict__
    own.update(new)  # before anything is taken away, so that an interrupted one is still whole
    for name in own.keys() - new.keys() - {"_reader"}:
        del own[name]


def source_of(document: Document) -> JSONObject | None:
    """Return the JSON object that the server holds as far as we know; None for a document never saved."""
    return document._source  # noqa: SLF001


def refresh(document: Document, source: JSONObject) -> None:
    """Note what the server holds now, after a save; the fields of the document stay as they are.

    What somebody else has stored in an older version is upcast, as by `load`.
    """
    kind: Any = type(document)
    if versions.is_versioned(kind) and "_rev" in source and not source.get("_deleted"):
        source = versions.upcast(kind, source)  # a tombstone, or a new document, has no old form
    own = document.__dict__
    own["_source"] = source
    absent: JSONObject | None = own.get("_absent")
    if absent is not None:  # what is still absent stays out until changed
        own["_absent"] = {n: value for n, value in absent.items() if n not in source}


def _told(error: Exception) -> list[Fault]:
    """Name the one fault that cannot be searched for, since the search would not end either."""
    is_endless = isinstance(error, RecursionError)
    return [Fault("", "a value contains itself, or is nested too deeply")] if is_endless else []
