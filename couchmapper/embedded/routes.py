"""Every resource that the engine knows: those that a chapter answers, and those that it cannot answer yet."""

from couchmapper.embedded.api import (
    bulk,
    changes,
    databases,
    design,
    documents,
    find,
    local,
    replication,
    server,
    views,
)
from couchmapper.embedded.routing import Route

__all__ = ["ROUTES", "UNANSWERED"]

UNANSWERED: tuple[str, ...] = (
    "/_active_tasks",
    "/_cluster_setup",
    "/_db_updates",
    "/_membership",
    "/_node/{node}/{part*}",
    "/_replicate",
    "/_reshard/{part*}",
    "/_scheduler/{part*}",
    "/_search_analyze",
    "/_nouveau_analyze",
    "/{db}/_auto_purge",
    "/{db}/_compact",
    "/{db}/_compact/{design}",
    "/{db}/_ensure_full_commit",
    "/{db}/_purge",
    "/{db}/_purged_infos_limit",
    "/{db}/_revs_limit",
    "/{db}/_security",
    "/{db}/_shards",
    "/{db}/_shards/{part*}",
    "/{db}/_sync_shards",
    "/{db}/_all_docs/queries",
    "/{db}/_design_docs/queries",
    "/{db}/_local_docs/queries",
    "/{db}/_partition/{part*}",
    "/{db}/_design/{design}/_list/{part*}",
    "/{db}/_design/{design}/_nouveau/{part*}",
    "/{db}/_design/{design}/_nouveau_info/{part*}",
    "/{db}/_design/{design}/_rewrite/{part*}",
    "/{db}/_design/{design}/_search/{part*}",
    "/{db}/_design/{design}/_search_info/{part*}",
    "/{db}/_design/{design}/_show/{part*}",
    "/{db}/_design/{design}/_update/{part*}",
)
"""What CouchDB answers and this engine does not: 501 with the name, rather than something that misleads."""

ROUTES: tuple[Route, ...] = (
    *server.ROUTES,
    *databases.ROUTES,
    *documents.ROUTES,
    *bulk.ROUTES,
    *changes.ROUTES,
    *local.ROUTES,
    *replication.ROUTES,
    *design.ROUTES,
    *find.ROUTES,
    *views.ROUTES,
    *(Route("*", pattern, None) for pattern in UNANSWERED),
)
