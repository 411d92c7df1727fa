"""The partitions of a database that is made with them: documents whose ids begin alike, as in `attic:09`.

https://docs.couchdb.org/en/stable/partitioned-dbs/
"""

from couchmapper.embedded.engine.edits import check_document_id
from couchmapper.embedded.storage.ranges import IdRange
from couchmapper.exceptions import BadRequest, IllegalDocumentId
from couchmapper.typing import JSON

__all__ = ["check_partition", "check_partitioned_id", "expect_partition", "ids_within", "partition_of"]


def check_partition(name: JSON) -> str:
    """Return the name of a partition; raises `BadRequest` (`illegal_partition`) for what cannot be one."""
    if not isinstance(name, str):
        raise _illegal("be a string", negated=False)
    if not name:
        raise _illegal("be empty")
    if name[0] == "_":
        raise _illegal("start with an underscore")
    if ":" in name:
        raise _illegal("contain a colon")
    return name


def expect_partition(document_id: str) -> None:
    """Raise `IllegalDocumentId` for an id that names no partition; design and local documents have none.

    This is what CouchDB asks of an id that is looked up. What is stored needs `check_partitioned_id`.
    """
    if document_id[:1] != "_" and ":" not in document_id:
        raise IllegalDocumentId("Doc id must be of form partition:id")


def check_partitioned_id(document_id: str) -> None:
    """Raise the error that CouchDB gives for an id that no document of a partitioned database can have."""
    expect_partition(document_id)
    if document_id[:1] != "_":
        partition, _, key = document_id.partition(":")
        check_partition(partition)
        check_document_id(key)


def partition_of(document_id: str) -> str:
    """Return the partition that an id begins with."""
    return document_id.partition(":")[0]


def ids_within(partition: str) -> IdRange:
    """Return the ids of a partition."""
    return IdRange(first=f"{partition}:", last=f"{partition};", last_included=False)


def _illegal(what: str, *, negated: bool = True) -> BadRequest:
    return BadRequest(f"Partition must {'not ' if negated else ''}{what}", error="illegal_partition")
