"""What the errors of requests and urllib3 mean here; the one place where they are translated."""

import ssl
from collections.abc import Iterator

import attrs
import requests
from urllib3 import exceptions as urllib3_errors

from couchmapper.exceptions import (
    ConnectionFailed,
    CouchMapperError,
    InvalidAnswer,
    InvalidURL,
    TLSFailed,
    TransportError,
    TransportTimeout,
)

__all__ = ["FOREIGN", "closed", "translate"]

FOREIGN = (requests.RequestException, urllib3_errors.HTTPError, OSError, ValueError, OverflowError)
"""What sending a request and reading its answer can raise."""


@attrs.frozen
class _Meaning:
    """What a foreign error is here, whether the request may have reached the server, and what to do."""

    kind: type[CouchMapperError]
    sent: bool
    advice: str

    def error(self, message: str) -> CouchMapperError:
        if issubclass(self.kind, TransportError):
            return self.kind(message, sent=self.sent)
        return self.kind(message)


_BROKEN = _Meaning(ConnectionFailed, True, "the connection broke; whether the request was done is not known")
_MEANINGS: tuple[tuple[tuple[type[BaseException], ...], _Meaning], ...] = (
    (
        (urllib3_errors.ProxyError, requests.exceptions.ProxyError),
        _Meaning(ConnectionFailed, False, "the proxy refuses; check HTTP_PROXY, HTTPS_PROXY and NO_PROXY"),
    ),
    (
        (urllib3_errors.NewConnectionError,),
        _Meaning(ConnectionFailed, False, "check that the server runs, and the URL's host and port"),
    ),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), _BROKEN),
    (
        (ssl.SSLCertVerificationError,),
        _Meaning(TLSFailed, False, "give verify= the path of the CA bundle that signed the certificate"),
    ),
    (
        (urllib3_errors.SSLError, requests.exceptions.SSLError),
        _Meaning(TLSFailed, True, "give verify= the path of the CA bundle that signed the certificate"),
    ),
    (
        (urllib3_errors.ConnectTimeoutError, requests.exceptions.ConnectTimeout),
        _Meaning(TransportTimeout, False, "no connection in the time allowed; check host, port and firewall"),
    ),
    (
        (urllib3_errors.TimeoutError, requests.exceptions.Timeout, TimeoutError),
        _Meaning(TransportTimeout, True, "no answer in the time allowed; raise the second value of timeout="),
    ),
    (
        (urllib3_errors.DecodeError, requests.exceptions.ContentDecodingError),
        _Meaning(InvalidAnswer, True, "the answer's compression is broken; check the proxies on the way"),
    ),
    ((urllib3_errors.ProtocolError, requests.exceptions.ChunkedEncodingError), _BROKEN),
    (
        (
            urllib3_errors.LocationValueError,
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
        ),
        _Meaning(InvalidURL, False, "the URL of the server or its proxy is unusable; SOCKS needs PySocks"),
    ),
    (
        (ValueError, OverflowError, urllib3_errors.InvalidHeader),
        _Meaning(InvalidAnswer, True, "the answer breaks the rules of HTTP; check the proxies on the way"),
    ),
)


def translate(error: Exception, origin: str) -> CouchMapperError:
    """Say what a foreign error means, by the first line of the table that names it or what it wraps."""
    chain = tuple(_causes(error))
    if any(isinstance(step, urllib3_errors.ClosedPoolError) for step in chain):
        return closed(origin)
    found = (meaning for kinds, meaning in _MEANINGS if any(isinstance(step, kinds) for step in chain))
    meaning = next(found, _BROKEN)
    told = [step.strerror for step in chain if isinstance(step, OSError) and step.strerror]
    reason = f"{told[-1]}; {meaning.advice}" if told else meaning.advice
    return meaning.error(f"cannot reach {origin}: {reason}")


def closed(origin: str) -> ConnectionFailed:
    """Return the error of a transport that was closed, which no repetition can help."""
    error = ConnectionFailed(f"the transport to {origin} was closed; make a new one", sent=False)
    error.final = True
    return error


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it wraps: requests and urllib3 hold them in `reason` or as an argument."""
    step: object = error
    while isinstance(step, BaseException):
        yield step
        reasons = (getattr(step, "reason", None), *step.args, step.__cause__)
        step = next((reason for reason in reasons if isinstance(reason, BaseException)), None)
