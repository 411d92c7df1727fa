"""Who the server takes this client for."""

from couchmapper.client.resource import Resource
from couchmapper.typing import JSONObject

__all__ = ["Authentication"]


class Authentication(Resource):
    """`client.authentication`: https://docs.couchdb.org/en/stable/api/server/authn.html.

    Logging in and out belongs to `couchmapper.auth`, which does it by itself.
    """

    def session(self) -> JSONObject:
        """GET /_session — return `userCtx` (`name`, `roles`) and `info` about the ways to log in.

        `userCtx["name"]` is None for a client without credentials.
        """
        answer: JSONObject = self._ask("GET", "/_session", ("_session",))
        return answer
