"""What type checkers know of the client's operations; checked by mypy and pyright, never run."""

from typing import Any, assert_type

from couchmapper import Client, Database, connect
from couchmapper.client.attachment_streams import AttachmentFacts, AttachmentStream
from couchmapper.client.paging import Page, Pages
from couchmapper.client.rows import Rows
from couchmapper.client.streaming import Streaming
from couchmapper.messages import Request, Response

client = connect("memory:")
assert_type(client, Client)

shop = client.database("shop")
assert_type(shop, Database)
assert_type(shop.with_options(timeout=5), Database)

assert_type(shop.documents.get("a", revs=True), dict[str, Any])
assert_type(shop.documents.get.response("a"), Response)
assert_type(shop.documents.get.request("a"), Request)
assert_type(shop.documents.get.stream("a"), Streaming)
assert_type(shop.documents.head("a"), str)
assert_type(shop.find({"a": 1}, limit=5), dict[str, Any])
assert_type(shop.changes(since="now"), dict[str, Any])
assert_type(shop.bulk.docs([{"_id": "a"}]), list[dict[str, Any]])
assert_type(shop.bulk.docs.results([{"_id": "a"}]), list[dict[str, Any]])
assert_type(shop.bulk.all_docs.rows(limit=5), Rows)
assert_type(shop.views.query.pages("d", "v", start_key=None), Pages)
assert_type(client.server.uuids(5), list[str])
assert_type(client.databases.list(), list[str])
assert_type(shop.attachments.get("a", "b"), AttachmentStream)
assert_type(shop.attachments.head("a", "b"), AttachmentFacts)
assert_type(client.nodes.prometheus(), str)

for page in shop.find.query.pages({}).of(5):
    assert_type(page, Page)

shop.documents.get("a", revz=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
shop.views.query("d", "v", limit="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
shop.documents.get.rows("a")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
shop.changes.feed.pages()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
