"""Conflicts that replication left in a database: found, shown as models, and resolved."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property, partial
from typing import Generic, Literal, TypeVar

import attrs

from couchmapper.client.database import Database
from couchmapper.exceptions import MappingError, ModelError, ResolutionError, UnexpectedType
from couchmapper.jsonio import same
from couchmapper.mapping import mapper
from couchmapper.mapping.attachment_changes import (
    AttachmentChanges,
    as_stored,
    forget_sent,
    pending_attachments,
)
from couchmapper.mapping.attachments import lend_reader
from couchmapper.mapping.document import Document
from couchmapper.mapping.lifecycle import has_hooks, run_hooks
from couchmapper.mapping.merging import merge_rules
from couchmapper.mapping.registry import class_of
from couchmapper.session.branches import Branches, forks
from couchmapper.session.delivery import DatabaseReader
from couchmapper.session.leaves import is_tombstone, leaves, stored_revisions, without_revisions
from couchmapper.session.overwriting import over_winner
from couchmapper.session.pruning import Resolution, end_branches, write_result
from couchmapper.typing import JSONObject

__all__ = ["StoredConflict", "StoredConflicts"]

D = TypeVar("D", bound=Document)

_PAGE = 2000
_BATCH = 50
_DESIGN = "_design/"


class StoredConflicts(Generic[D]):
    """The documents of a model and its subclasses that have more than one living branch.

    Iterating reads the changes feed, which tells of the branches of every document, in pages; branches are
    read for some documents at a time. A document whose winner is of another type is not among them, a losing
    leaf may be of any type. One that is written while it is iterated may come again.
    """

    def __init__(self, database: Database, model: type[D]) -> None:
        if not issubclass(model, Document):
            raise ModelError(f"{model.__name__} is no Document; only documents have conflicts")
        self._database = database
        self._model = model

    def __repr__(self) -> str:
        return f"<stored conflicts of {self._model.__name__} in {self._database.name!r}>"

    def __iter__(self) -> "Iterator[StoredConflict[D]]":
        since: str | int = 0
        while True:
            # A `_selector` would hide the leaves that it does not match, and so the conflict with them.
            answer = self._database.changes(style="all_docs", since=since, limit=_PAGE)
            branched = [row["id"] for row in answer["results"] if _is_branched(row)]
            for start in range(0, len(branched), _BATCH):
                for conflict in self._read(branched[start : start + _BATCH]):
                    if conflict.is_expected():
                        yield conflict
            if len(answer["results"]) < _PAGE:
                return
            since = answer["last_seq"]

    def get(self, id: str) -> "StoredConflict[D] | None":
        """Return the conflict of one document; None when it has none, or is not there.

        Raises `UnexpectedType` when its winner is of another model.
        """
        conflict = next(self._read([id]), None)
        if conflict is not None:
            class_of(self._model, conflict.winner_json)
        return conflict

    def _read(self, ids: Iterable[str]) -> "Iterator[StoredConflict[D]]":
        """Read the branches of documents, and then the documents that these come from."""
        living = {
            name: tuple(leaf for leaf in some if not is_tombstone(leaf))
            for name, some in leaves(self._database, ids).items()
        }
        parted = {name: some for name, some in living.items() if len(some) > 1}
        bodies = stored_revisions(
            self._database, [(name, revision) for name, some in parted.items() for revision in forks(some)]
        )
        for name, some in parted.items():
            known = {revision: body for (owner, revision), body in bodies.items() if owner == name}
            branches = Branches(leaves=some, bodies=known)
            yield StoredConflict(id=name, database=self._database, model=self._model, branches=branches)


@attrs.define(kw_only=True, slots=False, eq=False, repr=False)
class StoredConflict(Generic[D]):
    """One document with several living branches, as they were when they were read.

    As models they are made when they are asked for, so that one that does not fit its model still shows as
    JSON. Those of them that are changed are not saved by any session: give one to `resolve`.
    """

    id: str
    _database: Database = attrs.field(alias="database")
    _model: type[D] = attrs.field(alias="model")
    _branches: Branches = attrs.field(alias="branches")
    _written: JSONObject | None = attrs.field(default=None, init=False)
    _unheard: list[JSONObject] = attrs.field(factory=list, init=False)

    def __repr__(self) -> str:
        return f"<stored conflict of {self.id!r} with {len(self.leaves_json)} leaves>"

    @cached_property
    def leaves_json(self) -> tuple[JSONObject, ...]:
        """The documents that the living branches end with, the winner first, in CouchDB's order."""
        return tuple(map(without_revisions, self._branches.leaves))

    @property
    def winner_json(self) -> JSONObject:
        """The document that readers see."""
        return self.leaves_json[0]

    @property
    def base_json(self) -> JSONObject | None:
        """The nearest document that all branches come from; None when it is not stored any more, or none."""
        return self._branches.base

    @cached_property
    def winner(self) -> D:
        """`winner_json` as a model; raises `DocumentInvalid` when it does not fit."""
        return self._load(self.winner_json)

    @cached_property
    def leaves(self) -> tuple[D, ...]:
        """`leaves_json` as models, `winner` the first; raises `DocumentInvalid`, `UnexpectedType`."""
        return (self.winner, *map(self._load, self.leaves_json[1:]))

    @cached_property
    def base(self) -> D | None:
        """`base_json` as a model; raises `DocumentInvalid`, `UnexpectedType`."""
        return None if self.base_json is None else self._load(self.base_json)

    def is_expected(self) -> bool:
        """Tell whether the winner is of the model that was asked for, or of a subclass."""
        try:
            class_of(self._model, self.winner_json)
        except UnexpectedType:
            return False
        return True

    def resolve(self, result: D | JSONObject | Literal["winner", "merge"] | None) -> Resolution:
        """Write the result over the winner, and then delete all other branches with one `_bulk_docs`.

        `result` is a document: the winner or another leaf, changed or not, or a new one with this id; or such
        a document as JSON; `"winner"`; `"merge"`, which puts the changes of all branches together by the
        `merge=` rules of the fields, the winner being `theirs`; or None, which deletes every branch. A winner
        that stays as it is is not written. Its attachments stay, unless the result says otherwise.

        Nothing is written when the result cannot be: `ResolutionError`, `BranchesClash` for a merge,
        `DocumentInvalid`. Raises `LeafMoved` when somebody else changed a leaf: if it is the winner, nothing
        was done; else the other branches are deleted. What the server refuses is raised too. After an error
        that leaves open what was done, such as `TransportError`, calling again is safe: what is done already
        is not done twice.
        """
        kept, *others = (leaf["_rev"] for leaf in self._current())
        if result is None:
            return self._delete([*others, kept])
        document = self._decided(result)
        rev = kept if document is None else self._save(document)
        return end_branches(self._database, self.id, others, rev=rev)

    def _load(self, json: JSONObject) -> D:
        document = mapper.load(self._model, json)
        lend_reader(document, DatabaseReader(self._database))
        run_hooks("after_load", document)
        return document

    def _current(self) -> tuple[JSONObject, ...]:
        """Return the leaves as they are by now: a result that was written is the winner."""
        return (self._written or self.winner_json, *self.leaves_json[1:])

    def _decided(self, result: D | JSONObject | str) -> D | None:
        """Return the document that a result stands for; None for the winner as it is."""
        if isinstance(result, Document):
            document = self._checked(result)
        elif isinstance(result, dict):
            json = over_winner(result, self._current(), is_whole=False)
            document = mapper.load(self._model, json)
        elif result == "merge":
            model: type = self._model
            merged = self._branches.merge(merge_rules(model), form=partial(mapper.upcast, self._model))
            document = mapper.load(self._model, over_winner(merged, self._current(), is_whole=True))
        elif result == "winner":
            if "winner" not in vars(self):  # nobody has it, so nobody changed it
                return None
            document = self.winner
        else:
            raise ResolutionError(
                f"{self.id!r} is resolved with a document, its JSON, 'winner', 'merge', or None to delete it,"
                f" not with {result!r}"
            )
        return None if self._is_winner(self._json_of(document)) else document

    def _checked(self, document: Document) -> D:
        if isinstance(document, self._model):
            return document
        raise ResolutionError(
            f"{self.id!r} is resolved with a document of {self._model.__name__}, not of"
            f" {type(document).__name__}"
        )

    def _json_of(self, document: D) -> JSONObject:
        """Return what the server is to hold; what was the winner says all about its attachments."""
        is_foreign = document.rev is None or document.rev in [leaf["_rev"] for leaf in self.leaves_json[1:]]
        json = over_winner(mapper.dump(document), self._current(), is_whole=not is_foreign)
        return as_stored(document, json)

    def _is_winner(self, json: JSONObject) -> bool:
        """Tell whether the server's winner says the same, be it in the form of an older version."""
        winner = self._current()[0]
        if same(json, winner):
            return True
        with suppress(MappingError):
            return same(json, mapper.upcast(self._model, winner))
        return False

    def _save(self, document: D) -> str:
        run_hooks("before_save", document)
        mapper.validate(document)
        json = self._json_of(document)
        earlier, changes = tuple(self._unheard), pending_attachments(document) or AttachmentChanges()
        self._unheard.append(json)
        rev = write_result(self._database, json, changes=changes, earlier=earlier)
        self._unheard.clear()
        self._written = changes.settled(json, rev)
        mapper.refresh(document, self._written)
        forget_sent(document, changes, json)
        run_hooks("after_save", document)
        return rev

    def _delete(self, revisions: list[str]) -> Resolution:
        """Delete every branch, the winner last: what is left after an interruption is what readers saw."""
        has_listeners = any(
            has_hooks(class_of(self._model, self.winner_json), event)
            for event in ("before_delete", "after_delete")
        )
        if has_listeners:
            run_hooks("before_delete", self.winner)
        resolution = end_branches(self._database, self.id, revisions, rev=None)
        if has_listeners:
            run_hooks("after_delete", self.winner)
        return resolution


def _is_branched(row: JSONObject) -> bool:
    """Tell whether a change is of a living document, and no design document, with more than one leaf."""
    return len(row["changes"]) > 1 and not row.get("deleted") and not row["id"].startswith(_DESIGN)
