"""Looking after one database: security, revisions, compaction, shards."""

from tables.row import row

PEOPLE = {"names": ["ann"], "roles": ["staff"]}
SECURITY = {
    "admins": PEOPLE,
    "members": PEOPLE,
    "cloudant": {"nobody": ["_reader"]},
    "couchdb_auth_only": False,
}
REVISIONS = {"a/b": ["1-x", "2-y"]}


def posts(operation: str, *path: str):
    """Return the row of an operation that is asked for without a body, which CouchDB wants as JSON."""
    return row(operation).sends("POST", "shop", *path, body={})


ROWS = [
    row("db.security.get").sends("GET", "shop", "_security").like("get_security", db="shop"),
    row("db.security.put", **SECURITY)
    .sends("PUT", "shop", "_security", body=SECURITY)
    .like("put_security", db="shop", **SECURITY),
    row("db.security.put", {"other": 1, "admins": {}}, admins=PEOPLE).sends(
        "PUT", "shop", "_security", body={"other": 1, "admins": PEOPLE}
    ),
    row("db.revisions.diff", REVISIONS)
    .sends("POST", "shop", "_revs_diff", body=REVISIONS)
    .like("post_revs_diff", db="shop", document_revisions=REVISIONS),
    row("db.revisions.missing", REVISIONS).sends("POST", "shop", "_missing_revs", body=REVISIONS),
    row("db.revisions.purge", REVISIONS, w=2).sends(
        "POST", "shop", "_purge", query={"w": "2"}, body=REVISIONS
    ),
    row("db.revisions.purged").sends("GET", "shop", "_purged_infos"),
    row("db.revisions.purged_limit").sends("GET", "shop", "_purged_infos_limit"),
    row("db.revisions.set_purged_limit", 500).sends("PUT", "shop", "_purged_infos_limit", body=500),
    row("db.revisions.limit").sends("GET", "shop", "_revs_limit"),
    row("db.revisions.set_limit", 5).sends("PUT", "shop", "_revs_limit", body=5),
    posts("db.maintenance.compact", "_compact"),
    row("db.maintenance.compact_views", "_design/d").sends("POST", "shop", "_compact", "d", body={}),
    posts("db.maintenance.cleanup_views", "_view_cleanup"),
    posts("db.maintenance.cleanup_search", "_search_cleanup"),
    posts("db.maintenance.cleanup_nouveau", "_nouveau_cleanup"),
    posts("db.maintenance.ensure_full_commit", "_ensure_full_commit"),
    posts("db.maintenance.sync_shards", "_sync_shards"),
    row("db.maintenance.shards").sends("GET", "shop", "_shards").like("get_shards_information", db="shop"),
    row("db.maintenance.shard_of", "a/b")
    .sends("GET", "shop", "_shards", "a/b")
    .like("get_document_shards_info", db="shop", doc_id="a/b"),
    row("db.maintenance.auto_purge").sends("GET", "shop", "_auto_purge"),
    row("db.maintenance.set_auto_purge", deleted_document_ttl="30_days").sends(
        "PUT", "shop", "_auto_purge", body={"deleted_document_ttl": "30_days"}
    ),
]
