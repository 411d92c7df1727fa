"""Two sessions on one database, in any order of steps: nothing that was accepted is lost in silence."""

from collections import defaultdict
from contextlib import suppress
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from couchmapper.database import Client, Database
from couchmapper.embedded.transport import EmbeddedTransport
from couchmapper.exceptions import ConnectionFailed, DocumentNotFound, IdentityError
from couchmapper.mapping import Document, Mapped
from couchmapper.messages import Request, Response
from couchmapper.session import CommitError, CommitReport, Session
from couchmapper.transport.base import TransportWrapper

KEYS = ("a", "b")


class Note(Document, id="{key}"):
    key: Mapped[str]
    value: Mapped[int]


class Deaf(TransportWrapper):
    """Loses the answer of the next bulk write when it is told to."""

    deaf = False

    def send(self, request: Request) -> Response:
        response = self.inner.send(request)
        if self.deaf and request.path[-1:] == ("_bulk_docs",):
            self.deaf = False
            raise ConnectionFailed("the connection broke")
        return response


class World:
    """A database, two sessions, and for each session the values that it has read or tried to write."""

    def __init__(self) -> None:
        self.transport = Deaf(EmbeddedTransport())
        self.database: Database = Client(self.transport).database("notes", create=True)
        self.sessions: list[Session] = [self.database.session(), self.database.session()]
        self.known = [defaultdict(set) for _ in self.sessions]
        self.held: list[dict[str, Note]] = [{}, {}]
        self.values = count()
        self.last_writer: dict[str, int] = {}

    def stored(self) -> dict[str, int]:
        rows = self.database.bulk.all_docs(include_docs=True)["rows"]
        return {row["id"]: row["doc"]["value"] for row in rows}

    def take(self, who: int, note: Note | None) -> None:
        if note is not None:
            self.held[who][note.id] = note
            self.known[who][note.id].add(note.value)

    def add(self, who: int, key: str) -> None:
        with suppress(IdentityError):
            note = Note(key=key, value=next(self.values))
            self.sessions[who].add(note)
            self.take(who, note)

    def add_again(self, who: int, key: str) -> None:
        if key in self.held[who]:
            with suppress(IdentityError):
                self.sessions[who].add(self.held[who][key])

    def get(self, who: int, key: str) -> None:
        self.take(who, self.sessions[who].get(Note, key))

    def edit(self, who: int, key: str) -> None:
        note = self.held[who].get(key)
        if note is not None and note in self.sessions[who]:
            note.value = next(self.values)
            self.known[who][key].add(note.value)

    def delete(self, who: int, key: str) -> None:
        if key in self.held[who]:
            with suppress(IdentityError):
                self.sessions[who].delete(self.held[who][key])

    def refresh(self, who: int, key: str) -> None:
        if key in self.held[who]:
            with suppress(IdentityError, DocumentNotFound):
                self.sessions[who].refresh(self.held[who][key])
                self.take(who, self.held[who][key])

    def rollback(self, who: int, _: str) -> None:
        """Give up everything, also the knowledge of what was sent and got no answer."""
        self.sessions[who].rollback()
        self.last_writer = {key: writer for key, writer in self.last_writer.items() if writer != who}

    def commit(self, who: int, _: str) -> None:
        before = self.stored()
        report = commit(self.sessions[who])
        self.check(who, report, before, self.stored())

    def commit_unheard(self, who: int, key: str) -> None:
        self.transport.deaf = True
        self.commit(who, key)
        self.transport.deaf = False

    def check(self, who: int, report: CommitReport, before: dict[str, int], after: dict[str, int]) -> None:
        for document in report.saved:
            assert after[document.id] == document.value, "what counts as saved is there"
        for document in report.deleted:
            assert document.id not in after, "what counts as deleted is gone"
        answered = {document.id for document in (*report.saved, *report.deleted, *report.unanswered)}
        for key in KEYS:
            if before.get(key) != after.get(key):
                assert key in answered, "what changed is in the report"
                assert key not in before or before[key] in self.known[who][key], (
                    "nobody overwrites what he has not read"
                )
                self.last_writer[key] = who
        for conflict in report.conflicts:
            theirs = conflict.theirs and conflict.theirs["value"]
            assert theirs == after.get(conflict.document.id), "a conflict shows what is there"
            assert self.last_writer.get(conflict.document.id) != who, "nobody is in conflict with himself"
        for key, note in self.held[who].items() if report else ():
            if self.last_writer.get(key) == who:
                wanted = note.value if note in self.sessions[who] else None
                assert after.get(key) == wanted, "when all is written, the server has what the session has"


def commit(session: Session) -> CommitReport:
    try:
        return session.commit()
    except CommitError as error:
        return error.report


STEPS = (
    World.add,
    World.add_again,
    World.get,
    World.edit,
    World.edit,
    World.delete,
    World.refresh,
    World.rollback,
    World.commit,
    World.commit,
    World.commit_unheard,
)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.sampled_from((0, 1)), st.sampled_from(KEYS)),
        min_size=20,
        max_size=60,
    )
)
def test_no_accepted_change_is_lost_in_silence(steps):
    world = World()

    for step, who, key in steps:
        step(world, who, key)
    for who in (0, 1):
        world.commit(who, "")
        assert not commit(world.sessions[who]).saved, "a second commit has nothing new to save"
