"""Who may read and write a database, and who may change its design."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from couchmapper.client.operation import operation
from couchmapper.client.params import given
from couchmapper.client.resource import Resource
from couchmapper.client.results import json_object, nothing
from couchmapper.messages import Request
from couchmapper.typing import JSONMapping

__all__ = ["People", "Security"]

_ROUTE = "/_security"
_NOTHING: JSONMapping = {}


class People(TypedDict, total=False):
    """Users by name, and by a role that they have."""

    names: Sequence[str]
    roles: Sequence[str]


class Security(Resource):
    """`db.security`: https://docs.couchdb.org/en/stable/api/database/security.html.

    Members read and write documents; admins write design documents too, and change this. A database whose
    members are empty is open to everybody.
    """

    @operation(json_object)
    def get(self) -> Request:
        """GET /{db}/_security — return `{"admins", "members"}`, each `{"names", "roles"}`."""
        return self._request("GET", _ROUTE, ("_security",))

    @operation(nothing)
    def put(
        self,
        security: JSONMapping = _NOTHING,
        *,
        admins: People | None = None,
        members: People | None = None,
        cloudant: Mapping[str, Sequence[str]] | None = None,
        couchdb_auth_only: bool | None = None,
    ) -> Request:
        """PUT /{db}/_security — replace the whole.

        `security` is what `get` returned, of which the arguments replace members. Cloudant has two members of
        its own: `cloudant`, permissions by API key, and `couchdb_auth_only`.
        """
        members_given = given(
            admins=admins, members=members, cloudant=cloudant, couchdb_auth_only=couchdb_auth_only
        )
        return self._request("PUT", _ROUTE, ("_security",), body={**security, **members_given})
