"""Filter functions of `_changes` and `validate_doc_update`, run in JavaScript."""

from collections.abc import Sequence

from couchmapper import jsonio
from couchmapper.embedded.queryserver.sandbox import Limits, Sandbox
from couchmapper.exceptions import Forbidden, Unauthorized
from couchmapper.typing import JSON, JSONMapping

__all__ = ["JavaScriptFilter", "JavaScriptValidation"]


class JavaScriptFilter:
    """One `function (doc, req)` of a design document's `filters`."""

    def __init__(self, source: str, *, design: JSONMapping, limits: Limits | None = None) -> None:
        self._sandbox = Sandbox(library=dict(design), limits=limits)
        self._sandbox.add(source)

    def passes(self, documents: Sequence[bytes], request: JSONMapping) -> list[bool]:
        """Tell for each document (JSON text) whether the function lets it pass."""
        asked = jsonio.dumps(dict(request)).decode()
        items = [f"[{document.decode()},{asked}]" for document in documents]
        return [bytes(result) == b"true" for result in self._sandbox.run("filter", items)] if items else []


class JavaScriptValidation:
    """One `validate_doc_update`: `function (newDoc, oldDoc, userCtx, secObj)`."""

    def __init__(self, source: str, *, design: JSONMapping, limits: Limits | None = None) -> None:
        self._sandbox = Sandbox(library=dict(design), limits=limits)
        self._sandbox.add(source)

    def check(self, new: JSON, old: JSON, *, user: JSONMapping, security: JSONMapping) -> None:
        """Return when the function accepts the document.

        What it throws comes out as `Forbidden` (`{forbidden: …}`), `Unauthorized` (`{unauthorized: …}`), or
        `ServerError` for anything else.
        """
        subject = jsonio.dumps([new, old, dict(user), dict(security)]).decode()
        for result in self._sandbox.run("validate", [subject]):
            thrown = jsonio.loads(bytes(result))
            if thrown is None:
                return
            if "forbidden" in thrown:
                raise Forbidden(_text(thrown["forbidden"]))
            raise Unauthorized(_text(thrown["unauthorized"]))


def _text(reason: JSON) -> str:
    return reason if isinstance(reason, str) else jsonio.dumps(reason).decode()
