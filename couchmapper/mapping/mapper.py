"""Documents ⇄ JSON objects: what sessions, queries and hooks call to cross from one to the other."""

from typing import TypeVar

from couchmapper.exceptions import DocumentInvalid, Fault, ModelError, UnexpectedType
from couchmapper.mapping.converter import model_codec
from couchmapper.mapping.document import Document
from couchmapper.mapping.faults import faults_in_json, faults_in_values
from couchmapper.mapping.metadata import metadata_of
from couchmapper.mapping.registry import class_of
from couchmapper.typing import JSONObject

__all__ = ["dump", "load", "refresh", "restore", "source_of"]

D = TypeVar("D", bound=Document)


def load(model: type[D], document: JSONObject) -> D:
    """Read a JSON object as a model, or as the subclass that its type names.

    The object is kept as the document's source, so the caller must not change it. Raises `UnexpectedType` for
    a document of another family and `DocumentInvalid` with every fault for one that does not fit.
    """
    kind = class_of(model, document)
    read = model_codec(kind).load
    try:
        loaded: D = read(document, kind)
    except ModelError:
        raise
    except Exception as error:  # validators and converters are the application's and may raise anything
        faults = _told(error) or faults_in_json(kind, document)
        raise DocumentInvalid(kind.__name__, document.get("_id"), faults) from error
    return loaded


def dump(document: Document) -> JSONObject:
    """Write a document as JSON: its fields laid over what the server last sent, unknown members included.

    The result shares its parts with the document's source, so the caller must not change it. Raises
    `DocumentInvalid` with every fault when a value does not fit its field.
    """
    kind = type(document)
    write = model_codec(kind).dump
    try:
        written: JSONObject = write(document)
    except ModelError:
        raise
    except Exception as error:
        faults = _told(error) or faults_in_values(document)
        raise DocumentInvalid(kind.__name__, document.id, faults) from error
    if document._source is not None:  # noqa: SLF001 - the mapping's own mark on its instances
        return written
    tag = metadata_of(kind).tag
    return {"_id": written.pop("_id"), **tag, **written}


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
    document.__dict__.clear()
    document.__dict__.update(loaded.__dict__)


def source_of(document: Document) -> JSONObject | None:
    """Return the JSON object that the server holds as far as we know; None for a document never saved."""
    return document._source  # noqa: SLF001


def refresh(document: Document, source: JSONObject) -> None:
    """Note what the server holds now, after a save; the fields of the document stay as they are."""
    document.__dict__["_source"] = source
    absent: JSONObject | None = document.__dict__.get("_absent")
    if absent is not None:  # what is still absent stays out until changed
        document.__dict__["_absent"] = {n: value for n, value in absent.items() if n not in source}


def _told(error: Exception) -> list[Fault]:
    """Name the one fault that cannot be searched for, since the search would not end either."""
    is_endless = isinstance(error, RecursionError)
    return [Fault("", "a value contains itself, or is nested too deeply")] if is_endless else []
