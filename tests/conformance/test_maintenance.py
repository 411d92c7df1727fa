from contextlib import suppress

import pytest

from couchmapper.exceptions import DatabaseNotFound, NotFound, ServerError

on_couchdb = pytest.mark.stores("couchdb")
DESIGN = {"_id": "_design/d", "views": {"all": {"map": "function (doc) { emit(doc._id); }"}}}


def test_left_over_indexes_are_cleaned_up_at_any_time(database):
    database.maintenance.cleanup_views()


@on_couchdb
def test_compaction_ends_by_itself(database, wait_for):
    database.documents.put({"_id": "a"})

    database.maintenance.compact()

    assert wait_for(lambda: not database.information()["compact_running"])


@on_couchdb
def test_the_index_of_a_design_document_is_compacted(database):
    database.design.put(DESIGN)
    database.views.query("d", "all")

    database.maintenance.compact_views("_design/d")


@on_couchdb
def test_a_design_document_that_is_not_there_has_no_index(database):
    with pytest.raises(NotFound):
        database.maintenance.compact_views("d")


@on_couchdb
def test_a_full_commit_tells_when_the_database_was_created(database):
    told = database.maintenance.ensure_full_commit()

    assert told == database.information()["instance_start_time"]


@on_couchdb
def test_every_document_is_in_a_shard(client, database):
    shards = database.maintenance.shards()
    shard = database.maintenance.shard_of("a/b")

    assert shard["range"] in shards
    assert shard["nodes"] == shards[shard["range"]] == [client.nodes.name()]


@on_couchdb
def test_copies_of_shards_are_brought_up_to_date(database):
    database.maintenance.sync_shards()


@on_couchdb
def test_search_indexes_are_cleaned_up_by_their_service(database):
    database.maintenance.cleanup_nouveau()
    with suppress(ServerError):  # there need not be one
        database.maintenance.cleanup_search()


@on_couchdb
def test_a_database_that_is_not_there_is_not_looked_after(client, database_name):
    missing = client.database(database_name).maintenance

    for ask in (missing.compact, missing.ensure_full_commit, missing.shards):
        with pytest.raises(DatabaseNotFound):
            ask()
