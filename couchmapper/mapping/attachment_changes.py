"""Attachments that were added to a document or removed from it and are not saved, and how they are written.

They are kept beside the fields of a document. They say what to change, so they can be laid over the stubs of
any revision. What was added has a stub without `revpos` until it is stored: by that it is known in JSON.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Self

import attrs

from couchmapper.exceptions import AttachmentError, Fault
from couchmapper.mapping.contents import Content
from couchmapper.mapping.model import Model
from couchmapper.multipart import Attachment
from couchmapper.revisions import edit_revision, parse_revision
from couchmapper.typing import JSONObject

__all__ = [
    "LARGE",
    "AttachmentChanges",
    "as_stored",
    "forget_sent",
    "pending_attachments",
    "remember_pending",
    "stored_stubs",
]

LARGE: Final = 1_000_000
"""How many bytes may be added to a document before it is sent alone, with the bytes beside it."""

_MEMBER: Final = "_attachments"


@attrs.frozen(kw_only=True)
class AttachmentChanges:
    """What is to become of the attachments of a document: `added` by name, and the names of the `removed`."""

    added: Mapping[str, Content] = attrs.field(factory=dict)
    removed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    def adding(self, content: Content) -> Self:
        """Return these with one more attachment, or another one in its place."""
        added = {name: one for name, one in self.added.items() if name != content.name}
        return attrs.evolve(
            self, added={**added, content.name: content}, removed=self.removed - {content.name}
        )

    def removing(self, name: str, *, is_stored: bool) -> Self:
        """Return these without an attachment that was added, and with the removal of one that is stored."""
        added = {one: content for one, content in self.added.items() if one != name}
        return attrs.evolve(self, added=added, removed=self.removed | ({name} if is_stored else set()))

    def since(self, sent: "AttachmentChanges", json: JSONObject) -> Self:
        """Return what changed after `sent` was sent in `json`, which the server has now."""
        added = {n: content for n, content in self.added.items() if sent.added.get(n) is not content}
        dropped = sent.new_names(json) - self.added.keys()
        return attrs.evolve(self, added=added, removed=(self.removed - sent.removed) | dropped)

    def new_names(self, json: JSONObject) -> frozenset[str]:
        """Return the names of the attachments that JSON has from here."""
        stubs: JSONObject = json.get(_MEMBER, {})
        return frozenset(n for n, stub in stubs.items() if n in self.added and "revpos" not in stub)

    def stored(self, json: JSONObject) -> JSONObject:
        """Lay these over the JSON of a document: what the server will hold, but for revision and `revpos`."""
        stubs: JSONObject = json.get(_MEMBER, {})
        kept = {n: stub for n, stub in stubs.items() if n not in self.removed and n not in self.added}
        stubs = {**kept, **{name: content.stub for name, content in self.added.items()}}
        if stubs:
            return {**json, _MEMBER: stubs}
        return {name: value for name, value in json.items() if name != _MEMBER}

    def written(self, json: JSONObject) -> JSONObject:
        """Put the bytes that are new in JSON into it as base64, or say that they follow when they are large.

        Raises `AttachmentError` when a file has gone or was changed.
        """
        is_large = self._is_large(json)
        return self._replaced(json, lambda content: content.follows if is_large else content.inline)

    def beside(self, json: JSONObject) -> tuple[Attachment, ...]:
        """Return what is sent beside JSON: all that is new in it when that is large, else nothing."""
        new = self.new_names(json) if self._is_large(json) else ()
        return tuple(content.beside for name, content in self.added.items() if name in new)

    def settled(self, json: JSONObject, rev: str) -> JSONObject:
        """Return what the server holds as `rev` after JSON, with the revision before it, was sent.

        The digest of a new attachment is told only where it is certain: `rev` is a function of the digests
        and of what else was sent. `revpos` counts from what was sent, also where that came to lie on a
        tombstone, as in CouchDB.
        """
        hidden = {"plain_digest"} if edit_revision(json) == rev else {"plain_digest", "digest"}
        parent = json.get("_rev")
        generation = 1 if parent is None else parse_revision(parent)[0] + 1

        def told(content: Content) -> JSONObject:
            stub = {name: value for name, value in content.stub.items() if name not in hidden}
            return {**stub, "revpos": generation}

        return {**self._replaced(json, told), "_rev": rev}

    def faults(self) -> Iterator[Fault]:
        """Yield a fault for each attachment that cannot be read any more."""
        for name, content in self.added.items():
            try:
                content.open().close()
            except AttachmentError as error:
                yield Fault(f"attachments[{name!r}]", str(error))

    def length(self, json: JSONObject) -> int:
        """Return how many bytes are new in JSON."""
        return sum(self.added[name].length for name in self.new_names(json))

    def _is_large(self, json: JSONObject) -> bool:
        return self.length(json) > LARGE

    def _replaced(self, json: JSONObject, told: Callable[[Content], JSONObject]) -> JSONObject:
        """Tell otherwise of what is new in JSON; the order stays."""
        new = self.new_names(json)
        if not new:
            return json
        stubs = {name: told(self.added[name]) if name in new else s for name, s in json[_MEMBER].items()}
        return {**json, _MEMBER: stubs}


def pending_attachments(document: Model) -> AttachmentChanges | None:
    """Return what is changed of the attachments of a document and not saved, None when nothing is."""
    pending: AttachmentChanges | None = document.__dict__.get("_pending")
    return pending


def remember_pending(document: Model, pending: AttachmentChanges) -> None:
    """Keep on a document what is not saved; nothing when it is empty."""
    if pending:
        document.__dict__["_pending"] = pending
    else:
        document.__dict__.pop("_pending", None)


def forget_sent(document: Model, sent: AttachmentChanges, json: JSONObject) -> None:
    """Note that the server has what was sent in `json`; what was changed after that stays to be saved."""
    now = pending_attachments(document) or AttachmentChanges()
    remember_pending(document, now.since(sent, json))


def stored_stubs(document: Model) -> JSONObject:
    """Return the stubs of what the server holds of a document, by name."""
    source = document._source or {}  # noqa: SLF001 - the mapping's own mark on its instances
    stubs: JSONObject = source.get(_MEMBER, {})
    return stubs


def as_stored(document: Model, json: JSONObject) -> JSONObject:
    """Lay what is pending over the JSON of a document; without anything pending it is `json` itself."""
    pending = pending_attachments(document)
    return json if pending is None else pending.stored(json)
