"""The names of Mango indexes that have none: a digest of their definition, the same one that CouchDB gives.

So an index that is made on two stores is one design document when they replicate.
"""

from hashlib import sha1

from couchmapper.revisions import external_term
from couchmapper.typing import JSON

__all__ = ["index_name"]


def index_name(request: dict[str, JSON]) -> str:
    """Return the name for the body of a `POST /{db}/_index`.

    It is the SHA-1 digest of `{Definition, Options}` in Erlang's external term format, the options sorted.
    """
    definition = external_term(request["index"])
    options = {
        "ddoc": _term(request, "ddoc", default=_atom("auto_name")),
        "def": definition,
        "name": _term(request, "name", default=_atom("auto_name")),
        "partitioned": _term(request, "partitioned", default=_atom("db_default")),
        "type": _term(request, "type", default=external_term("json")),
        "w": _term(request, "w", default=external_term(2)),
    }
    pairs = b"".join(b"h\x02" + _atom(name) + term for name, term in options.items())
    term = b"\x83h\x02" + definition + b"l" + len(options).to_bytes(4, "big") + pairs + b"j"
    return sha1(term, usedforsecurity=False).hexdigest()


def _term(request: dict[str, JSON], name: str, *, default: bytes) -> bytes:
    return external_term(request[name]) if name in request else default


def _atom(name: str) -> bytes:
    return b"d" + len(name).to_bytes(2, "big") + name.encode()
