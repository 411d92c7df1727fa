"""The table of properties: every name of the SDK is in it, and the defaults that it shows are real."""

import inspect
import re
from pathlib import Path

import ibm_cloud_sdk_core.base_service
import ibm_cloud_sdk_core.get_authenticator
import pytest

from couchmapper.auth.checks import OF_ALL_KINDS
from couchmapper.auth.kinds import KINDS, UNSUPPORTED, implied
from couchmapper.auth.properties import ALIASES, FOREIGN, PROPERTIES, PropertyValue, Values
from couchmapper.messages import Timeout
from couchmapper.transport.compression import CompressionTransport
from couchmapper.transport.http import HTTPTransport
from couchmapper.transport.retry import RetryPolicy


def test_every_property_that_the_sdk_reads_is_known():
    modules = (ibm_cloud_sdk_core.get_authenticator, ibm_cloud_sdk_core.base_service)
    text = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules)
    read = set(re.findall(r"config\.get\(\s*['\"]([A-Z0-9_]+)['\"]", text))

    assert len(read) > 20
    assert read <= PROPERTIES.keys() | ALIASES.keys() | FOREIGN


def test_every_kind_reads_properties_that_exist():
    for kind in KINDS.values():
        named = {*kind.reads, *kind.one_of, *(name for group in kind.needs for name in group)}
        assert named <= PROPERTIES.keys()
        assert named == set(kind.reads)


def test_no_property_has_two_meanings():
    assert not PROPERTIES.keys() & FOREIGN
    assert not PROPERTIES.keys() & ALIASES.keys()
    assert set(ALIASES.values()) <= PROPERTIES.keys()
    assert not KINDS.keys() & UNSUPPORTED


def test_every_secret_is_marked():
    assert {name for name, known in PROPERTIES.items() if known.secret} == {
        "APIKEY",
        "BEARER_TOKEN",
        "CLIENT_SECRET",
        "JWT_KEY",
        "PASSWORD",
        "PROXY_SECRET",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONNECT_TIMEOUT", Timeout().connect),
        ("READ_TIMEOUT", Timeout().read),
        ("TIMEOUT", Timeout().total),
        ("MAX_RETRIES", RetryPolicy().attempts - 1),
        ("RETRY_INTERVAL", RetryPolicy().cap),
        ("RETRY_DEADLINE", RetryPolicy().deadline),
        ("POOL_SIZE", inspect.signature(HTTPTransport).parameters["pool_size"].default),
        ("GZIP_THRESHOLD", inspect.signature(CompressionTransport).parameters["threshold"].default),
    ],
)
def test_a_default_that_is_shown_is_the_real_one(name: str, value: float):
    assert PROPERTIES[name].form.parse(PROPERTIES[name].default) == value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("USERNAME", " ann ", " ann "),
        ("PASSWORD", '"p', '"p'),
        ("APIKEY", " k\n", "k"),
        ("APIKEY", "{k}", None),
        ("APIKEY", "'k'", None),
        ("BEARER_TOKEN", "it's", "it's"),
        ("CLIENT_SECRET", '{"s"}\n', '{"s"}'),
        ("AUTH_TYPE", " couchdb_Session", "COUCHDB_SESSION"),
        ("AUTH_TYPE", "mcsp", "MCSP"),
        ("DISABLE_SSL", " TRUE ", True),
        ("DISABLE_SSL", "False", False),
        ("MAX_RETRIES", " 4 ", 4),
        ("MAX_RETRIES", "1_0", None),
        ("MAX_RETRIES", "٤", None),
        ("MAX_RETRIES", "99999999999", None),
        ("RETRY_INTERVAL", "1e1", 10.0),
        ("RETRY_INTERVAL", "-1", None),
        ("ROLES", "a, b,", ("a", "b")),
        ("ROLES", " , ", None),
        ("PROXY", "socks5://p:1", "socks5://p:1"),
        ("PROXY", "ftp://p", None),
        ("PROXY", "http://p:port", None),
        ("PROXY", "http://", None),
        ("AUTH_URL", "https://iam.test/identity/token", "https://iam.test/identity/token"),
        ("AUTH_URL", "iam.test", None),
        ("VPC_IMS_VERSION", "2022-03-01", "2022-03-01"),
        ("VPC_IMS_VERSION", "2023-01-01", None),
        ("JWT_ALGORITHM", "ES256", "ES256"),
        ("JWT_ALGORITHM", "none", None),
    ],
)
def test_a_text_is_read_as_its_property_says(name: str, text: str, value: PropertyValue | None):
    assert PROPERTIES[name].form.parse(text) == value


def test_values_are_given_out_by_their_types():
    values = Values({"A": "text", "B": True, "C": 3, "D": 1.5, "E": ("x",)})

    assert (values.text("A"), values.flag("B"), values.whole("C"), values.number("D")) == (
        "text",
        True,
        3,
        1.5,
    )
    assert values.names("E") == ("x",)
    assert (values.text("B"), values.flag("C"), values.whole("D"), values.number("A")) == (None,) * 4
    assert values.names("Z") == ()


def test_what_is_connected_with_no_kind_is_of_the_connection():
    assert {"URL", "AUTH_TYPE", "DISABLE_SSL", "TIMEOUT"}.isdisjoint(OF_ALL_KINDS)


def test_properties_that_mean_no_kind_imply_none():
    assert implied(()) is None
    assert implied(("USERNAME", "IAM_PROFILE_CRN", "CR_TOKEN_FILENAME")) is None
