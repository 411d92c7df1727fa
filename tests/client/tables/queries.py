"""Questions by selector and by text, and the indexes that answer them."""

from tables.row import SHORT_PATH, row

FIND = {
    "fields": ["a"],
    "sort": [{"a": "asc"}],
    "limit": 0,
    "skip": 1,
    "bookmark": "g1",
    "use_index": ["d", "i"],
    "allow_fallback": False,
    "conflicts": True,
    "execution_stats": True,
    "update": True,
    "stable": True,
}
FIND_ALL = {**FIND, "r": 2}
SELECTOR = {"a": {"$eq": None}}
SEARCH = {
    "bookmark": "g1",
    "highlight_fields": ["a"],
    "highlight_number": 2,
    "highlight_post_tag": "</b>",
    "highlight_pre_tag": "<b>",
    "highlight_size": 80,
    "include_docs": True,
    "include_fields": ["a"],
    "limit": 5,
    "sort": ["-a<number>"],
    "stale": "ok",
}
GROUPED = {
    **SEARCH,
    "counts": ["a"],
    "drilldown": [["a", "x", "y"]],
    "group_field": "a",
    "group_limit": 3,
    "group_sort": ["a<string>"],
    "ranges": {"a": {"low": "[0 TO 9]"}},
}
NOUVEAU = {
    "bookmark": "g1",
    "counts": ["a"],
    "include_docs": True,
    "limit": 5,
    "locale": "de",
    "ranges": {"a": [{"label": "low", "min": 0, "max": 9}]},
    "sort": ["-a"],
    "top_n": 3,
    "update": False,
}
PARTITION = ("shop", "_partition", "p")
INDEX = {"fields": ["a", {"b": "desc"}], "partial_filter_selector": SELECTOR}
TEXT_INDEX = {
    "fields": [{"name": "a", "type": "string"}],
    "partial_filter_selector": SELECTOR,
    "analyzer": "english",
    "default_field": {"enabled": False},
    "index_array_lengths": False,
}
PLACE = {"name": "i", "ddoc": "d", "partitioned": False}


def asked(operation: str, peer: str, options, *path: str, **where: str):
    """Return the row of a question by selector."""
    return (
        row(operation, SELECTOR, **options)
        .sends("POST", *path, body={"selector": SELECTOR, **options})
        .like(peer, selector=SELECTOR, **options, **where)
    )


IN_PARTITION = {"db": "shop", "partition_key": "p"}

ROWS = [
    asked("db.find.query", "post_find", FIND_ALL, "shop", "_find", db="shop"),
    asked("db.find.explain", "post_explain", FIND_ALL, "shop", "_explain", db="shop"),
    asked("partition.find.query", "post_partition_find", FIND, *PARTITION, "_find", **IN_PARTITION),
    asked("partition.find.explain", "post_partition_explain", FIND, *PARTITION, "_explain", **IN_PARTITION),
    row("partition.find.query", {}, r=2).sends("POST", *PARTITION, "_find", body={"selector": {}, "r": 2}),
    row("partition.find.explain", {}, r=2).sends(
        "POST", *PARTITION, "_explain", body={"selector": {}, "r": 2}
    ),
    row("db.find.create_index", **INDEX, **PLACE)
    .sends("POST", "shop", "_index", body={"index": INDEX, "type": "json", **PLACE})
    .like("post_index", db="shop", index=INDEX, type="json", **PLACE),
    row("db.find.create_text_index", **TEXT_INDEX, **PLACE)
    .sends("POST", "shop", "_index", body={"index": TEXT_INDEX, "type": "text", **PLACE})
    .like("post_index", db="shop", index=TEXT_INDEX, type="text", **PLACE),
    row("db.find.indexes").sends("GET", "shop", "_index").like("get_indexes_information", db="shop"),
    row("db.find.delete_index", "_design/d", "i", type="json")
    .sends("DELETE", "shop", "_index", "d", "json", "i")
    .like("delete_index", db="shop", ddoc="d", type="json", index="i", differs={"path": SHORT_PATH}),
    row("db.find.delete_indexes", ["_design/d", "e"]).sends(
        "POST", "shop", "_index", "_bulk_delete", body={"docids": ["d", "e"]}, repeatable=False
    ),
    row("db.search.query", "d", "i", "a:x", **GROUPED)
    .sends("POST", "shop", "_design", "d", "_search", "i", body={"query": "a:x", **GROUPED})
    .like("post_search", db="shop", ddoc="d", index="i", query="a:x", **GROUPED),
    row("partition.search.query", "d", "i", "a:x", **SEARCH)
    .sends("POST", *PARTITION, "_design", "d", "_search", "i", body={"query": "a:x", **SEARCH})
    .like("post_partition_search", ddoc="d", index="i", query="a:x", **SEARCH, **IN_PARTITION),
    row("db.search.information", "d", "i")
    .sends("GET", "shop", "_design", "d", "_search_info", "i")
    .like("get_search_info", db="shop", ddoc="d", index="i"),
    row("db.search.disk_size", "d", "i")
    .sends("GET", "shop", "_design", "d", "_search_disk_size", "i")
    .like("get_search_disk_size", db="shop", ddoc="d", index="i"),
    row("db.search.nouveau", "d", "i", "a:x", **NOUVEAU).sends(
        "POST", "shop", "_design", "d", "_nouveau", "i", body={"q": "a:x", **NOUVEAU}
    ),
    row("partition.search.nouveau", "d", "i", "a:x").sends(
        "POST", *PARTITION, "_design", "d", "_nouveau", "i", body={"q": "a:x"}
    ),
    row("db.search.nouveau_information", "d", "i").sends("GET", "shop", "_design", "d", "_nouveau_info", "i"),
]
