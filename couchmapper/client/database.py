"""One database: its chapters of the API under one name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from couchmapper.client.bulk import Bulk
from couchmapper.client.changes import Changes
from couchmapper.client.chapters import Chapter
from couchmapper.client.databases import Databases
from couchmapper.client.design import DesignDocuments
from couchmapper.client.documents import Documents
from couchmapper.client.find import Find
from couchmapper.client.local import LocalDocuments
from couchmapper.client.params import database_name
from couchmapper.client.partition import Partition
from couchmapper.client.views import Views
from couchmapper.messages import TimeoutLike
from couchmapper.transport.base import Transport
from couchmapper.transport.options import OptionsTransport
from couchmapper.typing import JSONObject

if TYPE_CHECKING:
    from couchmapper.client.attachments import Attachments
    from couchmapper.client.maintenance import Maintenance
    from couchmapper.client.multipart_documents import MultipartDocuments
    from couchmapper.client.revisions import Revisions
    from couchmapper.client.search import Search
    from couchmapper.client.security import Security

__all__ = ["Database"]


class Database:
    """The database `name` behind a transport; making this object sends nothing.

    `documents`, `attachments`, `multipart`, `bulk`, `local`, `design`, `find`, `views`, `search` and
    `changes` are the chapters of its API for work with documents; `revisions`, `security` and `maintenance`
    are for looking after it. Raises `IllegalDatabaseName` for a name that would address something else than
    a database.
    """

    attachments: "Chapter[Attachments]" = Chapter("couchmapper.client.attachments:Attachments")
    multipart: "Chapter[MultipartDocuments]" = Chapter(
        "couchmapper.client.multipart_documents:MultipartDocuments"
    )
    search: "Chapter[Search]" = Chapter("couchmapper.client.search:Search")
    revisions: "Chapter[Revisions]" = Chapter("couchmapper.client.revisions:Revisions")
    security: "Chapter[Security]" = Chapter("couchmapper.client.security:Security")
    maintenance: "Chapter[Maintenance]" = Chapter("couchmapper.client.maintenance:Maintenance")

    def __init__(self, transport: Transport, name: str) -> None:
        self.transport = transport
        self.name = database_name(name)
        self.place = transport, (name,), "/{db}"
        self.documents = Documents(*self.place)
        self.bulk = Bulk(*self.place)
        self.local = LocalDocuments(*self.place)
        self.design = DesignDocuments(*self.place)
        self.find = Find(*self.place)
        self.views = Views(*self.place)
        self.changes = Changes(*self.place)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def partition(self, name: str) -> Partition:
        """Return one partition of a partitioned database; nothing is sent."""
        return Partition(self.transport, self.name, name)

    def with_options(
        self,
        *,
        timeout: TimeoutLike | None = None,
        deadline: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the same database with options of its own for every request: limits in time, more headers.

        `timeout` limits each attempt: see `Timeout`. `deadline` is how many seconds a call may take in all,
        with its repetitions and the pauses between them. `db.with_options(deadline=5).documents.get(id)`.
        Connections and credentials are shared.
        """
        return self._over(
            OptionsTransport(self.transport, timeout=timeout, deadline=deadline, headers=headers or {})
        )

    def _over(self, transport: Transport) -> Self:
        return type(self)(transport, self.name)

    def information(self) -> JSONObject:
        """GET /{db} — return counts, sizes, `update_seq` and properties; raises `DatabaseNotFound`."""
        return Databases(self.transport).information(self.name)

    def exists(self) -> bool:
        """HEAD /{db} — tell whether the database exists."""
        return Databases(self.transport).exists(self.name)
