"""A world of two sessions on one database, between which and the store things go wrong."""

from collections import Counter, defaultdict
from contextlib import suppress
from itertools import count
from typing import Any

from couchmapper import jsonio
from couchmapper.database import Client, Database
from couchmapper.exceptions import ConnectionFailed, DocumentNotFound, IdentityError
from couchmapper.mapping import Document, Mapped, field, mapper
from couchmapper.messages import Request, Response
from couchmapper.session import CommitError, CommitReport, Session
from couchmapper.session.commit import Pacing
from couchmapper.session.limits import Limits
from couchmapper.session.workspace import Workspace
from couchmapper.transport.base import Transport, TransportWrapper
from couchmapper.transport.mock import json_response
from couchmapper.typing import JSONObject

KEYS = ("a", "b")
FATES = ("lost", "cut", "reset", "unsent", "failed before", "failed after", "too many", "too large")


class Note(Document, id="{key}"):
    key: Mapped[str]
    value: Mapped[int]
    count: Mapped[int] = field(default=0, merge="add")
    tags: Mapped[set[str]] = field(factory=set, merge="union")


class Wire(TransportWrapper):
    """Lets requests of a commit fail as it is told, and writes down what the store took from whom."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.fates = iter(())
        self.writer = 0
        self.stored: dict[str, JSONObject | None] = {}
        self.last_writer: dict[str, int] = {}
        self.known: list[defaultdict[str, set[int]]] = [defaultdict(set), defaultdict(set)]
        self.tags: list[defaultdict[str, set[str]]] = [defaultdict(set), defaultdict(set)]
        self.added: Counter[tuple[int, str]] = Counter()

    def send(self, request: Request) -> Response:
        fate = next(self.fates, "") if request.path[-1] in {"_bulk_docs", "_bulk_get"} else ""
        match fate:
            case "reset":
                raise ConnectionFailed("reset before it was done")
            case "unsent":
                raise ConnectionFailed("no route", sent=False)
            case "failed before":
                return json_response({"error": "unavailable", "reason": "?"}, status=503)
            case "too many":
                return json_response({"error": "too_many_requests", "reason": "?"}, status=429)
            case "too large" if request.body and request.body.count(b'"_id"') > 1:
                return json_response({"error": "too_large", "reason": "?"}, status=413)
        response = self.inner.send(request)
        if request.path[-1] == "_bulk_docs":
            self.note(jsonio.loads(request.body)["docs"], response.json())
        match fate:
            case "lost":
                raise ConnectionFailed("reset after it was done")
            case "cut":
                return Response(status=response.status, headers=response.headers, body=response.body[:-9])
            case "failed after":
                return json_response({"error": "internal_server_error", "reason": "?"}, status=500)
        return response

    def note(self, documents: list[JSONObject], results: list[JSONObject]) -> None:
        """Check what the store took, against what was there."""
        for document, result in zip(documents, results, strict=True):
            if "error" not in result:
                self.check(document, self.stored.get(document["_id"]))
                self.last_writer[document["_id"]] = self.writer
                self.stored[document["_id"]] = None if document.get("_deleted") else document

    def check(self, new: JSONObject, old: JSONObject | None) -> None:
        key, who = new["_id"], self.writer
        if new.get("_deleted"):
            if old is not None:
                assert old["value"] in self.known[who][key], "nobody deletes what he has not read"
                assert set(old["tags"]) <= self.tags[who][key], "nobody deletes what he has not read"
            return
        self.added[who, key] += new["count"] - (old["count"] if old else 0)
        if old is not None:
            assert content(new) != content(old), "nothing is written twice"
            assert set(old["tags"]) <= set(new["tags"]), "nobody loses what he has not read"
            if new["value"] != old["value"]:
                assert old["value"] in self.known[who][key], "nobody overwrites what he has not read"


class World:
    """A database, two sessions, and everything that they did."""

    def __init__(self, transport: Transport, name: str, prefix: str, strategies: tuple[str, str]) -> None:
        self.wire = Wire(transport)
        self.database: Database = Client(self.wire).database(name)
        self.prefix = prefix
        self.strategies = strategies
        limits = Limits(documents=2)
        self.sessions = [
            Session(
                [Workspace(self.database, (), limits)],
                on_conflict=strategy,
                pacing=Pacing(sleep=lambda _: None),
            )
            for strategy in strategies
        ]
        self.held: list[dict[str, Note]] = [{}, {}]
        self.objects: list[dict[int, Note]] = [{}, {}]
        self.conflicts: list[dict[int, Any]] = [{}, {}]
        self.made: Counter[tuple[int, str]] = Counter()
        self.dropped: Counter[tuple[int, str]] = Counter()
        self.uncounted: set[tuple[int, str]] = set()
        self.values = count()

    def id(self, key: str) -> str:
        return f"{self.prefix}-{key}"

    def take(self, who: int, note: Note | None) -> None:
        if note is not None:
            self.held[who][note.key] = note
            self.objects[who][id(note)] = note
            self.learn(who, note)

    def learn(self, who: int, note: Note) -> None:
        self.wire.known[who][note.key].add(note.value)
        self.wire.tags[who][note.key] |= note.tags

    def unsaved(self, who: int, note: Note) -> int:
        """Return what was added to the counter and the server does not have, as far as is known."""
        source = mapper.source_of(note)
        base = source if source is not None and "_rev" in source else {}
        if id(note) in self.conflicts[who]:
            base = self.conflicts[who][id(note)].base or {}
        return note.count - base.get("count", 0)

    def is_unsure(self, who: int, key: str) -> bool:
        return self.id(key) in self.sessions[who]._workspaces[0].attempts

    def add(self, who: int, key: str) -> None:
        with suppress(IdentityError):
            note = Note(key=self.id(key), value=next(self.values))
            self.sessions[who].add(note)
            self.take(who, note)

    def add_again(self, who: int, key: str) -> None:
        note = self.held[who].get(self.id(key))
        if note is None or note in self.sessions[who] or self.is_unsure(who, key):
            return
        if (mapper.source_of(note) or {}).get("_deleted"):
            self.dropped[who, note.key] += self.unsaved(who, note)
            note.count, note.tags, note.value = 0, set(), next(self.values)
            self.learn(who, note)
        with suppress(IdentityError):
            self.sessions[who].add(note)

    def get(self, who: int, key: str) -> None:
        found = self.sessions[who].get(Note, self.id(key))
        self.take(who, found)
        assert found is None or self.sessions[who].get(Note, self.id(key)) is found, "one object for each id"

    def change(self, who: int, key: str) -> Note | None:
        note = self.held[who].get(self.id(key))
        return note if note is not None and note in self.sessions[who] else None

    def edit(self, who: int, key: str) -> None:
        note = self.change(who, key)
        if note is not None:
            note.value = next(self.values)
            self.learn(who, note)

    def increment(self, who: int, key: str) -> None:
        note = self.change(who, key)
        if note is not None:
            # Equal edits of one revision are one: nobody can tell whose it is when an answer is lost.
            amount = (1, 1000)[who]
            note.count += amount
            self.made[who, note.key] += amount

    def tag(self, who: int, key: str) -> None:
        note = self.change(who, key)
        if note is not None:
            note.tags.add(f"{who}-{next(self.values)}")
            self.learn(who, note)

    def modify(self, who: int, key: str) -> None:
        amount = (10, 10_000)[who]

        def change(note: Note) -> None:
            self.learn(who, note)
            note.count += amount

        self.wire.writer = who
        with suppress(IdentityError, DocumentNotFound):
            note = self.sessions[who].modify(Note, self.id(key), change)
            self.made[who, note.key] += amount
            self.conflicts[who].pop(id(note), None)
            self.take(who, note)

    def delete_all_branches(self, who: int, key: str) -> None:
        self.delete(who, key, all_branches=True)

    def delete(self, who: int, key: str, *, all_branches: bool = False) -> None:
        note = self.held[who].get(self.id(key))
        if note is not None:
            if self.is_unsure(who, key):  # what is deleted then is not known, so it cannot be counted
                self.uncounted.add((who, note.key))
            with suppress(IdentityError):
                self.sessions[who].delete(note, all_branches=all_branches)

    def refresh(self, who: int, key: str) -> None:
        note = self.held[who].get(self.id(key))
        if note is not None and not self.is_unsure(who, key):
            unsaved = self.unsaved(who, note)
            with suppress(IdentityError, DocumentNotFound):
                self.sessions[who].refresh(note)
                self.dropped[who, note.key] += unsaved
                self.conflicts[who].pop(id(note), None)
                self.take(who, note)

    def rollback(self, who: int, _: str) -> None:
        if any(self.is_unsure(who, key) for key in KEYS):
            return
        before = {one: self.unsaved(who, note) for one, note in self.objects[who].items()}
        self.sessions[who].rollback()
        for one, note in self.objects[who].items():
            self.conflicts[who].pop(one, None)
            self.dropped[who, note.key] += before[one] - self.unsaved(who, note)

    def commit(self, who: int, fates: tuple[str, ...] = ()) -> CommitReport:
        self.wire.writer, self.wire.fates = who, iter(fates)
        try:
            report = self.sessions[who].commit()
        except CommitError as error:
            report = error.report
        self.wire.fates = iter(())
        self.check(who, report)
        return report

    def check(self, who: int, report: CommitReport) -> None:
        """Compare what a commit tells with what the store holds."""
        for document in (*report.saved, *report.merged):
            self.take(who, document)
            there = self.database.documents.get(document.id, rev=document.rev)
            assert content(there) == content(mapper.dump(document)), "what counts as saved is there"
            self.conflicts[who].pop(id(document), None)
        for document in report.deleted:
            self.conflicts[who].pop(id(document), None)
            assert document not in self.sessions[who]
        for conflict in report.conflicts:
            self.conflicts[who][id(conflict.document)] = conflict
            assert conflict.theirs is None or content(conflict.theirs) == content(
                self.wire.stored[conflict.document.id]
            ), "a conflict shows what is there"
            if self.strategies[who] == "raise":
                assert self.wire.last_writer[conflict.document.id] != who, (
                    "nobody is in conflict with himself"
                )
            if conflict.theirs is None:
                assert self.wire.stored.get(conflict.document.id) is None

    def end(self) -> None:
        """Commit without faults, and count."""
        for who in (0, 1):
            report = self.commit(who)
            assert (report.unanswered, report.unsent, report.rejected) == ((), (), ())
            again = self.commit(who)
            done = (*again.saved, *again.merged, *again.deleted)
            assert done == (), "a second commit has nothing to save"
        for who in (0, 1):
            for key in map(self.id, KEYS):
                if (who, key) in self.uncounted:
                    continue
                unsaved = sum(
                    self.unsaved(who, note) for note in self.objects[who].values() if note.key == key
                )
                assert self.made[who, key] == self.wire.added[who, key] + unsaved + self.dropped[who, key], (
                    "every change is stored once, or is known not to be"
                )


def content(json: JSONObject) -> JSONObject:
    return {
        name: sorted(value) if name == "tags" else value for name, value in json.items() if name != "_rev"
    }


STEPS = (
    World.add,
    World.add_again,
    World.get,
    World.get,
    World.edit,
    World.increment,
    World.increment,
    World.tag,
    World.modify,
    World.delete,
    World.delete_all_branches,
    World.refresh,
    World.rollback,
)
