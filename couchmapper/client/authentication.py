"""Who the server takes this client for."""

from couchmapper.client.operation import operation
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object
from couchmapper.messages import Request

__all__ = ["Authentication"]


class Authentication(Resource):
    """`client.authentication`: https://docs.couchdb.org/en/stable/api/server/authn.html.

    Logging in and out belongs to `couchmapper.auth`, which does it by itself.
    """

    @operation(json_object)
    def session(self) -> Request:
        """GET /_session — return `userCtx` (`name`, `roles`) and `info` about the ways to log in.

        `userCtx["name"]` is None for a client without credentials.
        """
        return self._request("GET", "/_session", ("_session",))
