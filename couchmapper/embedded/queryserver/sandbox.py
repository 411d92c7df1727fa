"""A place where the JavaScript of one design document runs: no files, no network, bounded time and memory."""

import importlib
import importlib.resources
import logging
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import attrs
import msgspec

from couchmapper import jsonio
from couchmapper.exceptions import BadRequest, MissingExtra, NotFound, ServerError
from couchmapper.typing import JSON

__all__ = ["Limits", "Sandbox", "TimedOut"]

_log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Limits:
    """What one call may use: `seconds` of processor time (CouchDB's own limit is 5) and bytes of `memory`."""

    seconds: float = 5.0
    memory: int = 256 * 1024 * 1024


class TimedOut(ServerError):
    """A function ran longer than it may; CouchDB tells it in these words."""

    error = "os_process_error"


class _Answer(msgspec.Struct):
    """What an operation of `sandbox.js` returns."""

    results: list[msgspec.Raw]
    log: list[str]
    failure: tuple[str, str] | None


_read_answer = msgspec.json.Decoder(_Answer).decode

_ESCAPE = re.compile(r"\\(?:u(d[89a-f][0-9a-f]{2})|.)")
_ANONYMOUS = re.compile(rb"\bfunction\s*$")
_PLACE = re.compile(r":(\d+):(\d+)\)?\s*$", re.MULTILINE)


class Sandbox:
    """Functions of one design document, compiled side by side in an engine of their own.

    `library` is what `require` finds: `{"views": {"lib": …}}` for views, the design document for the others.
    A sandbox belongs to one thread at a time. Making one takes a fraction of a millisecond, so nothing is
    shared between two builds.
    """

    def __init__(self, *, library: JSON = None, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._engine = _engine()
        context = self._engine.Context()
        context.set_memory_limit(limits.memory)
        context.set_time_limit(limits.seconds)
        context.set("sandbox", context.eval(_prelude()))
        self._add = context.eval("sandbox.add")
        self._run = context.eval("sandbox.run")
        offer = context.eval("sandbox.offer")
        context.eval("delete globalThis.sandbox")
        self._context = context
        if library is not None:
            offer(jsonio.dumps(library).decode())

    def add(self, source: str) -> None:
        """Compile one more function; raises `BadRequest` (`compilation_error`) when it is none.

        The text is a program whose last value is the function. `function (doc) {…}` at its outer level counts
        as an expression, as in CouchDB.
        """
        if not source:
            raise NotFound("missing function")
        text = source
        while True:
            try:
                self._add(text)
            except self._engine.JSException as error:
                told = str(error)
                named = _as_expression(text, told)
                if named is None:
                    reason = f"{told.splitlines()[0]} ({source})"
                    raise BadRequest(reason, error="compilation_error") from error
                text = named
            else:
                return

    def run(self, operation: str, items: Sequence[str]) -> Iterator[msgspec.Raw]:
        """Call an operation of `sandbox.js` with items (JSON texts); yield one JSON text for each.

        When many items together take too long, each is tried alone before the operation fails.
        """
        try:
            yield from self._call(operation, items)
        except TimedOut:
            if len(items) == 1:
                raise
        else:
            return
        for item in items:
            yield from self._call(operation, [item])

    def _call(self, operation: str, items: Sequence[str]) -> list[msgspec.Raw]:
        try:
            text = self._run(operation, f"[{','.join(items)}]")
        except self._engine.JSException as error:
            told = str(error).splitlines()[0]
            if "interrupted" in told:
                raise TimedOut("OS process timed out.") from error
            raise ServerError(told, error="os_process_error") from error
        answer = _read_answer(_whole(text))
        for line in answer.log:
            _log.info("%s", line)
        if answer.failure is not None:
            code, reason = answer.failure
            raise ServerError(reason, error=code)
        return answer.results


def _engine() -> Any:
    try:
        return importlib.import_module("quickjs")
    except ImportError as error:
        raise MissingExtra(
            'JavaScript functions need quickjs-ng: pip install "couchmapper[embedded]"'
        ) from error


@cache
def _prelude() -> str:
    return (
        importlib.resources.files("couchmapper.embedded.queryserver")
        .joinpath("sandbox.js")
        .read_text(encoding="utf-8")
    )


def _as_expression(text: str, told: str) -> str | None:
    """Turn the anonymous function statement that the compiler refused into an expression.

    The complaint names line and byte column of the parenthesis after `function`.
    """
    place = _PLACE.search(told)
    if place is None or "function name expected" not in told:
        return None
    lines = text.encode().split(b"\n")
    line, column = int(place[1]) - 1, int(place[2]) - 1
    before = b"\n".join([*lines[:line], lines[line][:column]]) if line < len(lines) else b""
    keyword = _ANONYMOUS.search(before)
    if keyword is None:
        return None
    return (before[: keyword.start()] + b"0," + text.encode()[keyword.start() :]).decode()


def _whole(text: str) -> str:
    """Put U+FFFD where a result holds half of a surrogate pair, which JSON cannot carry."""
    if "\\ud" not in text:
        return text
    return _ESCAPE.sub(lambda escape: "\ufffd" if escape[1] else escape[0], text)
