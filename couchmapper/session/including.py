"""Loads what documents refer to, level by level, with one request for all references of a level."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Protocol, TypeVar

from couchmapper.exceptions import UnexpectedType
from couchmapper.mapping.document import Document
from couchmapper.mapping.inclusion import Inclusion, levels, references_in
from couchmapper.mapping.inverses import KeyedView, is_loaded, keep_found
from couchmapper.mapping.references import Ref, note_missing, point_to
from couchmapper.typing import JSON

__all__ = ["Loader", "in_pages", "load_included"]

D = TypeVar("D", bound=Document)
T = TypeVar("T")

_MOST_KEYS: Final = 2000


class Loader(Protocol):
    """What loads documents for `include`, one object for each: a session."""

    def load_many(
        self, wanted: Collection[tuple[type[Document], str]]
    ) -> Mapping[tuple[type[Document], str], Document]:
        """Return the documents that there are, of models and ids, with one request for those not held.

        A document that waits for its deletion is none.
        """
        ...

    def view_documents(
        self, model: type[Document], view: KeyedView, keys: Sequence[JSON]
    ) -> Iterable[tuple[JSON, Document]]:
        """Return the documents that a view has under some keys, each with its key, with one request."""
        ...


def load_included(loader: Loader, documents: Iterable[Document], wanted: Sequence[Inclusion]) -> None:
    """Load what the documents refer to in the wanted fields, and give each reference its document.

    A field applies to the documents of its class among those given and among those that fields before it
    have loaded. Raises `UnexpectedType` when a reference leads to a document of another model.
    """
    known = {id(document): document for document in documents}
    for level in levels(wanted):
        found = [*_load_references(loader, known.values(), [one for one in level if one.view is None])]
        for inclusion in level:
            found += _load_inverse(loader, known.values(), inclusion)
        known.update((id(document), document) for document in found)


def in_pages(documents: Iterator[D], size: int, prepare: Callable[[list[D]], object]) -> Iterator[D]:
    """Yield documents, which are prepared a page at a time."""
    while page := list(islice(documents, size)):
        prepare(page)
        page.reverse()
        while page:  # what the program has let go of is not held here
            yield page.pop()


def _load_references(
    loader: Loader, holders: Iterable[Document], wanted: Sequence[Inclusion]
) -> Iterator[Document]:
    """Load the documents of all references in some fields, and yield them."""
    references = [
        (reference, inclusion)
        for holder in holders
        for inclusion in wanted
        for reference in references_in(holder, inclusion)
    ]
    found: dict[tuple[type[Document], str], Document] = {}
    for batch in _batches(dict.fromkeys((one.target, reference.id) for reference, one in references)):
        found.update(loader.load_many(batch))
    for reference, inclusion in references:
        _settle(reference, found.get((inclusion.target, reference.id)), inclusion)
    yield from (reference.document for reference, _ in references if reference.is_loaded)


def _settle(reference: Ref[Any], found: Document | None, inclusion: Inclusion) -> None:
    """Give a reference what was found; one to a new document, which no server knows, keeps it."""
    if found is None:
        if not (reference.is_loaded and reference.document.rev is None):
            note_missing(reference)
    elif isinstance(found, inclusion.target):
        point_to(reference, found)
    else:
        raise UnexpectedType(
            f"{inclusion} leads to {found.id!r}, a {type(found).__name__}, and expects a"
            f" {inclusion.target.__name__}"
        )


def _load_inverse(loader: Loader, holders: Iterable[Document], inclusion: Inclusion) -> list[Document]:
    """Load the documents of an inverse field where they are not there yet, and return them all."""
    if inclusion.view is None:
        return []
    name = inclusion.path[0]
    owners = [holder for holder in holders if isinstance(holder, inclusion.owner)]
    unloaded = [owner for owner in owners if not is_loaded(owner, name)]
    if unloaded:
        view = inclusion.view()
        keys = {owner.id: view.dump_key(owner.id) for owner in unloaded}
        found: dict[str, dict[str, Document]] = {document_id: {} for document_id in keys}
        for key, document in loader.view_documents(inclusion.target, view, list(keys.values())):
            if isinstance(key, str) and key in found:
                found[key][document.id] = document
        for owner in unloaded:
            keep_found(owner, name, found[owner.id].values())
    return [document for owner in owners for document in getattr(owner, name)]


def _batches(wanted: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(wanted)
    while batch := list(islice(remaining, _MOST_KEYS)):
        yield batch
