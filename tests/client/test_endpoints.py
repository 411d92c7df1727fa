"""Every endpoint of CouchDB 3.5 has a call, or a reason on the page why it has none."""

import re
import runpy
from pathlib import Path

import pytest
from tables import ROWS

from couchmapper.client import Client
from couchmapper.transport.mock import MockTransport, json_response

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "endpoints.md").read_text(encoding="utf-8")
CLIENT = Client(MockTransport(lambda _: json_response({})))

# As the server's handlers have them: src/*/src/*_httpd_handlers.erl, chttpd_db.erl, chttpd_node.erl and
# mem3_reshard_httpd.erl of Apache CouchDB 3.5.0. HEAD stands only where the server's documentation lists it.
HANDLED = """
/                                       GET
/favicon.ico                            GET
/_utils                                 GET
/_active_tasks                          GET
/_all_dbs                               GET
/_dbs_info                              GET POST
/_uuids                                 GET
/_up                                    GET HEAD
/_session                               GET POST DELETE
/_reload_query_servers                  POST
/_db_updates                            GET
/_membership                            GET
/_cluster_setup                         GET POST
/_replicate                             POST
/_search_analyze                        GET POST
/_nouveau_analyze                       POST
/_scheduler/jobs                        GET
/_scheduler/jobs/{job}                  GET HEAD
/_scheduler/docs                        GET
/_scheduler/docs/{db}                   GET
/_scheduler/docs/{db}/{doc}             GET HEAD
/_reshard                               GET
/_reshard/state                         GET PUT
/_reshard/jobs                          GET POST
/_reshard/jobs/{job}                    GET DELETE
/_reshard/jobs/{job}/state              GET PUT
/_node/_local                           GET
/_node/{node}/_config                   GET
/_node/{node}/_config/_reload           POST
/_node/{node}/_config/{section}         GET
/_node/{node}/_config/{section}/{key}   GET PUT DELETE
/_node/{node}/_stats                    GET
/_node/{node}/_stats/{group}/{name}     GET
/_node/{node}/_prometheus               GET
/_node/{node}/_smoosh/status            GET
/_node/{node}/_system                   GET
/_node/{node}/_versions                 GET
/_node/{node}/_restart                  POST
/_node/{node}/{shard}                   GET

/{db}                                   GET HEAD PUT POST DELETE
/{db}/_all_docs                         GET POST
/{db}/_all_docs/queries                 POST
/{db}/_design_docs                      GET POST
/{db}/_design_docs/queries              POST
/{db}/_local_docs                       GET POST
/{db}/_local_docs/queries               POST
/{db}/_bulk_docs                        POST
/{db}/_bulk_get                         POST
/{db}/_changes                          GET POST
/{db}/_compact                          POST
/{db}/_compact/{ddoc}                   POST
/{db}/_ensure_full_commit               POST
/{db}/_explain                          POST
/{db}/_find                             POST
/{db}/_index                            GET POST
/{db}/_index/_bulk_delete               POST
/{db}/_index/{ddoc}/{type}/{name}       DELETE
/{db}/_missing_revs                     POST
/{db}/_nouveau_cleanup                  POST
/{db}/_purge                            POST
/{db}/_purged_infos                     GET
/{db}/_purged_infos_limit               GET PUT
/{db}/_revs_diff                        POST
/{db}/_revs_limit                       GET PUT
/{db}/_search_cleanup                   POST
/{db}/_security                         GET PUT
/{db}/_shards                           GET
/{db}/_shards/{doc}                     GET
/{db}/_sync_shards                      POST
/{db}/_temp_view                        POST
/{db}/_view_cleanup                     POST

/{db}/_partition/{p}                                    GET
/{db}/_partition/{p}/_all_docs                          GET POST
/{db}/_partition/{p}/_explain                           POST
/{db}/_partition/{p}/_find                              POST
/{db}/_partition/{p}/_design/{ddoc}/_view/{view}        GET POST
/{db}/_partition/{p}/_design/{ddoc}/_search/{index}     GET POST
/{db}/_partition/{p}/_design/{ddoc}/_nouveau/{index}    GET POST

/{db}/_design/{ddoc}                            GET HEAD PUT DELETE COPY
/{db}/_design/{ddoc}/{attachment}               GET HEAD PUT DELETE
/{db}/_design/{ddoc}/_info                      GET
/{db}/_design/{ddoc}/_list/{function}/{view}    GET
/{db}/_design/{ddoc}/_nouveau/{index}           GET POST
/{db}/_design/{ddoc}/_nouveau_info/{index}      GET
/{db}/_design/{ddoc}/_rewrite/{path}            GET
/{db}/_design/{ddoc}/_search/{index}            GET POST
/{db}/_design/{ddoc}/_search_disk_size/{index}  GET
/{db}/_design/{ddoc}/_search_info/{index}       GET
/{db}/_design/{ddoc}/_show/{function}           GET
/{db}/_design/{ddoc}/_show/{function}/{doc}     GET
/{db}/_design/{ddoc}/_update/{function}         POST
/{db}/_design/{ddoc}/_update/{function}/{doc}   PUT
/{db}/_design/{ddoc}/_view/{view}               GET POST
/{db}/_design/{ddoc}/_view/{view}/queries       POST

/{db}/_local/{doc}                              GET HEAD PUT DELETE COPY
/{db}/{doc}                                     GET HEAD PUT POST DELETE COPY
/{db}/{doc}/{attachment}                        GET HEAD PUT DELETE
"""


def plain(route: str) -> str:
    """Spell a route without the names of its parts, which everybody chooses for himself."""
    return re.sub(r"\{\w+\}", "{}", route)


ENDPOINTS = [
    (method, plain(route))
    for route, *methods in map(str.split, filter(None, HANDLED.splitlines()))
    for method in methods
]
IMPLEMENTED = {(request.method, plain(request.route)) for request in (row.request(CLIENT) for row in ROWS)}
NOT_PLANNED = {
    (method, plain(route))
    for method, route in re.findall(
        r"^\| `([A-Z]+) (\S+)` \|", PAGE.partition("## Not planned")[2], re.MULTILINE
    )
}


def test_the_tables_of_the_page_are_current():
    script = runpy.run_path(str(ROOT / "scripts" / "endpoint_table.py"))

    assert script["page_with"](script["tables"](), PAGE) == PAGE, (
        "run .venv/bin/python scripts/endpoint_table.py"
    )


@pytest.mark.parametrize(("method", "route"), ENDPOINTS)
def test_an_endpoint_of_couchdb_has_a_call_or_a_reason(method: str, route: str):
    assert ((method, route) in IMPLEMENTED) != ((method, route) in NOT_PLANNED)


def test_what_is_not_planned_is_there():
    assert set(ENDPOINTS) >= NOT_PLANNED
