"""The server, its databases, sessions, nodes, shards; and what only Cloudant has."""

from tables.row import ENCODED, row

UPDATES = {"since": "1-x", "limit": 2, "timeout": 5000, "heartbeat": 2000, "descending": True}
UPDATES_TEXT = {"since": "1-x", "limit": "2", "timeout": "5000", "heartbeat": "2000", "descending": "true"}

SERVER = [
    row("client.server.information").sends("GET").like("get_server_information"),
    row("client.server.up").sends("GET", "_up").like("get_up_information"),
    row("client.server.head_up").sends("HEAD", "_up").like("head_up_information"),
    row("client.server.uuids", count=3)
    .sends("GET", "_uuids", query={"count": "3"})
    .like("get_uuids", count=3),
    row("client.server.active_tasks").sends("GET", "_active_tasks").like("get_active_tasks"),
    row("client.server.updates", feed="longpoll", **UPDATES)
    .sends("GET", "_db_updates", query={"feed": "longpoll", **UPDATES_TEXT})
    .like("get_db_updates", feed="longpoll", **UPDATES),
    row("client.server.continuous_updates", feed="eventsource", **UPDATES)
    .sends("GET", "_db_updates", query={"feed": "eventsource", **UPDATES_TEXT})
    .like("get_db_updates", feed="eventsource", **UPDATES),
    row("client.server.search_analyze", "english", "running")
    .sends("POST", "_search_analyze", body={"analyzer": "english", "text": "running"})
    .like("post_search_analyze", analyzer="english", text="running"),
    row("client.server.nouveau_analyze", "english", "running").sends(
        "POST", "_nouveau_analyze", body={"analyzer": "english", "text": "running"}
    ),
    row("client.server.reload_query_servers").sends("POST", "_reload_query_servers", body={}),
]

BOUNDS = {"start_key": "a", "end_key": "z", "limit": 2, "skip": 1, "descending": True}

DATABASES = [
    row("client.databases.list", **BOUNDS)
    .sends(
        "GET",
        "_all_dbs",
        query={"start_key": '"a"', "end_key": '"z"', "limit": "2", "skip": "1", "descending": "true"},
    )
    .like("get_all_dbs", **BOUNDS, differs={"query start_key": ENCODED, "query end_key": ENCODED}),
    row("client.databases.information_of", ["shop", "x"])
    .sends("POST", "_dbs_info", body={"keys": ["shop", "x"]})
    .like("post_dbs_info", keys=["shop", "x"]),
    row("client.databases.create", "a+b/c", partitioned=True, shards=4)
    .sends("PUT", "a+b/c", query={"partitioned": "true", "q": "4"})
    .like("put_database", db="a+b/c", partitioned=True, q=4),
    row("client.databases.create", "x", replicas=2).sends("PUT", "x", query={"n": "2"}),
    row("client.databases.information", "x").sends("GET", "x").like("get_database_information", db="x"),
    row("client.databases.head", "x").sends("HEAD", "x").like("head_database", db="x"),
    row("client.databases.delete", "x").sends("DELETE", "x").like("delete_database", db="x"),
]

AUTHENTICATION = [
    row("client.authentication.session").sends("GET", "_session").like("get_session_information"),
    row("client.authentication.log_in", "ann", "xyz").sends(
        "POST", "_session", body={"name": "ann", "password": "xyz"}
    ),
    row("client.authentication.log_out").sends("DELETE", "_session"),
]

LOCAL = ("_node", "_local")
FORGOTTEN = {"X-Couch-Persist": "false"}
SETUP = {
    "username": "admin",
    "password": "xyz",
    "password_hash": "-pbkdf2-x",
    "bind_address": "0.0.0.0",  # noqa: S104 - only a text here
    "port": 5984,
    "node_count": 3,
    "remote_node": "b",
    "remote_current_user": "admin",
    "remote_current_password": "xyz",
    "ensure_dbs_exist": ["_users"],
    "host": "b.test",
    "name": "couchdb@b",
    "cookie": "x",
}

NODES = [
    row("client.nodes.membership").sends("GET", "_membership").like("get_membership_information"),
    row("client.nodes.name").sends("GET", *LOCAL),
    row("client.nodes.configuration").sends("GET", *LOCAL, "_config"),
    row("client.nodes.configuration", node="c@b").sends("GET", "_node", "c@b", "_config"),
    row("client.nodes.configuration_section", "log", node="c@b").sends(
        "GET", "_node", "c@b", "_config", "log"
    ),
    row("client.nodes.configuration_value", "log", "level", node="c@b").sends(
        "GET", "_node", "c@b", "_config", "log", "level"
    ),
    row("client.nodes.configure", "log", "level", "").sends(
        "PUT", *LOCAL, "_config", "log", "level", body=""
    ),
    row("client.nodes.configure", "log", "level", "info", persist=False, node="c@b").sends(
        "PUT", "_node", "c@b", "_config", "log", "level", body="info", headers=FORGOTTEN
    ),
    row("client.nodes.delete_configuration", "log", "level", persist=False, node="c@b").sends(
        "DELETE", "_node", "c@b", "_config", "log", "level", headers=FORGOTTEN
    ),
    row("client.nodes.reload_configuration", node="c@b").sends(
        "POST", "_node", "c@b", "_config", "_reload", body={}
    ),
    row("client.nodes.statistics").sends("GET", *LOCAL, "_stats"),
    row("client.nodes.statistics", "couchdb", "request_time", node="c@b").sends(
        "GET", "_node", "c@b", "_stats", "couchdb", "request_time"
    ),
    row("client.nodes.prometheus", node="c@b").sends("GET", "_node", "c@b", "_prometheus"),
    row("client.nodes.system", node="c@b").sends("GET", "_node", "c@b", "_system"),
    row("client.nodes.versions", node="c@b").sends("GET", "_node", "c@b", "_versions"),
    row("client.nodes.smoosh", node="c@b").sends("GET", "_node", "c@b", "_smoosh", "status"),
    row("client.nodes.restart", node="c@b").sends(
        "POST", "_node", "c@b", "_restart", body={}, repeatable=False
    ),
    row("client.nodes.setup_state", ensure_dbs_exist=["_users"]).sends(
        "GET", "_cluster_setup", query={"ensure_dbs_exist": '["_users"]'}
    ),
    row("client.nodes.setup", "enable_cluster", **SETUP).sends(
        "POST", "_cluster_setup", body={"action": "enable_cluster", **SETUP}, repeatable=False
    ),
]

JOBS = ("_reshard", "jobs")

RESHARDING = [
    row("client.resharding.summary").sends("GET", "_reshard"),
    row("client.resharding.state").sends("GET", "_reshard", "state"),
    row("client.resharding.set_state", "stopped", reason="night").sends(
        "PUT", "_reshard", "state", body={"state": "stopped", "reason": "night"}
    ),
    row("client.resharding.jobs").sends("GET", *JOBS),
    row(
        "client.resharding.create_jobs",
        db="shop",
        shard="shards/00000000-7fffffff/shop.1",
        node="c@b",
        range="00000000-7fffffff",
        type="split",
    ).sends(
        "POST",
        *JOBS,
        body={
            "type": "split",
            "db": "shop",
            "shard": "shards/00000000-7fffffff/shop.1",
            "node": "c@b",
            "range": "00000000-7fffffff",
        },
        repeatable=False,
    ),
    row("client.resharding.job", "001-x").sends("GET", *JOBS, "001-x"),
    row("client.resharding.delete_job", "001-x").sends("DELETE", *JOBS, "001-x"),
    row("client.resharding.job_state", "001-x").sends("GET", *JOBS, "001-x", "state"),
    row("client.resharding.set_job_state", "001-x", "running", reason="day").sends(
        "PUT", *JOBS, "001-x", "state", body={"state": "running", "reason": "day"}
    ),
]

USER = ("_api", "v2", "user")
PEOPLE = {"names": ["ann"], "roles": []}
PERMISSIONS = {"nobody": ["_reader"]}

CLOUDANT = [
    row("client.cloudant.capacity_throughput")
    .sends("GET", *USER, "capacity", "throughput")
    .like("get_capacity_throughput_information"),
    row("client.cloudant.set_capacity_throughput", 0)
    .sends("PUT", *USER, "capacity", "throughput", body={"blocks": 0})
    .like("put_capacity_throughput_configuration", blocks=0),
    row("client.cloudant.current_throughput")
    .sends("GET", *USER, "current", "throughput")
    .like("get_current_throughput_information"),
    row("client.cloudant.capacity_databases")
    .sends("GET", *USER, "capacity", "databases")
    .like("get_capacity_databases_information"),
    row("client.cloudant.current_databases")
    .sends("GET", *USER, "current", "databases")
    .like("get_current_databases_information"),
    row("client.cloudant.activity_tracker_events")
    .sends("GET", *USER, "activity_tracker", "events")
    .like("get_activity_tracker_events"),
    row("client.cloudant.set_activity_tracker_events", ["management"])
    .sends("POST", *USER, "activity_tracker", "events", body={"types": ["management"]})
    .like("post_activity_tracker_events", types=["management"]),
    row("client.cloudant.cors").sends("GET", *USER, "config", "cors").like("get_cors_information"),
    row("client.cloudant.set_cors", ["*"], allow_credentials=False, enable_cors=True)
    .sends(
        "PUT",
        *USER,
        "config",
        "cors",
        body={"origins": ["*"], "allow_credentials": False, "enable_cors": True},
    )
    .like("put_cors_configuration", origins=["*"], allow_credentials=False, enable_cors=True),
    row("client.cloudant.create_api_key")
    .sends("POST", "_api", "v2", "api_keys", repeatable=False)
    .like("post_api_keys"),
    row(
        "client.cloudant.put_security",
        "x",
        PERMISSIONS,
        admins=PEOPLE,
        members=PEOPLE,
        couchdb_auth_only=False,
    )
    .sends(
        "PUT",
        "_api",
        "v2",
        "db",
        "x",
        "_security",
        body={"cloudant": PERMISSIONS, "admins": PEOPLE, "members": PEOPLE, "couchdb_auth_only": False},
    )
    .like(
        "put_cloudant_security_configuration",
        db="x",
        cloudant=PERMISSIONS,
        admins=PEOPLE,
        members=PEOPLE,
        couchdb_auth_only=False,
    ),
]

ROWS = [*SERVER, *DATABASES, *AUTHENTICATION, *NODES, *RESHARDING, *CLOUDANT]
