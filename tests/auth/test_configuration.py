"""All sources together: one configuration, or one error that names property, origin and expectation."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from couchmapper.auth.assume import IAMAssumeAuth
from couchmapper.auth.base import Auth, NoAuth
from couchmapper.auth.basic import BasicAuth
from couchmapper.auth.bearer import BearerAuth
from couchmapper.auth.configuration import Configuration
from couchmapper.auth.connection import Connection
from couchmapper.auth.container import ContainerAuth
from couchmapper.auth.cookie import SessionAuth
from couchmapper.auth.iam import IAMAuth
from couchmapper.auth.jwt import JWTAuth
from couchmapper.auth.kinds import KINDS
from couchmapper.auth.proxy import ProxyAuth
from couchmapper.auth.vpc import VPCAuth
from couchmapper.exceptions import ConfigurationError, InvalidURL
from couchmapper.messages import Timeout
from couchmapper.transport.retry import RetryPolicy

NOWHERE = Path("/nowhere")
HOST = {"CLOUDANT_URL": "https://h"}


def read(environ: Mapping[str, str], **others: Any) -> Configuration:
    return Configuration.read(environ=environ, cwd=others.pop("cwd", NOWHERE), **others)


def configured(**properties: str) -> Configuration:
    return read({**HOST, **{f"CLOUDANT_{name}": text for name, text in properties.items()}})


def fault(configuration: Configuration) -> str:
    with pytest.raises(ConfigurationError) as caught:
        configuration.check()
    assert "s3cr3t" not in str(caught.value)
    return str(caught.value)


SETTINGS: Mapping[type[Auth], Mapping[str, str]] = {
    BasicAuth: {"USERNAME": "u", "PASSWORD": "p"},
    SessionAuth: {"AUTH_TYPE": "COUCHDB_SESSION", "USERNAME": "u", "PASSWORD": "p"},
    BearerAuth: {"AUTH_TYPE": "bearerToken", "BEARER_TOKEN": "t"},
    IAMAuth: {"APIKEY": "k", "CLIENT_ID": "i", "CLIENT_SECRET": "s", "SCOPE": "a b"},
    IAMAssumeAuth: {"AUTH_TYPE": "iamassume", "APIKEY": "k", "IAM_PROFILE_ID": "p", "IAM_ACCOUNT_ID": "a"},
    ContainerAuth: {"AUTHTYPE": "container", "IAM_PROFILE_NAME": "p", "CR_TOKEN_FILENAME": "/t"},
    VPCAuth: {
        "AUTH_TYPE": "vpc",
        "IAM_PROFILE_CRN": "c",
        "VPC_IMS_VERSION": "2025-08-26",
        "TOKEN_LIFETIME": "60",
    },
    ProxyAuth: {"AUTH_TYPE": "proxy", "USERNAME": "u", "ROLES": "a, b", "PROXY_SECRET": "s"},
    JWTAuth: {
        "AUTH_TYPE": "jwt",
        "USERNAME": "u",
        "JWT_KEY": "k",
        "JWT_ALGORITHM": "HS512",
        "JWT_KEY_ID": "i",
    },
    NoAuth: {"AUTH_TYPE": "noauth"},
}


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.__name__)
def test_every_kind_of_authentication_can_be_configured(kind: type[Auth]):
    configuration = configured(**SETTINGS[kind])

    assert str(configuration.check()) == "https://h"
    assert type(configuration.auth(configuration.connection())) is kind


def test_the_examples_above_are_of_all_kinds():
    assert {str(configured(**settings).choice.kind) for settings in SETTINGS.values()} == KINDS.keys()  # type: ignore[union-attr]


@pytest.mark.parametrize("service", ["CLOUDANT", "cloudant", "my-db", "Orders DB"])
def test_any_name_can_be_the_prefix(service: str):
    prefix = re.sub("[- ]", "_", service).upper()

    configuration = read({f"{prefix}_URL": "http://h", f"{prefix}_APIKEY": "k"}, service=service)

    assert str(configuration.check()) == "http://h"


def test_all_sources_are_merged_by_property_with_their_origins(tmp_path: Path):
    (tmp_path / "ibm-credentials.env").write_text(
        "# for tests\nexport CLOUDANT_APIKEY='file key'\nCLOUDANT_MAX_RETRIES=2\nCLOUDANT_SCOPE=a\n"
    )
    bound = {"credentials": {"scope": "b", "url": "https://vcap", "client_id": "i"}}
    environ = {"CLOUDANT_MAX_RETRIES": "7", "VCAP_SERVICES": json.dumps({"cloudant": [bound]})}

    configuration = read(environ, url="https://argument", cwd=tmp_path)

    assert {name: setting.origin for name, setting in configuration.settings.items()} == {
        "URL": "argument url",
        "MAX_RETRIES": "environment variable CLOUDANT_MAX_RETRIES",
        "APIKEY": "line 2 of ./ibm-credentials.env",
        "SCOPE": "line 4 of ./ibm-credentials.env",
        "CLIENT_ID": "VCAP_SERVICES, instance CLOUDANT",
    }


def test_the_url_of_a_bound_service_is_used():
    vcap = (
        '{"cloudantNoSQLDB": [{"name": "cloudant", "credentials": {"apikey": "k", "url": "https://vcap"}}]}'
    )

    configuration = read({"VCAP_SERVICES": vcap})

    assert str(configuration.check()) == "https://vcap"
    assert isinstance(configuration.auth({}), IAMAuth)


def test_the_connection_is_configured_by_properties():
    configuration = configured(
        AUTH_TYPE="noauth",
        CONNECT_TIMEOUT="2.5",
        READ_TIMEOUT="20",
        TIMEOUT="30",
        POOL_SIZE="8",
        PROXY="http://u:p@proxy:3128",
        CA_BUNDLE="/ca.pem",
        CLIENT_CERTIFICATE="/c.pem",
        CLIENT_KEY="/k.pem",
        MAX_RETRIES="2",
        RETRY_INTERVAL="1.5",
        RETRY_DEADLINE="9",
        GZIP_THRESHOLD="100",
    )

    configuration.check()
    assert configuration.connection() == Connection(
        timeout=Timeout(connect=2.5, read=20, total=30),
        pool_size=8,
        proxy="http://u:p@proxy:3128",
        verify="/ca.pem",
        certificate=("/c.pem", "/k.pem"),
        retry=RetryPolicy(attempts=3, cap=1.5, deadline=9),
        compress=100,
    )


@pytest.mark.parametrize(
    ("properties", "connection"),
    [
        ({}, {}),
        ({"DISABLE_SSL": "TRUE", "CA_BUNDLE": "/ca.pem"}, {"verify": False}),
        ({"DISABLE_SSL": "false"}, {}),
        ({"ENABLE_GZIP": "False", "GZIP_THRESHOLD": "1"}, {"compress": False}),
        ({"ENABLE_GZIP": "true"}, {}),
        ({"ENABLE_RETRIES": "false", "MAX_RETRIES": "9"}, {"retry": RetryPolicy(attempts=1)}),
        ({"ENABLE_RETRIES": "true"}, {}),
        ({"MAX_RETRIES": "0"}, {"retry": RetryPolicy(attempts=1)}),
        ({"CLIENT_CERTIFICATE": "/c.pem"}, {"certificate": "/c.pem"}),
    ],
)
def test_what_is_not_configured_is_left_to_the_defaults(properties: dict[str, str], connection: object):
    assert configured(AUTH_TYPE="noauth", **properties).connection() == connection


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("DISABLE_SSL", "yes", "true or false"),
        ("ENABLE_RETRIES", "1", "true or false"),
        ("MAX_RETRIES", "s3cr3t", "a whole number, 0 or more"),
        ("MAX_RETRIES", "-1", "a whole number, 0 or more"),
        ("MAX_RETRIES", "4.5", "a whole number, 0 or more"),
        ("POOL_SIZE", "0", "a whole number, 1 or more"),
        ("TIMEOUT", "0", "a number of seconds above 0"),
        ("TIMEOUT", "inf", "a number of seconds above 0"),
        ("READ_TIMEOUT", "10s", "a number of seconds above 0"),
        ("RETRY_INTERVAL", "nan", "a number of seconds, 0 or more"),
        ("AUTH_TYPE", "s3cr3t", "one of BASIC, BEARERTOKEN, CONTAINER"),
        ("APIKEY", '"s3cr3t"', "a text without quotes or braces around it"),
        ("APIKEY", "{s3cr3t}", "a text without quotes or braces around it"),
        ("AUTH_URL", "https://u:s3cr3t@h", "the URL of a server"),
        ("PROXY", "u:s3cr3t@proxy", "the URL of a proxy"),
        ("SCOPE", "'a'", "a text without quotes"),
    ],
)
def test_a_text_that_does_not_fit_is_one_error_with_property_origin_and_expectation(
    name: str, text: str, expected: str
):
    message = fault(configured(**{"APIKEY": "k", name: text}))

    assert message.startswith(f"{name} (environment variable CLOUDANT_{name}): expected {expected}")
    assert "\n" not in message


def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path):
    (tmp_path / "ibm-credentials.env").write_text("\n\nCLOUDANT_MAX_RETRIES=many\n")

    configuration = read({**HOST, "CLOUDANT_APIKEY": "k"}, cwd=tmp_path)

    assert fault(configuration) == (
        "MAX_RETRIES (line 3 of ./ibm-credentials.env): expected a whole number, 0 or more"
    )


def test_a_wrong_url_is_an_invalid_url_with_its_origin():
    with pytest.raises(InvalidURL, match=r"^URL \(environment variable CLOUDANT_URL\): .*memory:") as caught:
        read({"CLOUDANT_URL": "ann:s3cr3t@h", "CLOUDANT_APIKEY": "k"}).check()

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (
            {"AUTH_TYPE": "basic", "USERNAME": "u"},
            "PASSWORD is missing: BASIC, because AUTH_TYPE says so; set CLOUDANT_PASSWORD",
        ),
        ({"AUTH_TYPE": "iam"}, "APIKEY is missing: IAM, because AUTH_TYPE says so; set CLOUDANT_APIKEY"),
        (
            {"APIKEY": "s3cr3t", "CLIENT_ID": "i"},
            "CLIENT_SECRET is missing: IAM, because APIKEY is set; set CLOUDANT_CLIENT_SECRET",
        ),
        (
            {"AUTH_TYPE": "container"},
            (
                "IAM_PROFILE_ID or IAM_PROFILE_NAME is missing: CONTAINER, because AUTH_TYPE says so; set"
                " CLOUDANT_IAM_PROFILE_ID or CLOUDANT_IAM_PROFILE_NAME"
            ),
        ),
        (
            {"AUTH_TYPE": "iamassume", "APIKEY": "s3cr3t", "IAM_PROFILE_NAME": "n"},
            "IAM_ACCOUNT_ID is missing: IAMASSUME, because AUTH_TYPE says so; set CLOUDANT_IAM_ACCOUNT_ID",
        ),
        (
            {"AUTH_TYPE": "vpc", "IAM_PROFILE_NAME": "n", "IAM_PROFILE_ID": "i"},
            (
                "IAM_PROFILE_ID (environment variable CLOUDANT_IAM_PROFILE_ID) and IAM_PROFILE_NAME"
                " (environment variable CLOUDANT_IAM_PROFILE_NAME): expected only one of them, VPC, because"
                " AUTH_TYPE says so"
            ),
        ),
        (
            {"AUTH_TYPE": "noauth", "CLIENT_KEY": "/k"},
            (
                "CLIENT_CERTIFICATE is missing: CLIENT_KEY (environment variable CLOUDANT_CLIENT_KEY) is the"
                " key of a certificate"
            ),
        ),
    ],
)
def test_what_is_missing_is_named(properties: dict[str, str], message: str):
    assert fault(configured(**properties)) == message


@pytest.mark.parametrize("kind", ["cp4d", "MCSP", "McspV2"])
def test_kinds_of_other_products_are_not_supported_and_told_so(kind: str):
    message = fault(configured(AUTH_TYPE=kind, APIKEY="s3cr3t"))

    assert f"AUTH_TYPE (environment variable CLOUDANT_AUTH_TYPE): {kind.upper()} is not supported" in message
    assert "COUCHDB_SESSION" in message


def test_a_url_alone_is_told_what_is_missing():
    message = fault(configured())

    assert "no credentials" in message
    assert "CLOUDANT_APIKEY" in message
    assert "CLOUDANT_AUTH_TYPE=NOAUTH" in message


def test_a_misspelled_variable_is_a_hint_where_something_is_missing():
    message = fault(configured(USERNAM="ann", PASSWORD="s3cr3t"))

    assert (
        "perhaps: CLOUDANT_USERNAM (environment): no such property; did you mean CLOUDANT_USERNAME?"
        in message
    )


def test_a_misspelled_variable_alone_is_no_error():
    assert configured(APIKEY="k", TIMEOUTS="x").check()


def test_a_misspelled_line_of_a_file_is_an_error(tmp_path: Path):
    (tmp_path / "ibm-credentials.env").write_text("CLOUDANT_TIMEOUTS=3\n")

    assert fault(read({**HOST, "CLOUDANT_APIKEY": "k"}, cwd=tmp_path)) == (
        "CLOUDANT_TIMEOUTS (line 1 of ./ibm-credentials.env): no such property; did you mean"
        " CLOUDANT_TIMEOUT?"
    )


def test_where_nothing_is_configured_every_place_that_was_looked_at_is_told(tmp_path: Path):
    message = fault(read({}, cwd=tmp_path, home=tmp_path / "home"))

    for told in (
        "CLOUDANT_URL",
        "environment: nothing for this service",
        "./ibm-credentials.env: not there",
        "~/ibm-credentials.env: not there",
        "VCAP_SERVICES: not set",
    ):
        assert told in message


def test_every_fault_is_told_at_once(tmp_path: Path):
    (tmp_path / "ibm-credentials.env").write_text("CLOUDANT_PASSWORD='s3cr3t\nCLOUDANT_POOL_SIZE=x\n")

    message = fault(read({"CLOUDANT_URL": "nowhere", "CLOUDANT_AUTH_TYPE": "iam"}, cwd=tmp_path))

    assert len(message.splitlines()) == 5
    for name in ("CLOUDANT_PASSWORD", "URL", "POOL_SIZE", "APIKEY"):
        assert f"\n  {name} " in message


def test_a_file_that_is_named_and_absent_is_not_passed_over():
    message = fault(read({**HOST, "CLOUDANT_APIKEY": "k", "IBM_CREDENTIALS_FILE": "absent.env"}))

    assert message.startswith("IBM_CREDENTIALS_FILE names absent.env, which cannot be read")


def test_what_another_kind_would_read_is_no_fault():
    configuration = configured(APIKEY="k", VPC_IMS_VERSION="nonsense", BEARER_TOKEN="{t}", USERNAME="u")

    assert configuration.check()
    assert {setting.name for setting in configuration.unused()} == {
        "VPC_IMS_VERSION",
        "BEARER_TOKEN",
        "USERNAME",
    }


@pytest.mark.parametrize("url", ["memory:", "sqlite:///shop.db"])
def test_an_embedded_store_needs_no_authentication(url: str):
    configuration = read({"CLOUDANT_URL": url, "CLOUDANT_AUTH_TYPE": "iam"})

    assert configuration.check().embedded
    assert configuration.choice is not None
    assert configuration.choice.kind == "NOAUTH"


def test_who_brings_an_auth_needs_none_to_be_configured():
    configuration = configured(AUTH_TYPE="iam", CLIENT_ID="i")

    assert configuration.check(authenticated=True)
    assert "APIKEY is missing" in fault(configuration)


def test_a_password_that_belongs_to_another_name_is_told_when_it_is_missing(tmp_path: Path):
    (tmp_path / "ibm-credentials.env").write_text("CLOUDANT_USERNAME=bob\nCLOUDANT_PASSWORD=s3cr3t\n")

    message = fault(read({"CLOUDANT_URL": "http://ann@h"}, cwd=tmp_path))

    assert "PASSWORD is missing" in message
    assert "PASSWORD (line 2 of ./ibm-credentials.env) gives way to USERNAME (the user in the URL" in message


def test_what_a_kind_itself_refuses_is_told_with_the_kind():
    configuration = configured(USERNAME="a:b", PASSWORD="s3cr3t")

    with pytest.raises(ConfigurationError, match=r"CLOUDANT: authentication BASIC, because .*':'"):
        configuration.auth({})


@pytest.mark.parametrize("service", ["", " "])
def test_a_service_has_a_name(service: str):
    with pytest.raises(ConfigurationError, match="service"):
        read({}, service=service)


def test_a_configuration_shows_no_secret():
    configuration = configured(
        APIKEY="s3cr3t", PASSWORD="s3cr3t", CLIENT_SECRET="s3cr3t", CLIENT_ID="i", PROXY="http://u:s3cr3t@h"
    )

    assert "s3cr3t" not in repr(configuration)
    assert "s3cr3t" not in repr(configuration.auth(configuration.connection()))
