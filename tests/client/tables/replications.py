"""Replication, and the documents that describe one."""

from tables.documents import READING, READING_TEXT, TAGGED
from tables.row import QUOTED, row

SOURCE = {
    "url": "https://a.test/shop",
    "headers": {"X-Tenant": "7"},
    "auth": {"basic": {"username": "ann", "password": "xyz"}},
}
TARGET = "https://b.test/shop"
MEMBERS = {
    "continuous": True,
    "create_target": True,
    "create_target_params": {"q": 1, "partitioned": True},
    "doc_ids": ["a"],
    "filter": "d/f",
    "query_params": {"name": "x"},
    "selector": {"a": None},
    "since_seq": "5-x",
    "use_checkpoints": False,
    "checkpoint_interval": 1000,
    "winning_revs_only": True,
    "use_bulk_get": False,
    "user_ctx": {"name": "ann", "roles": []},
    "source_proxy": "http://p.test",
    "target_proxy": "http://q.test",
    "proxy": "http://r.test",
    "worker_processes": 2,
    "worker_batch_size": 100,
    "http_connections": 4,
    "connection_timeout": 5000,
    "retries_per_request": 3,
    "socket_options": "[{keepalive, true}]",
}
DESCRIPTION = {"_id": "nightly", "source": SOURCE, "target": {"url": TARGET}, "continuous": True}
DOCS = ("_scheduler", "docs")
JOBS = ("_scheduler", "jobs")

ROWS = [
    row("client.replication.replicate", SOURCE, TARGET, **MEMBERS).sends(
        "POST", "_replicate", body={"source": SOURCE, "target": TARGET, **MEMBERS}, repeatable=False
    ),
    row("client.replication.cancel", SOURCE, TARGET, **MEMBERS).sends(
        "POST", "_replicate", body={"source": SOURCE, "target": TARGET, **MEMBERS, "cancel": True}
    ),
    row("client.replication.cancel_by_id", "5f+continuous").sends(
        "POST", "_replicate", body={"replication_id": "5f+continuous", "cancel": True}
    ),
    row("client.replication.jobs", limit=2, skip=1)
    .sends("GET", *JOBS, query={"limit": "2", "skip": "1"})
    .like("get_scheduler_jobs", limit=2, skip=1),
    row("client.replication.job", "5f+continuous")
    .sends("GET", *JOBS, "5f+continuous")
    .like("get_scheduler_job", job_id="5f+continuous"),
    row("client.replication.head_job", "5f+continuous")
    .sends("HEAD", *JOBS, "5f+continuous")
    .like("head_scheduler_job", job_id="5f+continuous"),
    row("client.replication.docs", states=["running", "failed"], limit=2, skip=1)
    .sends("GET", *DOCS, query={"states": "running,failed", "limit": "2", "skip": "1"})
    .like("get_scheduler_docs", states=["running", "failed"], limit=2, skip=1),
    row("client.replication.docs", database="x/_replicator").sends("GET", *DOCS, "x/_replicator"),
    row("client.replication.doc", "a/b")
    .sends("GET", *DOCS, "_replicator", "a/b")
    .like("get_scheduler_document", doc_id="a/b"),
    row("client.replication.doc", "a", database="x/_replicator").sends("GET", *DOCS, "x/_replicator", "a"),
    row("client.replication.head_doc", "a/b")
    .sends("HEAD", *DOCS, "_replicator", "a/b")
    .like("head_scheduler_document", doc_id="a/b"),
    row("client.replication.head_doc", "a", database="x/_replicator").sends(
        "HEAD", *DOCS, "x/_replicator", "a"
    ),
    row("client.replication.documents.post", DESCRIPTION, batch=True)
    .sends("POST", "_replicator", query={"batch": "ok"}, body=DESCRIPTION)
    .like("post_replicator", replication_document=DESCRIPTION, batch="ok"),
    row(
        "client.replication.documents.put",
        DESCRIPTION,
        rev="1-x",
        if_match="1-x",
        new_edits=False,
        batch=True,
    )
    .sends(
        "PUT",
        "_replicator",
        "nightly",
        query={"rev": "1-x", "batch": "ok", "new_edits": "false"},
        headers={"If-Match": '"1-x"'},
        body=DESCRIPTION,
    )
    .like(
        "put_replication_document",
        doc_id="nightly",
        replication_document=DESCRIPTION,
        rev="1-x",
        if_match="1-x",
        new_edits=False,
        batch="ok",
        differs={"header if-match": QUOTED},
    ),
    row("client.replication.documents.get", "nightly", if_none_match="1-x", **READING)
    .sends("GET", "_replicator", "nightly", query=READING_TEXT, headers=TAGGED)
    .like(
        "get_replication_document",
        doc_id="nightly",
        if_none_match="1-x",
        **READING,
        differs={"header if-none-match": QUOTED},
    ),
    row("client.replication.documents.head", "nightly", if_none_match="1-x")
    .sends("HEAD", "_replicator", "nightly", headers=TAGGED)
    .like(
        "head_replication_document",
        doc_id="nightly",
        if_none_match="1-x",
        differs={"header if-none-match": QUOTED},
    ),
    row("client.replication.documents.delete", "nightly", rev="1-x", if_match="1-x", batch=True)
    .sends(
        "DELETE",
        "_replicator",
        "nightly",
        query={"rev": "1-x", "batch": "ok"},
        headers={"If-Match": '"1-x"'},
    )
    .like(
        "delete_replication_document",
        doc_id="nightly",
        rev="1-x",
        if_match="1-x",
        batch="ok",
        differs={"header if-match": QUOTED},
    ),
]
