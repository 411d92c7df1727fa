"""Who the server takes this client for, and sessions by hand."""

from couchmapper.client.operation import operation
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object
from couchmapper.messages import Request

__all__ = ["Authentication"]

_ROUTE = "/_session"


class Authentication(Resource):
    """`client.authentication`: https://docs.couchdb.org/en/stable/api/server/authn.html.

    A client that is to log in by itself, and again when its session ends, is opened with `SessionAuth` of
    `couchmapper.auth`; these operations are for programs that look after sessions of other people.
    """

    @operation(json_object)
    def session(self) -> Request:
        """GET /_session — return `userCtx` (`name`, `roles`) and `info` about the ways to log in.

        `userCtx["name"]` is None for a client without credentials.
        """
        return self._request("GET", _ROUTE, ("_session",))

    @operation(json_object)
    def log_in(self, name: str, password: str) -> Request:
        """POST /_session — check a password and return `{"ok", "name", "roles"}`; raises `Unauthorized`.

        The cookie of the new session is in `client.authentication.log_in.response(...)`, as the header
        `set-cookie`; this client does not use it.
        """
        body = {"name": name, "password": password}
        return self._request("POST", _ROUTE, ("_session",), body=body, repeatable=True)

    @operation(json_object)
    def log_out(self) -> Request:
        """DELETE /_session — ask for a cookie that ends the session where it is kept; return `{"ok"}`."""
        return self._request("DELETE", _ROUTE, ("_session",))
