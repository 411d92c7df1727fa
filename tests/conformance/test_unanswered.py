"""What CouchDB answers and the embedded stores do not: they say so by name, and never mislead."""

import pytest

from couchmapper.exceptions import NotImplementedByStore

pytestmark = pytest.mark.stores("memory", "sqlite")

OF_A_SERVER = {
    "/_active_tasks": lambda client: client.server.active_tasks(),
    "/_db_updates": lambda client: client.server.updates(),
    "/_search_analyze": lambda client: client.server.search_analyze("english", "a"),
    "/_nouveau_analyze": lambda client: client.server.nouveau_analyze("english", "a"),
    "/_reload_query_servers": lambda client: client.server.reload_query_servers(),
    "POST /_session": lambda client: client.authentication.log_in("ann", "xyz"),
    "DELETE /_session": lambda client: client.authentication.log_out(),
    "/_membership": lambda client: client.nodes.membership(),
    "/_cluster_setup": lambda client: client.nodes.setup_state(),
    "/_node/{node}": lambda client: client.nodes.name(),
    "/_node/{node}/_system": lambda client: client.nodes.system(),
    "/_node/{node}/_config": lambda client: client.nodes.configuration_value("log", "level"),
    "/_reshard": lambda client: client.resharding.summary(),
    "/_reshard/jobs": lambda client: client.resharding.jobs(),
    "/_replicate": lambda client: client.replication.replicate("http://a", "http://b"),
    "/_scheduler/jobs": lambda client: client.replication.jobs(),
    "/_scheduler/docs": lambda client: client.replication.doc("a"),
}
OF_A_DATABASE = {
    "/{db}/_security": lambda db: db.security.get(),
    "PUT /{db}/_security": lambda db: db.security.put(),
    "/{db}/_purge": lambda db: db.revisions.purge({"a": ["1-x"]}),
    "/{db}/_purged_infos": lambda db: db.revisions.purged(),
    "/{db}/_purged_infos_limit": lambda db: db.revisions.purged_limit(),
    "/{db}/_revs_limit": lambda db: db.revisions.set_limit(2),
    "/{db}/_compact": lambda db: db.maintenance.compact(),
    "/{db}/_compact/{ddoc}": lambda db: db.maintenance.compact_views("d"),
    "/{db}/_ensure_full_commit": lambda db: db.maintenance.ensure_full_commit(),
    "/{db}/_shards": lambda db: db.maintenance.shards(),
    "/{db}/_shards/{doc_id}": lambda db: db.maintenance.shard_of("a"),
    "/{db}/_sync_shards": lambda db: db.maintenance.sync_shards(),
    "/{db}/_search_cleanup": lambda db: db.maintenance.cleanup_search(),
    "/{db}/_nouveau_cleanup": lambda db: db.maintenance.cleanup_nouveau(),
    "/{db}/_design/{ddoc}/_search": lambda db: db.search.query("d", "i", "a"),
    "/{db}/_design/{ddoc}/_search_info": lambda db: db.search.information("d", "i"),
    "/{db}/_design/{ddoc}/_search_disk_size": lambda db: db.search.disk_size("d", "i"),
    "/{db}/_design/{ddoc}/_nouveau": lambda db: db.search.nouveau("d", "i", "a"),
    "/{db}/_design/{ddoc}/_nouveau_info": lambda db: db.search.nouveau_information("d", "i"),
    "/{db}/_design/{ddoc}/_update": lambda db: db.design.update("d", "f"),
    "/{db}/_all_docs/queries": lambda db: db.bulk.queries([{}]),
    "/{db}/_design_docs/queries": lambda db: db.design.queries([{}]),
    "/{db}/_local_docs/queries": lambda db: db.local.queries([{}]),
    "/{db}/_local_docs": lambda db: db.local.list(),
    "/{db}/_partition/{partition}/_design/{ddoc}/_search": lambda db: db.partition("p").search.query(
        "d", "i", "a"
    ),
    "/{db}/_partition/{partition}/_design/{ddoc}/_nouveau": lambda db: db.partition("p").search.nouveau(
        "d", "i", "a"
    ),
}


@pytest.mark.parametrize("endpoint", OF_A_SERVER)
def test_an_endpoint_of_a_server_is_refused_by_name(client, endpoint):
    with pytest.raises(NotImplementedByStore) as caught:
        OF_A_SERVER[endpoint](client)

    assert caught.value.status == 501


@pytest.mark.parametrize("endpoint", OF_A_DATABASE)
def test_an_endpoint_of_a_database_is_refused_by_name(database, endpoint):
    with pytest.raises(NotImplementedByStore) as caught:
        OF_A_DATABASE[endpoint](database)

    assert caught.value.status == 501
