r"""MIME multipart as CouchDB speaks it: documents with their attachments, read and written as streams.

    multipart/related    a document whose stubs say `"follows":true`, then its attachments in that order
    multipart/mixed      documents, errors and nested multipart/related: `open_revs` and `_bulk_get`

CouchDB matches attachments by their order alone. It writes their names into headers as they are, with quotes
and line breaks, so trust the document: a part whose name holds an empty line even loses its headers to its
body. Compare what was read with the length and the digest in the stub.
https://docs.couchdb.org/en/stable/api/document/common.html#creating-multiple-attachments
"""

from couchmapper.multipart.headers import is_multipart, parameter
from couchmapper.multipart.reading import Part, decode
from couchmapper.multipart.writing import Attachment, Multipart, PartToSend, encode, related

__all__ = [
    "Attachment",
    "Multipart",
    "Part",
    "PartToSend",
    "decode",
    "encode",
    "is_multipart",
    "parameter",
    "related",
]
