"""The same question, asked by the SDK that IBM publishes, reaches the server as the same request.

Where we mean to send something else, the row in `tests/client/tables/` says what and why.
"""

import inspect
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs
import pytest
import requests
from ibm_cloud_sdk_core.authenticators import NoAuthAuthenticator
from ibmcloudant import CloudantV1
from requests.adapters import BaseAdapter
from tables import ROWS
from tables.row import Row

from couchmapper import jsonio
from couchmapper.client import Client
from couchmapper.messages import Request
from couchmapper.transport.mock import MockTransport, json_response

ROOT = Path(__file__).parents[2]
CLIENT = Client(MockTransport(lambda _: json_response({})))
COMPARED = [row for row in ROWS if row.peer is not None]
HEADERS = ("content-type", "destination", "if-match", "if-none-match", "last-event-id", "range")
VARIANTS = ("_as_stream", "_as_mixed", "_as_related")


@attrs.frozen
class Sent:
    """What reaches the server, decoded."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    def differences(self, other: "Sent") -> Iterator[str]:
        """Yield what differs."""
        for part in ("method", "path", "body"):
            if getattr(self, part) != getattr(other, part):
                yield part
        for part, name in (("query", "query"), ("headers", "header")):
            one, two = getattr(self, part), getattr(other, part)
            yield from (f"{name} {key}" for key in one.keys() | two.keys() if one.get(key) != two.get(key))


class Recorder(BaseAdapter):
    """Takes the place of the network below the SDK, and keeps the request."""

    sent: requests.PreparedRequest

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.sent = request
        response = requests.Response()
        response.status_code, response._content = 200, b"{}"
        response.headers["Content-Type"] = "application/json"
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        """Have nothing to close."""


def ours(request: Request, *, more: tuple[str, ...]) -> Sent:
    body = request.body if request.body is None or isinstance(request.body, bytes) else b"".join(request.body)
    return Sent(request.method, request.path, request.query, chosen(request.headers, more), read(body))


def theirs(row: Row, *, more: tuple[str, ...]) -> Sent:
    assert row.peer is not None
    recorder, session = Recorder(), requests.Session()
    session.mount("http://", recorder)
    service = CloudantV1(authenticator=NoAuthAuthenticator())
    service.set_service_url("http://peer.test")
    service.set_enable_gzip_compression(False)
    service.set_http_client(session)
    getattr(service, row.peer.name)(**row.peer.arguments)
    url = urlsplit(recorder.sent.url or "")
    path = tuple(unquote(part) for part in url.path.split("/")[1:] if part)
    body = recorder.sent.body
    text = body.encode() if isinstance(body, str) else body
    return Sent(
        recorder.sent.method or "",
        path,
        dict(parse_qsl(url.query, keep_blank_values=True)),
        chosen(recorder.sent.headers, more),
        read(text),
    )


def chosen(headers: Mapping[str, str], more: tuple[str, ...]) -> Mapping[str, str]:
    """Return the headers that say something about the operation, not about the client."""
    lower = {name.lower(): text for name, text in headers.items()}
    return {name: lower[name] for name in (*HEADERS, *more) if name in lower}


def read(body: bytes | None) -> Any:
    """Return a body as the JSON that it is, or as it is."""
    try:
        return None if body is None else jsonio.loads(body)
    except ValueError:
        return body


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
@pytest.mark.parametrize("row", COMPARED, ids=lambda row: row.peer.name)
def test_the_sdk_sends_the_same(row: Row):
    assert row.peer is not None
    more = ("accept",) if "accept" in row.peer.arguments else ()

    found = set(ours(row.request(CLIENT), more=more).differences(theirs(row, more=more)))

    assert found == set(row.peer.differs), "say why in the row, or send the same"


def operations_of_the_sdk() -> dict[str, set[str]]:
    """Return the names of the operations with their parameters; variants are the same requests."""
    found = {}
    for name, method in inspect.getmembers(CloudantV1, inspect.isfunction):
        parameters = inspect.signature(method).parameters
        is_own = method.__qualname__.startswith("CloudantV1.") and name.split("_")[0] in {
            "delete",
            "get",
            "head",
            "post",
            "put",
        }
        if is_own and not name.endswith(VARIANTS):
            found[name] = set(parameters) - {"self", "kwargs"}
    return found


OPERATIONS = operations_of_the_sdk()


def test_the_sdk_has_83_operations():
    assert len(OPERATIONS) == 83


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_parameter_of_the_sdk_is_compared(name: str):
    rows = [row.peer for row in COMPARED if row.peer and row.peer.name == name]

    assert rows, "write a row with .like(...) into tests/client/tables"
    assert set().union(*(peer.arguments for peer in rows)) == OPERATIONS[name]


def test_the_page_for_those_who_come_from_the_sdk_is_current():
    script = runpy.run_path(str(ROOT / "scripts" / "peer_table.py"))
    page = script["PAGE"].read_text(encoding="utf-8")

    assert script["page_with"](script["table"](), page) == page, "run .venv/bin/python scripts/peer_table.py"
    assert all(f"| `{row.peer.name}` |" in page for row in COMPARED)
