"""One suite for every store: `client` and `database` come from memory, from a SQLite file and from a CouchDB.

The CouchDB is by default a cassette: what a real server answered to the same test, in
`cassettes/<chapter>/<test>.yaml`, played back without a network. `COUCHMAPPER_TEST_URL`
(`http://user:password@host:port`) names a server to ask instead, and `COUCHMAPPER_RECORD=1` writes down what
it answers; `scripts/record` sets both. So that requests are the same each time, tests give their own ids.

`pytestmark = pytest.mark.stores("couchdb")` restricts a chapter, or a test, to the stores that it is for.
`pytest.mark.server` is for what asks a server too much for a tape.
"""

import gzip
import os
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

import pytest
import vcr
from urllib3 import HTTPResponse
from vcr.record_mode import RecordMode
from vcr.request import Request as TapedRequest
from vcr.stubs import VCRHTTPResponse

from couchmapper.connect import connect
from couchmapper.database import Client, Database
from couchmapper.exceptions import DatabaseNotFound
from couchmapper.messages import Request, Response
from couchmapper.transport.base import Transport, TransportWrapper

T = TypeVar("T")

STORES = ("memory", "sqlite", "couchdb")
SERVER = os.environ.get("COUCHMAPPER_TEST_URL")
RECORDING = os.environ.get("COUCHMAPPER_RECORD") == "1"
CASSETTES = Path(__file__).parents[2] / "cassettes"
TAPED_HOST = "http://couchdb.test:5984"
TAPED_URL = TAPED_HOST.replace("//", "//admin:scrubbed@")
KEPT_HEADERS = frozenset(("content-type", "etag", "server", "set-cookie"))
OF_ATTACHMENTS = frozenset(("accept-ranges", "content-encoding", "content-length", "content-range"))


class OneAtATime(TransportWrapper):
    """Lets one thread send at a time: a cassette is written and read without a lock of its own."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self._lock = threading.Lock()

    def send(self, request: Request) -> Response:
        with self._lock:
            return self.inner.send(request)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not for the store that it would run on, or needs a server when none is named."""
    left_out = [item for item in items if not is_for_its_store(item)]
    items[:] = [item for item in items if is_for_its_store(item)]
    config.hook.pytest_deselected(items=left_out)


def is_for_its_store(item: pytest.Item) -> bool:
    if item.get_closest_marker("server") is not None and (SERVER is None or RECORDING):
        return False
    marker = item.get_closest_marker("stores")
    parameters = item.callspec.params if isinstance(item, pytest.Function) and marker is not None else {}
    return marker is None or parameters.get("store") in marker.args


@pytest.fixture(params=STORES[2:] if RECORDING else STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Name the store that the test runs on."""
    return request.param


@pytest.fixture
def url(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of the store; a cassette is open as long as the test runs."""
    with ExitStack() as stack:
        if store == "memory":
            yield "memory:"
        elif store == "sqlite":
            yield f"sqlite:///{tmp_path / 'store.db'}"
        elif SERVER and not RECORDING:
            yield SERVER
        else:
            stack.enter_context(tape(CASSETTES / chapter(request) / f"{title(request)}.yaml"))
            yield SERVER or TAPED_URL


@pytest.fixture
def client(url: str, store: str) -> Iterator[Client]:
    """Give a client of the store, as `connect` makes it."""
    with connect(url) as client:
        taped = store == "couchdb" and (RECORDING or not SERVER)
        yield Client(OneAtATime(client.transport)) if taped else client


@pytest.fixture
def database_name(client: Client, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the name of a database that is not there; when the test made one, it is dropped."""
    name = f"couchmapper-{chapter(request)}-{title(request)}".replace("_", "-")
    drop(client, name)
    yield name
    drop(client, name)


@pytest.fixture
def database(client: Client, database_name: str) -> Database:
    """Give a new, empty database."""
    return client.database(database_name, create=True)


@pytest.fixture
def wait_for(store: str) -> Callable[[Callable[[], T]], T]:
    """Give a function that asks until it is told something; a tape needs no time between its answers."""

    def wait(ask: Callable[[], T]) -> T:
        for _ in range(200):
            if found := ask():
                return found
            time.sleep(0.1 if SERVER or store != "couchdb" else 0)
        return pytest.fail("what was waited for did not come about")

    return wait


def drop(client: Client, name: str) -> None:
    with suppress(DatabaseNotFound):
        client.databases.delete(name)


def chapter(request: pytest.FixtureRequest) -> str:
    return request.path.stem.removeprefix("test_")


def title(request: pytest.FixtureRequest) -> str:
    """Name a test in letters that file and database names may have; parameters become a number."""
    name, _, parameters = request.node.name.removeprefix("test_").partition("[")
    parameters = "-".join(part for part in parameters.rstrip("]").split("-") if part not in STORES)
    number = f"-{zlib.crc32(parameters.encode()):08x}" if parameters else ""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + number


def tape(path: Path) -> vcr.cassette.CassetteContextDecorator:
    """Open a cassette, to write it anew when recording, else to play it."""
    if RECORDING and not SERVER:
        pytest.fail("recording needs a server: COUCHMAPPER_TEST_URL=http://user:password@host scripts/record")
    if RECORDING:
        path.unlink(missing_ok=True)
    elif not path.exists():
        here = path.relative_to(CASSETTES.parent)
        pytest.fail(f"there is no {here}: COUCHMAPPER_TEST_URL=http://user:password@host scripts/record")
    recorder = vcr.VCR(
        record_mode=RecordMode.ALL if RECORDING else RecordMode.NONE,
        match_on=("method", "path", "query", "body"),
        before_record_request=scrub_request,
        before_record_response=scrub_response,
        custom_patches=AS_ON_THE_WIRE,
    )
    return recorder.use_cassette(str(path))


def played(response: VCRHTTPResponse, size: int = -1, *, decode_content: bool | None = None) -> bytes:
    """Read what is on the tape; vcrpy's own method does not know the arguments of urllib3's."""
    del decode_content
    return response._content.read1(size)


def undecoded(response: HTTPResponse) -> None:
    """Let an answer go on the tape as it is on the wire; vcrpy would tape what it is when decompressed."""
    del response


AS_ON_THE_WIRE = ((VCRHTTPResponse, "read1", played), (HTTPResponse, "_init_decoder", undecoded))


def scrub_request(request: TapedRequest) -> TapedRequest:
    """Take host, credentials and needless headers out of a request, before it is stored or looked up."""
    body = request.body
    if body is not None and not isinstance(body, bytes):
        body = b"".join(body)  # it was sent as it was read
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    if body and "json" in request.headers.get("Content-Type", ""):
        body = scrub_json(body)
    uri = TAPED_HOST + re.sub(r"^https?://[^/]+", "", request.uri)
    kept = {name: text for name, text in request.headers.items() if name.lower() == "content-type"}
    return TapedRequest(request.method, uri, body, kept)


def scrub_json(body: bytes) -> bytes:
    """Take passwords out of JSON, and hosts and credentials out of the URLs in it."""
    body = re.sub(rb'"password":"[^"]*"', b'"password":"scrubbed"', body)
    body = re.sub(rb'https?://[^/@"\s]*@[^/"\s]+', TAPED_URL.encode(), body)
    host = (SERVER or TAPED_HOST).rpartition("@")[2].rpartition("//")[2]
    return body.replace(f"http://{host}".encode(), TAPED_HOST.encode())


def scrub_response(response: dict[str, object]) -> dict[str, object]:
    """Take session cookies, needless headers and credentials out of an answer, before it is stored."""
    headers = {}
    given: dict[str, list[str]] = response["headers"]  # type: ignore[assignment]
    kept = KEPT_HEADERS | (OF_ATTACHMENTS if "Accept-Ranges" in given else frozenset())
    for name, texts in given.items():
        if name.lower() in kept:
            headers[name] = [re.sub(r"AuthSession=[^;]+", "AuthSession=scrubbed", text) for text in texts]
    told: dict[str, bytes] = response["body"]  # type: ignore[assignment]
    if "application/json" in "".join(given.get("Content-Type", ())):
        told = {**told, "string": scrub_json(told["string"])}
    return {**response, "headers": headers, "body": told}
