import logging
import math
import os
import signal
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.auth.assume import IAMAssumeAuth
from couchmapper.auth.base import AuthTransport
from couchmapper.auth.container import ContainerAuth
from couchmapper.auth.iam import IAMAuth
from couchmapper.auth.identity import IdentityServer
from couchmapper.auth.tokens import Token, TokenAuth, TokenSource
from couchmapper.auth.vpc import VPCAuth
from couchmapper.exceptions import ConnectionFailed, TokenRefused, TransportError
from couchmapper.messages import Request, Response
from couchmapper.streams import Upload
from couchmapper.transport.mock import MockTransport, json_response
from couchmapper.transport.retry import RetryPolicy

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)
WRITE = Request(method="POST", path=("db",), route="/{db}", body=b"{}")
TOKEN = Request(method="POST", path=("token",), route="/token", repeatable=True)
QUICK = RetryPolicy(attempts=3, base=0.001)

# Each kind with the number of calls that one token takes.
KINDS = {
    "iam": (lambda url, _, **more: IAMAuth("the-key", url=url, **more), 1),
    "container": (
        lambda url, file, **more: ContainerAuth(profile_id="p1", token_file=file, url=url, **more),
        1,
    ),
    "vpc": (lambda url, _, **more: VPCAuth(profile_crn="crn:1", url=url, **more), 2),
    "vpc 2025-08-26": (lambda url, _, **more: VPCAuth(url=url, version="2025-08-26", **more), 2),
    "iamassume": (lambda url, _, **more: IAMAssumeAuth("the-key", profile_id="p1", url=url, **more), 2),
}


@pytest.fixture(params=list(KINDS))
def kind(request, token_server, clock, tmp_path):
    """Return an `Auth` of each kind against the loopback server, and its calls for one token."""
    make, calls = KINDS[request.param]
    file = tmp_path / "token"
    file.write_text("resource-token\n")
    return make(token_server.url, file, clock=clock, retry=QUICK), calls


def together(count: int, action: Callable[[], object]) -> list:
    """Run an action in many threads that begin at the same moment; errors are results too."""
    gate = threading.Barrier(count, timeout=20)

    def run(_: int) -> object:
        gate.wait()
        try:
            return action()
        except TransportError as error:
            return error
        except TokenRefused as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_every_kind_sends_the_token_that_it_got(kind, token_server):
    auth, calls = kind

    response = AuthTransport(token_server.store, auth).send(READ)

    assert response.json() == {"token": token_server.given[-1]}
    assert len(token_server.received) == calls


def test_every_kind_makes_one_exchange_for_fifty_threads_on_a_cold_client(kind, token_server):
    auth, calls = kind
    transport = AuthTransport(token_server.store, auth)

    answers = together(50, lambda: transport.send(READ).json())

    assert answers == [{"token": token_server.given[-1]}] * 50
    assert len(token_server.received) == calls


def test_every_kind_renews_in_the_background_ahead_of_the_end(kind, token_server, clock, eventually):
    auth, _ = kind
    transport = AuthTransport(token_server.store, auth)
    first = transport.send(READ).json()
    token_server.gate.clear()
    clock.now += 0.8 * 3600

    assert transport.send(READ).json() == first  # nobody waits for the new one

    token_server.gate.set()
    eventually(lambda: transport.send(READ).json() != first)
    assert transport.send(READ).json() == {"token": token_server.given[-1]}


def test_every_kind_uses_a_good_token_while_renewing_fails(kind, token_server, clock, eventually, caplog):
    auth, _ = kind
    transport = AuthTransport(token_server.store, auth)
    first = transport.send(READ).json()
    token_server.steps = [400] * 2
    clock.now += 0.9 * 3600

    assert transport.send(READ).json() == first
    eventually(lambda: any("not renewed" in record.getMessage() for record in caplog.records))
    assert transport.send(READ).json() == first


def test_every_kind_tells_of_a_refusal_and_recovers_at_once(kind, token_server):
    auth, _ = kind
    transport = AuthTransport(token_server.store, auth)
    token_server.steps = [400]

    with pytest.raises(TokenRefused, match="400 BXNIM0999E: planned 400"):
        transport.send(READ)

    assert transport.send(READ).json() == {"token": token_server.given[-1]}


def test_every_kind_repeats_calls_that_fail_for_a_moment(kind, token_server):
    auth, calls = kind
    token_server.steps = [503, token_server.reset]

    AuthTransport(token_server.store, auth).send(READ)

    assert len(token_server.received) == calls + 2


def test_every_kind_tells_that_nothing_was_sent_when_its_server_is_gone(kind, token_server):
    auth, _ = kind
    token_server.stop()

    with pytest.raises(ConnectionFailed) as caught:
        AuthTransport(token_server.store, auth).send(WRITE)

    assert caught.value.sent is False
    assert token_server.store.requests == []


def test_every_kind_fetches_once_more_when_the_service_refuses_the_token(kind, token_server):
    auth, _ = kind
    transport = AuthTransport(token_server.store, auth)
    transport.send(READ)
    token_server.good.clear()

    assert transport.send(WRITE).json() == {"token": token_server.given[-1]}


def test_no_kind_shows_its_secrets(kind, token_server):
    auth, _ = kind
    AuthTransport(token_server.store, auth).send(READ)

    shown = repr(auth) + repr(auth._source) + repr(auth._source.current())

    assert "the-key" not in shown
    assert "token-" not in shown


def test_calls_for_tokens_are_logged_without_secrets(kind, token_server, caplog):
    auth, calls = kind
    caplog.set_level(logging.DEBUG, logger="couchmapper")

    AuthTransport(token_server.store, auth).send(READ)

    lines = [record.getMessage() for record in caplog.records if record.name == "couchmapper.transport"]
    assert len(lines) == calls
    assert all("token" in line and " 200 " in line for line in lines)
    assert not any("token-" in line or "the-key" in line for line in lines)


# The source itself, with an exchange of one request.


class Mint:
    """Answers calls for tokens with numbered ones; `fail` is raised instead when it is set."""

    def __init__(self) -> None:
        self.calls = 0
        self.fail: Exception | None = None
        self.arrived = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, _: Request, /) -> Response:
        self.calls += 1
        self.arrived.release()
        assert self.gate.wait(20)
        if self.fail is not None:
            raise self.fail
        return json_response(f"token-{self.calls}")


def source(mint: Mint, clock: Callable[[], float], life: float | None = 3600.0) -> TokenSource:
    def exchange() -> Generator[Request, Response, Token]:
        response = yield TOKEN
        return Token.living(response.json(), life, now=clock())

    server = IdentityServer("http://identity.example", transport=MockTransport(mint))
    return TokenSource(exchange, server, clock=clock)


@given(life=st.floats(min_value=0.001, max_value=1e9), now=st.floats(min_value=0, max_value=1e9))
def test_a_token_is_renewed_before_it_is_used_no_more_and_that_before_it_ends(life, now):
    token = Token.living("text", life, now=now)

    assert now <= token.refresh <= token.ends <= now + life


def test_the_last_ten_seconds_of_a_token_are_not_used():
    assert Token.living("text", 3600, now=0).ends == 3590


def test_a_token_of_five_seconds_can_be_used():
    token = Token.living("text", 5, now=0)

    assert token.ends == 4.5
    assert token.refresh == 4.0


def test_a_token_that_tells_no_end_is_used_until_it_is_refused(clock):
    mint = Mint()
    tokens = source(mint, clock, life=None)
    token = tokens.current()
    clock.now = 1e12
    assert tokens.current() is token

    assert tokens.after(token).text == "token-2"


def test_a_token_is_not_shown():
    assert "secret" not in repr(Token(text="secret", ends=math.inf))


@pytest.mark.parametrize("life", [0.0, 0.5, 5.0])
def test_a_short_life_costs_one_call_for_one_request(clock, life):
    mint = Mint()

    assert source(mint, clock, life).current().text == "token-1"
    assert mint.calls == 1


def test_an_ended_token_is_fetched_before_the_request(clock):
    mint = Mint()
    tokens = source(mint, clock)
    tokens.current()
    clock.now += 3590

    assert tokens.current().text == "token-2"


def test_those_who_wait_wake_with_the_token(clock):
    mint = Mint()
    mint.gate.clear()
    tokens = source(mint, clock)

    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(tokens.current) for _ in range(20)]
        assert mint.arrived.acquire(timeout=20)
        mint.gate.set()
        found = {future.result(20).text for future in waiting}

    assert found == {"token-1"}
    assert mint.calls == 1


def test_those_who_wait_get_the_error(clock):
    mint = Mint()
    mint.gate.clear()
    mint.fail = ConnectionFailed("refused")
    tokens = source(mint, clock)

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(tokens.current) for _ in range(8)]
        assert mint.arrived.acquire(timeout=20)
        mint.gate.set()
        errors = [future.exception(20) for future in waiting]

    assert {str(error) for error in errors} == {"refused"}
    assert all(isinstance(error, ConnectionFailed) and error.sent is False for error in errors)


def test_who_comes_after_an_error_tries_anew(clock):
    mint = Mint()
    mint.fail = ConnectionFailed("refused")
    tokens = source(mint, clock)
    with pytest.raises(ConnectionFailed):
        tokens.current()
    mint.fail = None

    assert tokens.current().text == "token-2"


def test_when_the_fetching_thread_is_interrupted_another_one_fetches(clock):
    arrived, go = threading.Event(), threading.Event()
    steps = iter([KeyboardInterrupt(), None])

    def exchange() -> Generator[Request, Response, Token]:
        response = yield TOKEN
        arrived.set()
        assert go.wait(20)
        interruption = next(steps)
        if interruption is not None:
            raise interruption
        return Token.living(response.json(), 60, now=clock())

    server = IdentityServer("http://identity.example", transport=MockTransport(Mint()))
    tokens = TokenSource(exchange, server, clock=clock)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(tokens.current)
        assert arrived.wait(20)
        second = pool.submit(tokens.current)
        go.set()

        assert isinstance(first.exception(20), KeyboardInterrupt)
        assert second.result(20).text == "token-2"


def test_one_thread_at_most_renews_in_the_background(clock, eventually):
    mint = Mint()
    tokens = source(mint, clock)
    tokens.current()
    mint.gate.clear()
    clock.now += 3000

    assert {token.text for token in together(20, tokens.current)} == {"token-1"}

    mint.gate.set()
    eventually(lambda: tokens.current().text == "token-2")
    assert mint.calls == 2


def test_after_a_failed_renewal_the_next_waits_ten_seconds(clock, eventually, caplog):
    mint = Mint()
    tokens = source(mint, clock)
    tokens.current()
    mint.fail = ConnectionFailed("refused")
    clock.now += 3000
    tokens.current()
    eventually(lambda: "refused" in caplog.text and tokens._flights._current is None)
    mint.fail = None

    clock.now += 9
    assert tokens.current().text == "token-1"
    assert mint.calls == 2
    clock.now += 2
    tokens.current()

    eventually(lambda: tokens.current().text == "token-3")
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_token_that_ends_during_a_renewal_is_waited_for(clock):
    mint = Mint()
    tokens = source(mint, clock)
    tokens.current()
    mint.gate.clear()
    clock.now += 3000
    tokens.current()
    for _ in range(2):
        assert mint.arrived.acquire(timeout=20)
    clock.now += 1000

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(tokens.current)
        mint.gate.set()

        assert waiting.result(20).text == "token-2"
    assert mint.calls == 2


def test_a_token_that_others_have_replaced_already_is_not_replaced_again(clock):
    tokens = source(Mint(), clock)
    old = tokens.current()
    new = tokens.after(old)

    assert tokens.after(old) is new
    assert tokens.current() is new


def test_a_second_401_is_the_callers(clock):
    mint = Mint()
    store = MockTransport(lambda _: json_response({"error": "unauthorized"}, status=401))

    response = AuthTransport(store, TokenAuth(source(mint, clock))).send(READ)

    assert response.status == 401
    assert len(store.requests) == mint.calls == 2


def test_many_threads_with_a_refused_token_fetch_once_more(clock):
    mint = Mint()
    good = {"Bearer token-1"}
    store = MockTransport(
        lambda request: json_response(None, status=200 if request.headers["Authorization"] in good else 401)
    )
    transport = AuthTransport(store, TokenAuth(source(mint, clock)))
    transport.send(READ)
    good.clear()
    good.add("Bearer token-2")

    answers = together(20, lambda: transport.send(WRITE).status)

    assert answers == [200] * 20
    assert mint.calls == 2


def test_a_body_that_was_read_away_is_not_sent_again(clock):
    def store(request: Request) -> Response:
        list(request.body or ())  # type: ignore[arg-type]
        return json_response({"error": "unauthorized"}, status=401)

    inner = MockTransport(store)
    upload = Request(method="PUT", path=("db", "d", "a"), route="/{db}", body=Upload(iter([b"bytes"])))

    response = AuthTransport(inner, TokenAuth(source(Mint(), clock))).send(upload)

    assert response.status == 401
    assert "cannot go back" in response.remark
    assert len(inner.requests) == 1


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_waits_for_no_thread_of_its_parent(clock):
    mint = Mint()
    tokens = source(mint, clock)
    mint.gate.clear()
    fetching = threading.Thread(target=tokens.current)
    fetching.start()
    assert mint.arrived.acquire(timeout=20)
    tokens._flights._lock.acquire()  # as if a thread held it at the moment of the fork

    child = os.fork()
    if child == 0:
        signal.alarm(20)
        mint.gate = threading.Event()
        mint.gate.set()
        os._exit(0 if tokens.current().text == "token-2" else 1)

    tokens._flights._lock.release()
    mint.gate.set()
    fetching.join(20)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert tokens.current().text == "token-1"
