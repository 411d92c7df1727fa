"""The nodes of a cluster: configuration, measurements, and how they come together."""

from collections.abc import Sequence
from typing import Final, Literal, TypedDict, Unpack

from couchmapper.client.documents import Documents
from couchmapper.client.errors import decode
from couchmapper.client.operation import operation
from couchmapper.client.options import chosen
from couchmapper.client.params import json_text, path_name
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, json_string, member, nothing, plain_text
from couchmapper.messages import Request, Response
from couchmapper.typing import JSONObject

__all__ = ["LOCAL", "Nodes", "SetupOptions"]

LOCAL: Final = "_local"
"""The node that answers the request."""

_NODE = "/_node/{node}"


class SetupOptions(TypedDict, total=False):
    """What the actions of `setup` need; each action reads some."""

    username: str
    password: str
    password_hash: str
    bind_address: str
    port: int
    node_count: int
    remote_node: str
    remote_current_user: str
    remote_current_password: str
    ensure_dbs_exist: Sequence[str]
    host: str
    name: str
    cookie: str


def _measured(request: Request, response: Response) -> JSONObject | None:
    """Return the answer, an object, or null."""
    found: JSONObject | None = decode(request, response)
    return found


class Nodes(Resource):
    """`client.nodes`: https://docs.couchdb.org/en/stable/api/server/configuration.html.

    `node` is a name as in `membership()`; without it the node is meant that answers, which behind a load
    balancer may be another one each time. Only a server admin may ask.
    """

    @operation(json_object)
    def membership(self) -> Request:
        """GET /_membership — return `{"all_nodes", "cluster_nodes"}`: who is connected, who belongs here."""
        return self._request("GET", "/_membership", ("_membership",))

    @operation(member("name", str))
    def name(self) -> Request:
        """GET /_node/_local — return the name of the node that answers."""
        return self._request("GET", "/_node/_local", ("_node", LOCAL))

    @operation(json_object)
    def configuration(self, *, node: str = LOCAL) -> Request:
        """GET /_node/{node}/_config — return all sections with their keys and values, secrets included."""
        return self._request("GET", f"{_NODE}/_config", (*_path(node), "_config"))

    @operation(json_object)
    def configuration_section(self, section: str, *, node: str = LOCAL) -> Request:
        """GET /_node/{node}/_config/{section} — return the keys of a section; `{}` when there is none."""
        return self._request("GET", f"{_NODE}/_config/{{section}}", _config(node, section))

    @operation(json_string)
    def configuration_value(self, section: str, key: str, *, node: str = LOCAL) -> Request:
        """GET /_node/{node}/_config/{section}/{key} — return one value; raises `NotFound`."""
        return self._request("GET", f"{_NODE}/_config/{{section}}/{{key}}", _config(node, section, key))

    @operation(json_string)
    def configure(
        self, section: str, key: str, value: str, *, persist: bool = True, node: str = LOCAL
    ) -> Request:
        """PUT /_node/{node}/_config/{section}/{key} — set a value; return the one that was there, or `""`.

        Without `persist` it holds until the node starts anew.
        """
        return self._request(
            "PUT",
            f"{_NODE}/_config/{{section}}/{{key}}",
            _config(node, section, key),
            headers=_persistence(persist=persist),
            body=value,
        )

    @operation(json_string)
    def delete_configuration(
        self, section: str, key: str, *, persist: bool = True, node: str = LOCAL
    ) -> Request:
        """DELETE /_node/{node}/_config/{section}/{key} — unset a value; return the one that was there."""
        return self._request(
            "DELETE",
            f"{_NODE}/_config/{{section}}/{{key}}",
            _config(node, section, key),
            headers=_persistence(persist=persist),
        )

    @operation(nothing)
    def reload_configuration(self, *, node: str = LOCAL) -> Request:
        """POST /_node/{node}/_config/_reload — read the files anew; what was not persisted is forgotten."""
        path = _config(node, "_reload")
        return self._request("POST", f"{_NODE}/_config/_reload", path, body={}, repeatable=True)

    @operation(_measured)
    def statistics(self, *path: str, node: str = LOCAL) -> Request:
        """GET /_node/{node}/_stats — return measurements: all, or those below `path`.

        `client.nodes.statistics("couchdb", "request_time")` asks for one. The result is None where nothing is
        measured.
        """
        names = tuple(path_name(part, "a measurement") for part in path)
        route = f"{_NODE}/_stats" + "".join(f"/{{stat{place}}}" for place in range(len(names)))
        return self._request("GET", route, (*_path(node), "_stats", *names))

    @operation(plain_text)
    def prometheus(self, *, node: str = LOCAL) -> Request:
        """GET /_node/{node}/_prometheus — return the measurements as Prometheus reads them."""
        return self._request("GET", f"{_NODE}/_prometheus", (*_path(node), "_prometheus"))

    @operation(json_object)
    def system(self, *, node: str = LOCAL) -> Request:
        """GET /_node/{node}/_system — return memory, processes and message queues of the Erlang VM."""
        return self._request("GET", f"{_NODE}/_system", (*_path(node), "_system"))

    @operation(json_object)
    def versions(self, *, node: str = LOCAL) -> Request:
        """GET /_node/{node}/_versions — return the versions of Erlang, ICU and the JavaScript engine."""
        return self._request("GET", f"{_NODE}/_versions", (*_path(node), "_versions"))

    @operation(json_object)
    def smoosh(self, *, node: str = LOCAL) -> Request:
        """GET /_node/{node}/_smoosh/status — return the queues of the automatic compaction."""
        return self._request("GET", f"{_NODE}/_smoosh/status", (*_path(node), "_smoosh", "status"))

    @operation(nothing)
    def restart(self, *, node: str = LOCAL) -> Request:
        """POST /_node/{node}/_restart — start the node anew; it does not answer for some seconds."""
        return self._request("POST", f"{_NODE}/_restart", (*_path(node), "_restart"), body={})

    @operation(member("state", str))
    def setup_state(self, *, ensure_dbs_exist: Sequence[str] | None = None) -> Request:
        """GET /_cluster_setup — return how far the set-up is: `cluster_finished`, `single_node_enabled`, ...

        `ensure_dbs_exist` are the databases that have to be there; the system's without it.
        """
        asked = {} if ensure_dbs_exist is None else {"ensure_dbs_exist": json_text(list(ensure_dbs_exist))}
        return self._request("GET", "/_cluster_setup", ("_cluster_setup",), parameters=asked)

    @operation(nothing)
    def setup(
        self,
        action: Literal[
            "enable_single_node",
            "enable_cluster",
            "add_node",
            "finish_cluster",
            "remove_node",
            "receive_cookie",
        ],
        **options: Unpack[SetupOptions],
    ) -> Request:
        """POST /_cluster_setup — do one step of setting a node or a cluster up; raises `BadRequest`."""
        body = {"action": action, **chosen(options, SetupOptions)}
        return self._request("POST", "/_cluster_setup", ("_cluster_setup",), body=body)

    def documents(self, database: Literal["_nodes", "_dbs"], *, node: str = LOCAL) -> Documents:
        """Return the documents of a database that a node keeps for itself; nothing is sent.

        Adding a document to `_nodes` adds a node, deleting it removes that; `_dbs` says where shards are:
        https://docs.couchdb.org/en/stable/cluster/sharding.html.
        """
        path = (*_path(node), path_name(database, "a database"))
        return Documents(self.transport, path, f"{_NODE}/{{db}}")


def _path(node: str) -> tuple[str, str]:
    return "_node", path_name(node, "a node")


def _config(node: str, *names: str) -> tuple[str, ...]:
    return *_path(node), "_config", *(path_name(name, "a setting") for name in names)


def _persistence(*, persist: bool) -> dict[str, str]:
    return {} if persist else {"X-Couch-Persist": "false"}
