"""Attachments as readers see them: as stubs, with their data inside the document, or in parts behind it."""

import base64
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

import attrs

from couchmapper import jsonio
from couchmapper.embedded.engine import tree as trees
from couchmapper.embedded.engine.attachments import StoredAttachment, decode, unpack
from couchmapper.embedded.engine.tree import RevisionTree
from couchmapper.embedded.storage import attachments
from couchmapper.embedded.storage.databases import DatabaseRow
from couchmapper.multipart import Attachment, PartToSend
from couchmapper.typing import JSONObject

__all__ = ["STUBS", "AttachmentsShown", "Contents", "contents_of", "newer_generation"]

Contents: TypeAlias = Callable[[bytes], bytes]
"""Reads bytes that are kept, by their digest."""


@attrs.frozen(kw_only=True)
class AttachmentsShown:
    """What a reader asks for: `encoding` adds how the bytes are kept; `contents` reads those to be shown.

    Then those of generations after `newer_than` have their data, or with `follows` a part each; the others
    are stubs.
    """

    encoding: bool = False
    contents: Contents | None = None
    follows: bool = False
    newer_than: int = -1

    def text(self, stored: bytes) -> bytes:
        """Write `_attachments` out of what is stored of them."""
        return jsonio.dumps({one.name: self._told(one) for one in decode(stored)})

    def parts(self, stored: bytes | None) -> tuple[PartToSend, ...]:
        """Make the parts that follow the document, in the order of their stubs."""
        return tuple(self._parts(decode(stored))) if self.follows else ()

    def _told(self, one: StoredAttachment) -> JSONObject:
        if self.contents is None or one.revpos <= self.newer_than:
            return one.stub(encoding=self.encoding)
        if self.follows:
            return one.told({"length": one.length, "follows": True}, encoding=self.encoding)
        content = self.contents(one.digest)
        plain = content if one.encoded_length is None else unpack(content)
        return one.told({"data": base64.b64encode(plain).decode()}, encoding=self.encoding)

    def _parts(self, stored: Iterable[StoredAttachment]) -> Iterable[PartToSend]:
        for one in stored:
            if self.contents is None or one.revpos <= self.newer_than:
                continue
            content = self.contents(one.digest)
            part = Attachment(name=one.name, content_type=one.header_type, body=content).part
            packed = {} if one.encoded_length is None else {"Content-Encoding": "gzip"}
            yield attrs.evolve(part, headers={**part.headers, **packed})


STUBS = AttachmentsShown()
"""What every reader sees."""


def contents_of(connection: sqlite3.Connection, database: DatabaseRow) -> Contents:
    """Return what reads the attachments of a database."""
    return partial(attachments.read, connection, database.number)


def newer_generation(tree: RevisionTree, rev: str, since: Iterable[str]) -> int:
    """Return the generation up to which a reader has the attachments of `rev`, who has these revisions.

    That is the one of the nearest of its ancestors that is among them; -1 when none is.
    """
    known = set(since)
    nearest = next((revision for revision in trees.ancestry(tree, rev) if revision in known), None)
    return -1 if nearest is None else int(nearest.partition("-")[0])
