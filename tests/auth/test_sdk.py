"""What configures IBM's SDK configures us: the same variables and files mean the same kind here."""

from pathlib import Path

import ibmcloudant  # noqa: F401 - teaches the SDK's core about COUCHDB_SESSION
import pytest
from ibm_cloud_sdk_core import get_authenticator_from_environment

from couchmapper.auth.configuration import Configuration

CONFIGURATIONS = [
    {"APIKEY": "k"},
    {"APIKEY": "k", "USERNAME": "u", "PASSWORD": "p"},
    {
        "AUTH_TYPE": "iam",
        "APIKEY": "k",
        "AUTH_URL": "https://iam.test/identity/token",
        "AUTH_DISABLE_SSL": "true",
    },
    {"AUTHTYPE": "IAM", "APIKEY": "k", "SCOPE": "a b", "CLIENT_ID": "i", "CLIENT_SECRET": "s"},
    {"AUTH_TYPE": "Basic", "USERNAME": "u", "PASSWORD": "p#w = 'x'"},
    {"AUTH_TYPE": "couchdb_session", "USERNAME": "u", "PASSWORD": "p"},
    {"AUTH_TYPE": "bearertoken", "BEARER_TOKEN": "t"},
    {"AUTH_TYPE": "NoAuth"},
    {"AUTH_TYPE": "container", "IAM_PROFILE_NAME": "n", "CR_TOKEN_FILENAME": "/t"},
    {"IAM_PROFILE_ID": "i"},
    {"AUTH_TYPE": "vpc", "IAM_PROFILE_CRN": "c", "VPC_IMS_VERSION": "2022-03-01"},
    {"AUTH_TYPE": "vpc"},
    {"AUTH_TYPE": "iamAssume", "APIKEY": "k", "IAM_PROFILE_NAME": "n", "IAM_ACCOUNT_ID": "a"},
]


def described(configuration: dict[str, str]) -> str:
    return "-".join(configuration)


def sdk_kind(service: str) -> str:
    authenticator = get_authenticator_from_environment(service)
    assert authenticator is not None
    return str(authenticator.authentication_type()).upper()


@pytest.mark.parametrize("properties", CONFIGURATIONS, ids=described)
def test_variables_of_the_sdk_mean_the_same_here(properties: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    environ = {f"MY_SVC_{name}": text for name, text in properties.items()}
    for name, text in environ.items():
        monkeypatch.setenv(name, text)

    ours = Configuration.read("my-svc", environ={**environ, "MY_SVC_URL": "https://h"}, cwd=Path("/nowhere"))

    ours.check()
    assert ours.choice is not None
    assert ours.choice.kind == sdk_kind("my-svc")


@pytest.mark.parametrize("properties", CONFIGURATIONS, ids=described)
def test_files_of_the_sdk_mean_the_same_here(
    properties: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    lines = [f"CLOUDANT_{name}={text}\n" for name, text in {**properties, "URL": "https://h"}.items()]
    file = tmp_path / "credentials.env"
    file.write_text("".join(lines))
    monkeypatch.setenv("IBM_CREDENTIALS_FILE", str(file))

    ours = Configuration.read(environ={"IBM_CREDENTIALS_FILE": str(file)}, cwd=tmp_path)

    ours.check()
    assert ours.choice is not None
    assert ours.choice.kind == sdk_kind("cloudant")
    assert {name: setting.text for name, setting in ours.settings.items() if name in properties} == {
        name: text for name, text in properties.items() if name != "AUTHTYPE"
    }
