"""Lists of documents, the rows of views, changes; many documents at once; partitions."""

from tables.row import PREFERENCE, row

BOUNDS = {
    "start_key": 0,
    "end_key": None,
    "inclusive_end": False,
    "descending": True,
    "limit": 0,
    "skip": 1,
    "include_docs": True,
    "conflicts": True,
    "attachments": True,
    "att_encoding_info": True,
    "update_seq": True,
}
KEYS = {"keys": ["a", "", 0]}
KEY = {"key": False}
IN_PARTITION = {
    **BOUNDS,
    "start_key_doc_id": "a",
    "end_key_doc_id": "z",
    "reduce": False,
    "group": False,
    "group_level": 0,
    "update": "lazy",
}
VIEW = {**IN_PARTITION, "stable": True}

# The SDK cannot say null, so that it is compared with another key.
ALL = {**BOUNDS, "end_key": "z"}
ALL_VIEW = {**VIEW, "end_key": "z"}
ALL_IN_PARTITION = {**IN_PARTITION, "end_key": "z"}
QUERIES = [BOUNDS, KEYS, KEY]


def listed(operation: str, peer: str, *path: str):
    """Return the rows of a list of documents, by bounds, by keys, by one key."""
    place = ("POST", *path)
    return [
        row(operation, **BOUNDS).sends(*place, body=BOUNDS),
        row(operation, **ALL).sends(*place, body=ALL).like(peer, **ALL, **where(path)),
        row(operation, **KEYS).sends(*place, body=KEYS).like(peer, **KEYS, **where(path)),
        row(operation, **KEY).sends(*place, body=KEY).like(peer, **KEY, **where(path)),
        row(operation, key=None).sends(*place, body={"key": None}),
    ]


def where(path):
    """Return the arguments with which the SDK names the same place."""
    found = {"db": path[0]}
    if "_partition" in path:
        found["partition_key"] = path[path.index("_partition") + 1]
    return found


OF_VIEW = ("_design", "d", "_view", "v")
PARTITION = ("shop", "_partition", "p")
DOCS = [{"_id": "a", "none": None}, {"_id": "b", "_deleted": True}]
READS = {"revs": True, "latest": True, "attachments": True, "att_encoding_info": True}
READS_TEXT = dict.fromkeys(READS, "true")
WANTED = [{"id": "a", "rev": "1-x", "atts_since": ["1-x"]}]

CHANGES = {
    "since": "5-x",
    "limit": 0,
    "timeout": 5000,
    "heartbeat": 2000,
    "descending": True,
    "include_docs": True,
    "conflicts": True,
    "attachments": True,
    "att_encoding_info": True,
    "style": "all_docs",
    "seq_interval": 10,
}
CHANGES_TEXT = {
    "since": "5-x",
    "limit": "0",
    "timeout": "5000",
    "heartbeat": "2000",
    "descending": "true",
    "include_docs": "true",
    "conflicts": "true",
    "attachments": "true",
    "att_encoding_info": "true",
    "style": "all_docs",
    "seq_interval": "10",
}
SELECTED = {"selector": {"a": None}, "fields": ["a"]}
RESUMED = {"Last-Event-ID": "5-x"}


def followed(operation: str, feed: str):
    """Return the rows of a changes feed; it has one filter at a time."""

    def sent(query, body):
        return ("POST", "shop", "_changes"), {"query": {"feed": feed, **query}, "body": body}

    place, by_selector = sent({**CHANGES_TEXT, "filter": "_selector"}, SELECTED)
    _, by_ids = sent({"filter": "_doc_ids"}, {"doc_ids": ["a"]})
    _, by_view = sent({"filter": "_view", "view": "d/v"}, {})
    _, by_function = sent({"filter": "d/f", "name": "x"}, {})
    return [
        row(operation, feed=feed, last_event_id="5-x", **CHANGES, **SELECTED)
        .sends(*place, headers=RESUMED, **by_selector)
        .like(
            "post_changes",
            db="shop",
            feed=feed,
            filter="_selector",
            last_event_id="5-x",
            **CHANGES,
            **SELECTED,
        ),
        row(operation, feed=feed, doc_ids=["a"])
        .sends(*place, **by_ids)
        .like("post_changes", db="shop", feed=feed, filter="_doc_ids", doc_ids=["a"]),
        row(operation, feed=feed, filter="_view", view="d/v")
        .sends(*place, **by_view)
        .like("post_changes", db="shop", feed=feed, filter="_view", view="d/v"),
        row(operation, feed=feed, filter="d/f", parameters={"name": "x"}).sends(*place, **by_function),
    ]


ROWS = [
    *listed("db.bulk.all_docs", "post_all_docs", "shop", "_all_docs"),
    *listed("db.design.list", "post_design_docs", "shop", "_design_docs"),
    *listed("partition.bulk.all_docs", "post_partition_all_docs", *PARTITION, "_all_docs"),
    row("db.local.list", **BOUNDS).sends("POST", "shop", "_local_docs", body=BOUNDS),
    row("db.local.list", **KEYS, **KEY).sends("POST", "shop", "_local_docs", body={**KEYS, **KEY}),
    row("db.local.queries", QUERIES).sends(
        "POST", "shop", "_local_docs", "queries", body={"queries": QUERIES}
    ),
    row("db.bulk.queries", QUERIES)
    .sends("POST", "shop", "_all_docs", "queries", body={"queries": QUERIES})
    .like("post_all_docs_queries", db="shop", queries=QUERIES),
    row("db.design.queries", QUERIES)
    .sends("POST", "shop", "_design_docs", "queries", body={"queries": QUERIES})
    .like(
        "post_design_docs_queries",
        db="shop",
        queries=QUERIES,
        accept="application/json",
        differs={"header accept": PREFERENCE},
    ),
    row("db.views.queries", "_design/d", "v", QUERIES)
    .sends("POST", "shop", *OF_VIEW, "queries", body={"queries": QUERIES})
    .like("post_view_queries", db="shop", ddoc="d", view="v", queries=QUERIES),
    row("db.views.query", "d", "v", sorted=False, **VIEW).sends(
        "POST", "shop", *OF_VIEW, body={"sorted": False, **VIEW}
    ),
    row("db.views.query", "d", "v", **ALL_VIEW)
    .sends("POST", "shop", *OF_VIEW, body=ALL_VIEW)
    .like("post_view", db="shop", ddoc="d", view="v", **ALL_VIEW),
    row("db.views.query", "d", "v", **KEYS, **KEY)
    .sends("POST", "shop", *OF_VIEW, body={**KEYS, **KEY})
    .like("post_view", db="shop", ddoc="d", view="v", **KEYS, **KEY),
    row("db.views.query", "d", "v", key=None).sends("POST", "shop", *OF_VIEW, body={"key": None}),
    row("partition.views.query", "d", "v", **ALL_IN_PARTITION)
    .sends("POST", *PARTITION, *OF_VIEW, body=ALL_IN_PARTITION)
    .like("post_partition_view", db="shop", partition_key="p", ddoc="d", view="v", **ALL_IN_PARTITION),
    row("partition.views.query", "d", "v", **KEYS, **KEY)
    .sends("POST", *PARTITION, *OF_VIEW, body={**KEYS, **KEY})
    .like("post_partition_view", db="shop", partition_key="p", ddoc="d", view="v", **KEYS, **KEY),
    row("partition.information")
    .sends("GET", *PARTITION)
    .like("get_partition_information", db="shop", partition_key="p"),
    row("db.bulk.docs", DOCS, new_edits=False)
    .sends("POST", "shop", "_bulk_docs", body={"docs": DOCS, "new_edits": False}, repeatable=False)
    .like("post_bulk_docs", db="shop", bulk_docs={"docs": DOCS, "new_edits": False}),
    row("db.bulk.docs", [b'{"a":1}']).sends(
        "POST", "shop", "_bulk_docs", body={"docs": [{"a": 1}]}, repeatable=False
    ),
    row("db.bulk.get", WANTED, **READS)
    .sends("POST", "shop", "_bulk_get", query=READS_TEXT, body={"docs": WANTED})
    .like("post_bulk_get", db="shop", docs=WANTED, **READS),
    *followed("db.changes.feed", "longpoll"),
    *followed("db.changes.continuous", "eventsource"),
]
