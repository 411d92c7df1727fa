"""The rule for database names.

https://docs.couchdb.org/en/stable/api/database/common.html#put--db
"""

import re

from couchmapper.exceptions import BadRequest, IllegalDatabaseName

__all__ = ["check_database_name"]

_LEGAL = re.compile(r"[a-z][a-z0-9_$()+/-]*")
_SYSTEM = frozenset({"_users", "_replicator", "_global_changes"})
_LONGEST = 238


def check_database_name(name: str) -> None:
    """Raise the error that CouchDB gives for a name that no database can have."""
    if any(len(part) > _LONGEST for part in name.split("/")):
        raise BadRequest(
            f"At least one path segment of `{name}` is too long.", error="database_name_too_long"
        )
    if name not in _SYSTEM and not _LEGAL.fullmatch(name):
        raise IllegalDatabaseName(
            f"Name: '{name}'. Only lowercase characters (a-z), digits (0-9), and any of the characters"
            " _, $, (, ), +, -, and / are allowed. Must begin with a letter."
        )
