"""`couchmapper config` shows what is configured, where it comes from and what is wrong; never a secret."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from couchmapper.auth.properties import PROPERTIES
from couchmapper.cli import main
from couchmapper.cli.surroundings import Surroundings


@attrs.frozen
class Outcome:
    """What a command has left behind."""

    status: int
    output: str
    errors: str

    def row(self, name: str) -> list[str]:
        """Return the columns of a property."""
        (line,) = (line for line in self.output.splitlines() if line.startswith(f"{name} "))
        return [column.strip() for column in line.split("  ") if column.strip()]


def run(environ: Mapping[str, str], *arguments: str, cwd: Path = Path("/nowhere")) -> Outcome:
    output, errors = io.StringIO(), io.StringIO()
    surroundings = Surroundings(environ=environ, cwd=cwd, output=output, errors=errors)
    status = main(["config", *arguments], surroundings)
    return Outcome(status, output.getvalue(), errors.getvalue())


def test_each_property_is_shown_with_value_and_origin(tmp_path: Path):
    (tmp_path / "ibm-credentials.env").write_text("CLOUDANT_APIKEY=s3cr3t\nCLOUDANT_MAX_RETRIES=2\n")

    found = run({"CLOUDANT_URL": "https://h"}, cwd=tmp_path)

    assert (found.status, found.errors) == (0, "")
    assert found.row("URL") == ["URL", "https://h", "environment variable CLOUDANT_URL"]
    assert found.row("APIKEY") == ["APIKEY", "******", "line 1 of ./ibm-credentials.env"]
    assert found.row("MAX_RETRIES") == ["MAX_RETRIES", "2", "line 2 of ./ibm-credentials.env"]
    assert found.row("READ_TIMEOUT") == ["READ_TIMEOUT", "150", "default"]


def test_the_authentication_is_shown_with_its_reason():
    found = run({"CLOUDANT_URL": "https://h", "CLOUDANT_APIKEY": "k", "CLOUDANT_PASSWORD": "p"})

    assert "authentication: IAM, because APIKEY is set\n" in found.output
    assert (
        "not used by this kind of authentication:\n  PASSWORD (environment variable CLOUDANT_PASSWORD)"
        in found.output
    )


def test_a_user_in_the_url_is_shown_as_basic_from_the_url():
    found = run({"CLOUDANT_AUTH_TYPE": "iam"}, "--url", "https://ann:s3cr3t@h")

    assert found.row("URL") == ["URL", "https://h", "argument url"]
    assert found.row("AUTH_TYPE") == ["AUTH_TYPE", "BASIC", "the user in the URL, argument url"]
    assert "authentication: BASIC, because the URL names a user\n" in found.output
    assert "warnings:\n  AUTH_TYPE (environment variable CLOUDANT_AUTH_TYPE) is not used" in found.output


def test_what_is_not_understood_is_shown():
    found = run({"CLOUDANT_URL": "memory:", "CLOUDANT_USERNAM": "s3cr3t"})

    assert found.status == 0
    assert "not understood:\n  CLOUDANT_USERNAM (environment): no such property; did you mean" in found.output


def test_what_is_overridden_is_shown():
    vcap = '{"x": [{"name": "cloudant", "credentials": {"url": "https://vcap", "apikey": "k"}}]}'

    found = run({"CLOUDANT_URL": "https://h", "VCAP_SERVICES": vcap})

    assert (
        "overridden:\n  URL (VCAP_SERVICES, instance CLOUDANT) gives way to URL (environment variable"
        in found.output
    )


def test_every_source_is_shown_with_what_became_of_it(tmp_path: Path):
    found = run({"CLOUDANT_URL": "memory:"}, cwd=tmp_path)

    sources = found.output.partition("sources, the highest first:\n")[2].splitlines()
    assert [" ".join(line.split()) for line in sources] == [
        "arguments no url",
        "environment 1 property",
        "./ibm-credentials.env not there",
        "VCAP_SERVICES not set",
    ]


def test_an_embedded_store_has_neither_login_nor_timeouts():
    found = run({"CLOUDANT_URL": "sqlite:///shop.db"})

    assert "authentication: NOAUTH, because the store lives in this process\n" in found.output
    assert "TIMEOUT" not in found.output


def test_another_service_is_shown_by_its_name():
    found = run({"MY_DB_URL": "https://h", "MY_DB_AUTH_TYPE": "noauth"}, "--service", "my-db")

    assert found.status == 0
    assert found.output.startswith("service my-db\n")


def test_a_configuration_that_cannot_be_used_is_shown_and_then_told():
    found = run({"CLOUDANT_URL": "https://h", "CLOUDANT_APIKEY": "k", "CLOUDANT_MAX_RETRIES": "many"})

    assert found.status == 2
    assert found.row("MAX_RETRIES")[:2] == ["MAX_RETRIES", "many"]
    assert found.errors == (
        "couchmapper: MAX_RETRIES (environment variable CLOUDANT_MAX_RETRIES):"
        " expected a whole number, 0 or more\n"
    )


def test_control_characters_are_spelled():
    found = run({"CLOUDANT_URL": "https://h", "CLOUDANT_USERNAME": "\x1b[31mred", "CLOUDANT_PASSWORD": "p"})

    assert "\x1b" not in found.output
    assert "\\x1b[31mred" in found.output


SECRET = "s3cr3t"


@given(
    st.dictionaries(
        st.sampled_from(sorted(name for name, known in PROPERTIES.items() if known.secret)),
        st.sampled_from([SECRET, f'"{SECRET}"', f"{{{SECRET}}}", f" {SECRET}", f"\n{SECRET}\x00"]),
    ),
    st.sampled_from(["basic", "iam", "jwt", "proxy", "bearertoken", "couchdb_session", "noauth", "cp4d", ""]),
    st.sampled_from(
        ["https://h", f"https://u:{SECRET}@h", f"https://u:{SECRET}", f"u:{SECRET}@h", f"h?{SECRET}"]
    ),
)
def test_no_secret_is_ever_shown(secrets: dict[str, str], kind: str, url: str):
    environ = {f"CLOUDANT_{name}": text for name, text in {**secrets, "AUTH_TYPE": kind, "URL": url}.items()}

    found = run({**environ, "CLOUDANT_PASSWRD": SECRET, "CLOUDANT_PROXY": f"http://u:{SECRET}@p:1"})

    assert SECRET not in found.output
    assert SECRET not in found.errors


@pytest.mark.parametrize("arguments", [["config"], ["config", "--service", "cloudant"]])
def test_the_program_can_be_run_as_a_module(arguments: list[str], tmp_path: Path):
    environ = {
        name: text for name, text in os.environ.items() if not name.startswith(("CLOUDANT", "VCAP", "IBM"))
    }
    found = subprocess.run(
        [sys.executable, "-m", "couchmapper", *arguments],
        env={**environ, "HOME": str(tmp_path), "CLOUDANT_URL": "memory:"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stderr) == (0, "")
    assert "memory:" in found.stdout
