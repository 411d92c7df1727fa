"""One partition of a partitioned database: the same questions on a longer path."""

from typing import TYPE_CHECKING

from couchmapper.client.bulk import AllDocs
from couchmapper.client.chapters import Chapter
from couchmapper.client.find import Mango
from couchmapper.client.operation import operation
from couchmapper.client.params import partition_name
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object
from couchmapper.client.views import PartitionViews
from couchmapper.messages import Request
from couchmapper.transport.base import Transport

if TYPE_CHECKING:
    from couchmapper.client.search import PartitionSearch

__all__ = ["Partition"]


class Partition(Resource):
    """`db.partition(name)`: https://docs.couchdb.org/en/stable/api/partitioned-dbs.html.

    `bulk.all_docs`, `find`, `find.explain`, `views.query` and `search.query` ask for documents whose ids
    begin with the partition's name and a colon, which costs the server much less than asking the whole
    database. Making this object sends nothing.
    """

    search: "Chapter[PartitionSearch]" = Chapter("couchmapper.client.search:PartitionSearch")

    def __init__(self, transport: Transport, database: str, name: str) -> None:
        path = (database, "_partition", partition_name(name))
        super().__init__(transport, path, "/{db}/_partition/{partition}")
        self.name = name
        self.bulk = AllDocs(*self.place)
        self.find = Mango(*self.place)
        self.views = PartitionViews(*self.place)

    @operation(json_object)
    def information(self) -> Request:
        """GET /{db}/_partition/{partition} — return counts and sizes of the partition's documents."""
        return self._request("GET", "", ())
