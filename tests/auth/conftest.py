"""The servers that give tokens, on the loopback interface, and a store that only takes their tokens."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import attrs
import pytest

from couchmapper.messages import Request, Response
from couchmapper.transport.mock import MockTransport, json_response

GRANT = "urn:ibm:params:oauth:grant-type:"
PROFILES = {"profile_id", "profile_crn", "profile_name", "account"}
BROKEN = b"broken"
METADATA = {
    "/instance_identity/v1/token": "2022-03-01",
    "/instance_identity/v1/iam_token": "2022-03-01",
    "/identity/v1/token": "2025-08-26",
    "/identity/v1/iam_tokens": "2025-08-26",
}


@attrs.frozen(kw_only=True)
class Received:
    """One call as it came over the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


Step = int | bytes | Callable[[Received], tuple[int, dict | bytes]]


class TokenServer(ThreadingHTTPServer):
    """IBM Cloud's identity server, and the metadata service of a virtual server, behind one port.

    It answers the exchanges of every kind, and refuses with 400 whatever deviates from them. Tokens are
    numbered and live for an hour, or as `extra` says; `good` are those that `store` takes. Each of `steps`
    happens to one call in the place of its answer: a status, a body for 200, or a function such as
    `TokenServer.reset`. While `gate` is closed, calls wait; `arrived` counts them.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.extra: dict = {"expires_in": 3600}
        self.token = "token-{}"
        self.received: list[Received] = []
        self.steps: list[Step] = []
        self.given: list[str] = []
        self.good: set[str] = set()
        self.keys = {"the-key"}
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Semaphore(0)
        self.store = Store(self.good)
        self._lock = threading.Lock()

    @staticmethod
    def reset(_: Received) -> tuple[int, bytes]:
        """Break the connection without an answer, as a crashing server does."""
        return 0, BROKEN

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, call: Received) -> tuple[int, dict | bytes]:
        with self._lock:
            self.received.append(call)
            step = self.steps.pop(0) if self.steps else None
        self.arrived.release()
        assert self.gate.wait(20)
        if callable(step):
            return step(call)
        if isinstance(step, int):
            return step, refusal("BXNIM0999E", f"planned {step}")
        if step is not None:
            return 200, step
        if call.path in METADATA:
            return self.metadata(call)
        if (call.method, call.path) == ("POST", "/identity/token"):
            return self.iam(call)
        return 404, refusal("BXNIM0404E", "no such resource")

    def iam(self, call: Received) -> tuple[int, dict]:
        form = call.form
        kind = form.pop("grant_type", "").removeprefix(GRANT)
        form.pop("scope", None)
        form_type = call.headers.get("content-type") == "application/x-www-form-urlencoded"
        proper = form_type and call.headers.get("accept") == "application/json"
        match kind:
            case "apikey":
                proper &= form.keys() == {"apikey", "response_type"} and form["response_type"] == "cloud_iam"
                proper &= form.get("apikey") in self.keys
            case "cr-token":
                proper &= bool(form.pop("cr_token", "")) and bool(form.keys() & PROFILES)
            case "assume":
                proper &= form.pop("access_token", "") in self.good and bool(form.keys() & PROFILES)
            case _:
                proper = False
        proper &= kind == "apikey" or form.keys() <= PROFILES
        return (
            self.grant() if proper else (400, refusal("BXNIM0415E", "Provided API key could not be found."))
        )

    def metadata(self, call: Received) -> tuple[int, dict]:
        body = json.loads(call.body) if call.body else None
        proper = (
            call.query == {"version": METADATA[call.path]} and call.headers.get("metadata-flavor") == "ibm"
        )
        if call.path.endswith("/token"):
            proper &= call.method == "PUT" and body is not None and isinstance(body["expires_in"], int)
        else:
            proper &= call.method == "POST" and call.bearer in self.good
            proper &= body is None or len(body["trusted_profile"]) == 1
        wrong = {"errors": [{"code": "not_authorized", "message": "Please check your input."}], "trace": "1"}
        return self.grant() if proper else (400, wrong)

    def grant(self) -> tuple[int, dict]:
        with self._lock:
            token = self.token.format(len(self.given) + 1)
            self.given.append(token)
            self.good.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", **self.extra}

    def stop(self) -> None:
        """Refuse connections from now on."""
        self.shutdown()
        self.server_close()


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: TokenServer

    def handle_one_call(self) -> None:
        parts = urlsplit(self.path)
        call = Received(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("content-length", 0))),
        )
        status, answer = self.server.answer(call)
        if answer is BROKEN:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        kind = "text/html" if body.startswith(b"<") else "application/json"
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET = handle_one_call  # noqa: N815 - http.server's names

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


def refusal(code: str, message: str) -> dict:
    """Write an error as IAM does."""
    return {"errorCode": code, "errorMessage": message, "context": {"requestId": "r1"}}


class Store(MockTransport):
    """A store that answers 401 to every request without a good token, and else tells the token."""

    def __init__(self, good: set[str]) -> None:
        super().__init__(self._judge)
        self.good = good

    def _judge(self, request: Request) -> Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.good:
            return json_response({"error": "unauthorized", "reason": "Token expired"}, status=401)
        return json_response({"token": token})


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    """Run a `TokenServer` for one test."""
    server = TokenServer()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.gate.set()
    server.stop()


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Return a function that waits for what another thread is about to do."""

    def wait(condition: Callable[[], object]) -> None:
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, "it did not come about in 20 seconds"
            time.sleep(0.005)

    return wait


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()
