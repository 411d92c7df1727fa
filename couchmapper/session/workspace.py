"""What a session knows of one database: its documents, what waits for a deletion, what got no answer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs

from couchmapper.client.database import Database
from couchmapper.client.params import document_id
from couchmapper.mapping import mapper
from couchmapper.mapping.attachments import AttachmentReader, lend_reader
from couchmapper.mapping.document import Document
from couchmapper.query.source import ServerNotes, Source
from couchmapper.session.asking import source_of
from couchmapper.session.attempts import Attempts
from couchmapper.session.delivery import DatabaseReader
from couchmapper.session.identity import IdentityMap
from couchmapper.session.limits import Limits
from couchmapper.session.observation import Observation
from couchmapper.session.tombstones import is_buried, is_stored, revive
from couchmapper.session.unit_of_work import Plan, is_changed, plan
from couchmapper.typing import JSONObject

__all__ = ["Workspace"]


def _always(_id: str, _document: Document) -> bool:
    return True


@attrs.define(eq=False)
class Workspace:
    """The documents of one database in a session; `models` are those that are bound to the database.

    `identities` are the documents by id, `deleted` those that wait for their deletion, `whole` the ids of
    which every branch is to go, `attempts` the writes without an answer; `source` is what queries ask.
    """

    database: Database
    models: Sequence[type]
    limits: Limits
    notes: ServerNotes = attrs.field(factory=ServerNotes)
    identities: IdentityMap = attrs.field(init=False)
    deleted: IdentityMap = attrs.field(factory=lambda: IdentityMap(_always), init=False)
    whole: set[str] = attrs.field(factory=set, init=False)
    attempts: Attempts = attrs.field(factory=Attempts, init=False)
    source: Source = attrs.field(init=False)
    _queries: dict[int, Observation] = attrs.field(factory=dict, init=False)
    _reader: AttachmentReader = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._reader = DatabaseReader(self.database)
        self.identities = IdentityMap(is_changed)
        self.source = source_of(self.database, self.notes)

    def plan(self) -> Plan:
        """Find what is to be written."""
        return plan(self.identities, self.deleted, unsure=self.attempts or (), whole=self.whole)

    def add(self, document: Document) -> None:
        """Take a document in, to be saved when it is new or changed; raises `IdentityError`."""
        known_id = document_id(document.id)
        waits = known_id in self.deleted
        if waits:
            self.deleted.check(known_id, document)
        self.identities.add(known_id, document)
        if waits:
            self.deleted.remove(known_id)
            self.whole.discard(known_id)
        if mapper.source_of(document) is not None:
            if is_buried(document):
                revive(document)
            self.lend(document)

    def forget(self, document_id: str) -> None:
        """Let a document go, with its changes or its deletion."""
        self.identities.remove(document_id)
        self.deleted.remove(document_id)
        self.whole.discard(document_id)
        self.attempts.forget(document_id)

    @contextmanager
    def observed(self) -> Iterator[Observation]:
        """Give notes of what this session writes meanwhile."""
        written = Observation()
        self._queries[id(written)] = written
        try:
            yield written
        finally:
            del self._queries[id(written)]

    def keep(self, document: Document, document_id: str) -> None:
        """Note that the server has a document as it is; the program's references hold it from now on."""
        self._note_known(document_id)
        self.lend(document)
        self.identities.loosen(document_id, document)

    def settle(self, document: Document, document_id: str) -> None:
        """Note that nothing of a document waits any more: it is as the server has it, or gone there."""
        self.deleted.remove(document_id)
        self.whole.discard(document_id)
        if is_stored(document):
            self.keep(document, document_id)
        else:
            self._note_known(document_id)
            self.identities.remove(document_id)

    def _note_known(self, document_id: str) -> None:
        """Note that it is known what the server holds of a document, and not what a query read before."""
        self.attempts.forget(document_id)
        for written in list(self._queries.values()):  # the garbage collector may end one
            written.note(document_id)

    def note_unheard(
        self, document: Document, document_id: str, json: JSONObject, mine: JSONObject | None
    ) -> None:
        """Note that a document was sent and no answer came; it is held until one knows what became of it."""
        self.attempts.note(document_id, json, mine)
        if document_id in self.identities:
            self.identities.add(document_id, document)

    def lend(self, document: Document) -> None:
        """Let a document read its attachments from the database."""
        if "_attachments" in (mapper.source_of(document) or ()):
            lend_reader(document, self._reader)

    def rollback(self) -> None:
        """Return to what was loaded or last saved: new documents are forgotten, the rest is undone."""
        kept = [(key, one) for key, one in (*self.identities, *self.deleted) if is_stored(one)]
        for _, document in kept:
            mapper.restore(document, mapper.source_of(document) or {})
        self.clear()
        for known_id, document in kept:
            self.identities.loosen(known_id, document)

    def clear(self) -> None:
        """Forget everything."""
        self.identities.clear()
        self.deleted.clear()
        self.whole.clear()
        self.attempts.clear()
