"""`Ref`: a reference to another document, which stands in JSON as that document's id."""

from enum import Enum
from typing import Any, Generic, Self, TypeVar

from couchmapper.exceptions import IllegalDocumentId, ModelError, NotLoaded, ReferenceMissing
from couchmapper.mapping.codec import Codec, Misfit, expected
from couchmapper.mapping.metadata import Identified
from couchmapper.mapping.structure import SCALARS
from couchmapper.typing import JSON

__all__ = ["Ref", "note_missing", "point_to", "reference_codec", "target_of"]

R_co = TypeVar("R_co", bound=Identified, covariant=True)

_TEXT = SCALARS[str]


class Ref(Generic[R_co]):
    """A reference to a document: `Ref(customer)` or `Ref("customer:ann")`; its id stands in JSON.

    References are equal when they lead to one id. `document` is there when the reference was made of a
    document, or after it was loaded: `session.query(Order).include(Order.customer)`. What is done to that
    document is saved by the session that holds it.
    """

    __slots__ = ("_document", "_id", "_is_missing")

    def __init__(self, target: R_co | str) -> None:
        self._document: R_co | None = target if isinstance(target, Identified) else None
        self._id = _checked_id(target)
        self._is_missing = False

    def __repr__(self) -> str:
        return f"Ref({self._id!r})"

    def __eq__(self, other: object) -> bool:
        return self._id == other._id if isinstance(other, Ref) else NotImplemented

    def __hash__(self) -> int:
        return hash((Ref, self._id))

    def __copy__(self) -> Self:
        copy = type(self)(self._id)
        copy._document, copy._is_missing = self._document, self._is_missing  # noqa: SLF001 - of this class
        return copy

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        """Lead to the very same document: a copy of it would be a second object for one document."""
        return self.__copy__()

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        """Travel between processes as an id; the document stays in its session."""
        return type(self), (self._id,)

    @property
    def id(self) -> str:
        """The id of the document that is referred to."""
        return self._id

    @property
    def is_loaded(self) -> bool:
        """Whether `document` is there."""
        return self._document is not None

    @property
    def is_missing(self) -> bool:
        """Whether the document was looked for and is not there."""
        return self._is_missing

    @property
    def document(self) -> R_co:
        """The document; nothing is ever fetched for it.

        Raises `NotLoaded` for a reference that was not included, and `ReferenceMissing` when there is no
        document of that id.
        """
        if self._document is not None:
            return self._document
        if self._is_missing:
            raise ReferenceMissing(
                f"there is no document {self._id!r}, to which a reference leads: ask .is_missing first, or"
                " put another reference in its place"
            )
        raise NotLoaded(
            f"{self!r} is not loaded, and touching it asks no server: name its field in the query, as in"
            " .include(Order.customer), or load it now with session.include([order], Order.customer)"
        )


def point_to(reference: Ref[Any], document: Identified) -> None:
    """Give a reference its document, which was loaded."""
    reference._document, reference._is_missing = document, False  # noqa: SLF001 - of this module


def note_missing(reference: Ref[Any]) -> None:
    """Note that the document of a reference was looked for and is not there."""
    reference._document, reference._is_missing = None, True  # noqa: SLF001 - of this module


def target_of(annotation: Any) -> type[Any]:
    """Return the model of `Ref[Customer]`; raises `ModelError` when it names none."""
    target: Any = getattr(annotation, "__args__", (None,))[0]
    if isinstance(target, type) and issubclass(target, Identified):
        return target
    raise ModelError(f"{annotation!r} names no model: a reference leads to a Document, as Ref[Customer]")


def reference_codec(annotation: Any) -> Codec:
    """Build the codec of `Ref[Customer]`: the id of a Customer, as text."""
    target = target_of(annotation)
    what = f"the id of a {target.__name__}"

    def load(value: JSON, _: Any) -> Ref[Any]:
        if type(value) is not str or not value:
            raise expected(what, value)
        return Ref(value)

    def dump(value: Any) -> JSON:
        if not isinstance(value, Ref):
            raise expected(f"a Ref to a {target.__name__}, such as Ref(document) or Ref('id')", value)
        if value.is_loaded:
            _check_document(value, target)
        return _TEXT.dump(value.id)

    return Codec(load, dump, _TEXT.kinds)


def _checked_id(target: object) -> str:
    found: object = getattr(target, "id", None) if isinstance(target, Identified) else target
    if isinstance(found, str) and found and not isinstance(found, Enum):
        return str.__str__(found)
    raise IllegalDocumentId(f"a reference is made of a document or of its id, got {target!r}")


def _check_document(reference: Ref[Any], target: type) -> None:
    if not isinstance(reference.document, target):
        actual = type(reference.document).__name__
        raise Misfit(f"expected a Ref to a {target.__name__}, got one to a {actual}")
    if _checked_id(reference.document) != reference.id:
        raise Misfit(f"{reference!r} was made of a document that has another id by now; make it anew")
