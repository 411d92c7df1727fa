"""What a sender remembers when it is interrupted."""

import pytest

from couchmapper.database import Database
from couchmapper.mapping import Document, Mapped, field
from couchmapper.session import Session
from couchmapper.session.limits import Limits
from couchmapper.session.sending import Sender
from couchmapper.session.settlement import Settlement
from couchmapper.session.tally import Tally
from couchmapper.session.workspace import Workspace


class Counter(Document, id="counter:{number}"):
    number: Mapped[int]
    count: Mapped[int] = field(default=0, merge="add")


class Interrupted(list):
    """Documents, the third of which is not noted any more: the user has pressed Ctrl-C."""

    def append(self, document: object) -> None:
        if len(self) == 2:
            raise KeyboardInterrupt
        super().append(document)


def test_what_was_stored_before_an_interruption_is_not_written_twice(database: Database):
    with database.begin() as other:
        other.add_all(Counter(number=number) for number in range(5))
    workspace = Workspace(database, (), Limits())
    with Session([workspace], on_conflict="merge") as session:
        for counter in session.query(Counter):
            counter.count += 1
        writes, tally = workspace.plan().writes, Tally(saved=Interrupted())
        tally.open(writes)
        with pytest.raises(KeyboardInterrupt):
            Sender(Settlement(workspace, tally)).send(writes)

        report = session.commit()

        assert len(report.saved) == 3
    with database.session() as other:
        assert [counter.count for counter in other.query(Counter)] == [1] * 5
