"""Attachments inside their documents, as base64: for small ones, and for many documents in one request."""

import base64
import binascii

from couchmapper.exceptions import InvalidAnswer
from couchmapper.typing import JSONMapping, JSONObject

__all__ = ["inline", "inline_content"]


def inline(content: bytes, content_type: str) -> JSONObject:
    """Return what stands in `_attachments` for new content: `{"content_type", "data"}`.

    document = {"_id": "a", "_attachments": {"note.txt": inline(b"Hello", "text/plain")}}
    """
    return {"content_type": content_type, "data": base64.b64encode(content).decode("ascii")}


def inline_content(attachment: JSONMapping) -> bytes:
    """Return the bytes in a member of `_attachments` of a document that was read with `attachments=True`.

    Raises `InvalidAnswer` for a stub, which holds none, and for what is no base64.
    """
    data = attachment.get("data")
    if not isinstance(data, str):
        raise InvalidAnswer("this attachment is a stub without data: read the document with attachments=True")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise InvalidAnswer("the data of this attachment are no base64") from error
