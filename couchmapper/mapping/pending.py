"""Attachments that were added to a document or removed from it and are not saved, and how they are written.

What is pending is kept beside the fields of a document. It says what to change, so it can be laid over the
stubs of any revision, such as one that somebody else has written meanwhile.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from operator import attrgetter
from typing import Final, Self

import attrs

from couchmapper.exceptions import AttachmentError, DocumentInvalid, Fault
from couchmapper.mapping.contents import Content
from couchmapper.mapping.model import Model
from couchmapper.multipart import Attachment
from couchmapper.revisions import edit_revision, parse_revision
from couchmapper.typing import JSONObject

__all__ = [
    "LARGE",
    "Pending",
    "pending_attachments",
    "remember_pending",
    "settle_attachments",
    "stored_stubs",
    "with_attachments",
]

LARGE: Final = 1_000_000
"""How many bytes may be added to a document before it is sent alone, with the bytes beside it."""

_MEMBER: Final = "_attachments"


@attrs.frozen(kw_only=True)
class Pending:
    """What is to become of the attachments of a document: `added` by name, and the names of the `removed`."""

    added: Mapping[str, Content] = attrs.field(factory=dict)
    removed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    @property
    def length(self) -> int:
        """How many bytes are added."""
        return sum(content.length for content in self.added.values())

    @property
    def is_large(self) -> bool:
        """Whether the document is to be sent alone, with `uploads` beside it."""
        return self.length > LARGE

    @property
    def uploads(self) -> tuple[Attachment, ...]:
        """What is sent beside the document."""
        return tuple(content.beside for content in self.added.values())

    def adding(self, content: Content) -> Self:
        """Return this with one more attachment, or another one in its place."""
        added = {name: one for name, one in self.added.items() if name != content.name}
        return attrs.evolve(
            self, added={**added, content.name: content}, removed=self.removed - {content.name}
        )

    def removing(self, name: str, *, is_stored: bool) -> Self:
        """Return this without an attachment that was added, and with the removal of one that is stored."""
        added = {one: content for one, content in self.added.items() if one != name}
        return attrs.evolve(self, added=added, removed=self.removed | ({name} if is_stored else set()))

    def since(self, sent: "Pending", new: Container[str]) -> Self:
        """Return what became pending after `sent` was; of that, the server has the `new` ones since then."""
        added = {n: content for n, content in self.added.items() if sent.added.get(n) is not content}
        dropped = {name for name in sent.added if name in new and name not in self.added}
        return attrs.evolve(self, added=added, removed=(self.removed - sent.removed) | dropped)

    def stored(self, json: JSONObject) -> JSONObject:
        """Lay this over the JSON of a document: what the server will hold, but for revision and `revpos`."""
        stubs: JSONObject = json.get(_MEMBER, {})
        kept = {n: stub for n, stub in stubs.items() if n not in self.removed and n not in self.added}
        return _with(json, {**kept, **{name: content.stub for name, content in self.added.items()}})

    def written(self, stored: JSONObject) -> JSONObject:
        """Put the bytes into what `stored` made, or say that they follow when they are large.

        Raises `AttachmentError` when a file has gone or was changed.
        """
        form = attrgetter("follows" if self.is_large else "inline")
        return self._replaced(stored, lambda name: form(self.added[name]))

    def faults(self) -> Iterator[Fault]:
        """Yield a fault for each attachment that cannot be read any more."""
        for name, content in self.added.items():
            try:
                content.open().close()
            except AttachmentError as error:
                yield Fault(f"attachments[{name!r}]", str(error))

    def settled(self, json: JSONObject, rev: str, *, sent: JSONObject | None = None) -> JSONObject:
        """Return what the server holds as `rev`, after `json` with the stubs of `stored` was sent.

        A digest is told only where it is certain: `rev` is a function of the digests and of `sent`, which is
        the JSON that `stored` or `written` made, with the revision before `rev`.
        """
        is_certain = sent is not None and edit_revision(self._replaced(sent, self._stub)) == rev
        generation = parse_revision(rev)[0]

        def told(name: str) -> JSONObject:
            stub = {"revpos": generation, **self._stub(name)}
            return stub if is_certain else {n: value for n, value in stub.items() if n != "digest"}

        return self._replaced(json, told)

    def new_names(self, json: JSONObject) -> frozenset[str]:
        """Return the names of the attachments in JSON that were made here, without a place in a revision."""
        stubs: JSONObject = json.get(_MEMBER, {})
        return frozenset(n for n, stub in stubs.items() if n in self.added and "revpos" not in stub)

    def _replaced(self, json: JSONObject, told: Callable[[str], JSONObject]) -> JSONObject:
        """Tell otherwise of the new attachments in JSON; their order stays."""
        new = self.new_names(json)
        if not new:
            return json
        stubs = {name: told(name) if name in new else stub for name, stub in json[_MEMBER].items()}
        return {**json, _MEMBER: stubs}

    def _stub(self, name: str) -> JSONObject:
        return self.added[name].stub


def _with(json: JSONObject, stubs: JSONObject) -> JSONObject:
    """Return JSON with these attachments, in the place where it has any, or without any."""
    if stubs:
        return {**json, _MEMBER: stubs}
    return {name: value for name, value in json.items() if name != _MEMBER}


def pending_attachments(document: Model) -> Pending | None:
    """Return what is pending of the attachments of a document, None when nothing is."""
    pending: Pending | None = document.__dict__.get("_pending")
    return pending


def remember_pending(document: Model, pending: Pending) -> None:
    """Keep on a document what is pending; nothing when it is empty."""
    if pending:
        document.__dict__["_pending"] = pending
    else:
        document.__dict__.pop("_pending", None)


def stored_stubs(document: Model) -> JSONObject:
    """Return the stubs of what the server holds of a document, by name."""
    source = document._source or {}  # noqa: SLF001 - the mapping's own mark on its instances
    stubs: JSONObject = source.get(_MEMBER, {})
    return stubs


def with_attachments(document: Model, json: JSONObject) -> JSONObject:
    """Return the JSON of a document as it is sent: new attachments as base64, kept ones as stubs.

    Where `Pending.is_large`, the new ones are said to follow. Without anything pending it is `json` itself.
    Raises `DocumentInvalid` for files that have gone or were changed since they were added.
    """
    pending = pending_attachments(document)
    if pending is None:
        return json
    try:
        return pending.written(pending.stored(json))
    except AttachmentError as error:
        raise DocumentInvalid(type(document).__name__, json.get("_id"), list(pending.faults())) from error


def settle_attachments(
    document: Model, rev: str, *, sent: Pending | None = None, json: JSONObject | None = None
) -> None:
    """Note that the server holds what was pending, as revision `rev`; call it after `mapper.refresh`.

    `sent` is what was pending when the document was written, else all that is; what came later stays pending.
    `json` is the document as it was written, with the revision before `rev`; without it the digests of the
    new attachments stay unknown. Where the document was refreshed by what the server said, its stubs stay.
    """
    now = pending_attachments(document)
    done = now if sent is None else sent
    if done is None:
        return
    source = document.__dict__["_source"]
    document.__dict__["_source"] = done.settled(source, rev, sent=json)
    remember_pending(document, (now or Pending()).since(done, done.new_names(source)))
