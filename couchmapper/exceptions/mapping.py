"""Models, documents, expressions and design documents that do not fit."""

from collections.abc import Sequence

import attrs

from couchmapper.exceptions.base import CouchMapperError

__all__ = [
    "AttachmentError",
    "AttachmentMissing",
    "DesignError",
    "DocumentInvalid",
    "ExpressionError",
    "Fault",
    "MappingError",
    "MergeFailed",
    "ModelError",
    "NewerVersion",
    "NotLoaded",
    "ReadOnlyField",
    "ReferenceMissing",
    "UnexpectedType",
]


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


class NotLoaded(MappingError):
    """What another document holds was touched and is not loaded; it is never fetched in silence."""


class ReferenceMissing(MappingError, LookupError):
    """A reference leads to no document: it was looked for and is not there."""


class ReadOnlyField(MappingError, AttributeError):
    """A value was given to a field that follows from other documents."""


class AttachmentError(MappingError, ValueError):
    """An attachment cannot be added or read as it is; the message names it and says why."""


class AttachmentMissing(AttachmentError, KeyError):
    """A document has no attachment of that name."""

    __str__ = Exception.__str__  # KeyError's own would put the message in quotes


class NewerVersion(MappingError):
    """A document was written by a newer release of the program, in a version that its model does not know."""


class MergeFailed(MappingError):
    """The merge function of a field raised an error, or returned what does not fit the field."""


class ExpressionError(CouchMapperError, TypeError):
    """An expression that has no meaning as it is written; the message shows the right spelling."""


class DesignError(CouchMapperError):
    """A design document cannot be built from its declaration; the message lists every reason."""
