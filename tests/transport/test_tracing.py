import subprocess
import sys
from contextlib import suppress

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from couchmapper.exceptions import ConnectionFailed
from couchmapper.messages import Request, Response
from couchmapper.transport.mock import MockTransport, Replier
from couchmapper.transport.retry import RetryPolicy, RetryTransport
from couchmapper.transport.tracing import TracingTransport, note_repetition

SECRETIVE = Request(
    method="GET",
    path=("shop", "hidden-id"),
    route="/{db}/{doc_id}",
    query={"key": "hidden-value"},
    headers={"Authorization": "Basic hidden-token"},
    body=b"hidden-body",
    repeatable=True,
)
UP = Request(method="GET", path=("_up",), route="/_up")


class Trace:
    """A tracer that keeps its spans."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = provider.get_tracer("test")

    def of(self, request: Request, reply: Replier, server: str = "https://db.test/prefix") -> ReadableSpan:
        """Send the request and return its span."""
        transport = TracingTransport(MockTransport(reply), server=server, tracer=self.tracer)
        with suppress(ConnectionFailed):
            transport.send(request)
        return self.spans[-1]

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()


def answering(status: int) -> Replier:
    return lambda _: Response(status=status, body=b'{"hidden-answer":1}')


def unreachable(_: Request, /) -> Response:
    raise ConnectionFailed("cannot reach hidden-host")


def test_a_span_follows_the_conventions_for_couchdb():
    span = Trace().of(SECRETIVE, answering(200))

    assert (span.name, span.kind, span.status.status_code) == (
        "GET /{db}/{doc_id} shop",
        SpanKind.CLIENT,
        StatusCode.UNSET,
    )
    assert dict(span.attributes or {}) == {
        "db.system.name": "couchdb",
        "db.operation.name": "GET /{db}/{doc_id}",
        "db.namespace": "shop",
        "db.response.status_code": "200",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "db.test",
        "server.port": 443,
    }


def test_what_concerns_no_database_is_named_after_the_server():
    span = Trace().of(UP, answering(200), "http://[::1]:5984")

    assert span.name == "GET /_up ::1:5984"
    assert "db.namespace" not in (span.attributes or {})


def test_an_embedded_store_has_no_address():
    span = Trace().of(UP, answering(200), "")

    assert span.name == "GET /_up"
    assert "server.address" not in (span.attributes or {})


@pytest.mark.parametrize("status", [400, 404, 409, 429, 503])
def test_an_error_status_is_the_type_of_the_error(status):
    span = Trace().of(SECRETIVE, answering(status))

    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == str(status)


def test_not_modified_is_no_error():
    assert Trace().of(SECRETIVE, answering(304)).status.status_code is StatusCode.UNSET


def test_without_an_answer_the_class_is_the_type_of_the_error():
    span = Trace().of(SECRETIVE, unreachable)

    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "ConnectionFailed"
    assert "db.response.status_code" not in (span.attributes or {})


@pytest.mark.parametrize("reply", [answering(200), answering(500), unreachable])
def test_nothing_secret_is_in_a_span(reply):
    assert "hidden" not in Trace().of(SECRETIVE, reply).to_json()


def test_an_error_passes_as_it_is():
    error = ConnectionFailed("broken")

    def failing(_: Request, /) -> Response:
        raise error

    with pytest.raises(ConnectionFailed) as caught:
        TracingTransport(MockTransport(failing), tracer=Trace().tracer).send(UP)

    assert caught.value is error


def test_an_interruption_ends_the_span():
    def interrupted(_: Request, /) -> Response:
        raise KeyboardInterrupt

    trace = Trace()
    with pytest.raises(KeyboardInterrupt):
        trace.of(UP, interrupted)

    assert (trace.spans[0].attributes or {})["error.type"] == "KeyboardInterrupt"


def test_the_span_is_the_current_one_while_the_request_is_under_way():
    trace = Trace()
    seen = []

    def looking(_: Request, /) -> Response:
        seen.append(get_current_span().get_span_context().span_id)
        return Response(status=200)

    span = trace.of(UP, looking)

    assert seen == [span.get_span_context().span_id]  # type: ignore[union-attr]


def test_repetitions_are_events_of_one_span():
    outcomes = [Response(status=503), ConnectionFailed("reset"), Response(status=200)]

    def next_one(_: Request, /) -> Response:
        outcome = outcomes.pop(0)
        if isinstance(outcome, ConnectionFailed):
            raise outcome
        return outcome

    trace = Trace()
    retrying = RetryTransport(
        MockTransport(next_one),
        RetryPolicy(base=1),
        sleep=lambda _: None,
        random=lambda: 0.5,
        observe=note_repetition,
    )
    TracingTransport(retrying, tracer=trace.tracer).send(SECRETIVE)

    (span,) = trace.spans
    assert [(event.name, dict(event.attributes or {})) for event in span.events] == [
        ("repeat", {"error.type": "503", "http.request.resend_count": 1, "couchmapper.pause": 0.5}),
        (
            "repeat",
            {"error.type": "ConnectionFailed", "http.request.resend_count": 2, "couchmapper.pause": 1.0},
        ),
    ]


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_nothing_is_imported_for_programs_that_do_not_trace():
    program = (
        "import sys\n"
        "from couchmapper import connect\n"
        "with connect('memory:') as client:\n"
        "    client.server.up()\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )

    assert run(program) == "[]"


def test_a_program_that_traces_sees_the_requests_of_connect():
    program = (
        "from opentelemetry import trace\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "from opentelemetry.sdk.trace.export import SimpleSpanProcessor\n"
        "from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter\n"
        "from couchmapper import connect\n"
        "client = connect('memory:')\n"
        "client.server.up()\n"  # before tracing is set up: no span, and no harm
        "exporter = InMemorySpanExporter()\n"
        "provider = TracerProvider()\n"
        "provider.add_span_processor(SimpleSpanProcessor(exporter))\n"
        "trace.set_tracer_provider(provider)\n"
        "client.databases.create('shop')\n"
        "client.close()\n"
        "print([span.name for span in exporter.get_finished_spans()])\n"
    )

    assert run(program) == "['PUT /{db} shop']"
