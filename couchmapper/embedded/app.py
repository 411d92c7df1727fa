"""The embedded engine as one function: a request in, an answer out."""

import sqlite3

import attrs

from couchmapper.embedded.answers import answer_error
from couchmapper.embedded.call import Call
from couchmapper.embedded.node import Node
from couchmapper.embedded.routes import ROUTES
from couchmapper.embedded.routing import Router
from couchmapper.exceptions import BadRequest, ResponseError, ServerError, ServiceUnavailable
from couchmapper.messages import Request, Response

__all__ = ["App"]


class App:
    """Answers the requests of CouchDB's HTTP API; any thread may call it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._router = Router(ROUTES)

    def answer(self, request: Request) -> Response:
        """Return the answer; what is wrong with a request is an answer too.

        Raises `ConnectionFailed` when the store is closed, also while a request waits for changes.
        """
        try:
            found = self._answer(request)
        except ResponseError as error:
            found = answer_error(error)
        except RecursionError:
            found = answer_error(BadRequest("the JSON is nested too deeply"))
        except sqlite3.Error as error:
            found = answer_error(_translate(error))
        return attrs.evolve(found, body=b"") if request.method == "HEAD" else found

    def close(self) -> None:
        """Wake those who wait for changes, and close the store."""
        self.node.close()

    def _answer(self, request: Request) -> Response:
        answer, segments = self._router.find(request.method, request.path)
        return answer(Call(node=self.node, request=request, segments=segments))


def _translate(error: sqlite3.Error) -> ServerError:
    """Say in CouchDB's errors what SQLite could not do."""
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return ServiceUnavailable("another process has been writing to the SQLite file for too long")
    return ServerError(f"SQLite: {error}", error="internal_server_error")
