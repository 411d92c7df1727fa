"""Each source gives the settings of one service, with their origins, and says what became of reading it."""

import json
from pathlib import Path

import pytest

from couchmapper.auth.sources import (
    Setting,
    Source,
    prefix_of,
    read_environment,
    read_files,
    read_services,
)

FILE = "ibm-credentials.env"


def texts(source: Source) -> dict[str, str]:
    return {name: setting.text for name, setting in source.settings.items()}


def vcap(services: object) -> Source:
    return read_services("cloudant", {"VCAP_SERVICES": json.dumps(services)})


@pytest.mark.parametrize(
    ("service", "prefix"), [("cloudant", "CLOUDANT_"), ("my-svc", "MY_SVC_"), ("My svc", "MY_SVC_")]
)
def test_the_name_of_a_service_is_what_its_properties_begin_with(service: str, prefix: str):
    assert prefix_of(service) == prefix


def test_the_environment_gives_the_properties_of_one_service():
    found = read_environment("cloudant", {"CLOUDANT_URL": "http://h", "OTHER_URL": "x", "URL": "y"})

    assert found.settings == {
        "URL": Setting(name="URL", text="http://h", origin="environment variable CLOUDANT_URL")
    }
    assert found.state == "1 property"


@pytest.mark.parametrize("name", ["CLOUDANT2_URL", "CLOUDANTX", "CLOUDANT", "CLOUDANT_"])
def test_a_name_that_only_begins_alike_is_nothing(name: str):
    found = read_environment("cloudant", {name: "x"})

    assert not found.settings
    assert not found.strays


def test_the_second_name_of_a_property_counts_where_the_first_is_not_there():
    assert texts(read_environment("s", {"S_AUTHTYPE": "iam"})) == {"AUTH_TYPE": "iam"}
    assert texts(read_environment("s", {"S_AUTHTYPE": "iam", "S_AUTH_TYPE": "vpc"})) == {"AUTH_TYPE": "vpc"}


def test_an_empty_variable_counts_as_not_set():
    found = read_environment("s", {"S_APIKEY": "", "S_URL": " "})

    assert not found.settings
    assert [stray.advice for stray in found.strays] == ["empty, which counts as not set"] * 2


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("S_USERNAM", "did you mean S_USERNAME?"),
        ("S_API_KEY", "did you mean S_APIKEY?"),
        ("S_AUTHURL", "did you mean S_AUTH_URL?"),
        ("s_url", "did you mean S_URL?"),
        ("S_url", "did you mean S_URL?"),
        ("S_TEST_URL", "a service S_TEST"),
        ("S_FLAVOUR", "no such property"),
    ],
)
def test_a_name_that_is_not_understood_is_told_with_advice(name: str, advice: str):
    (stray,) = read_environment("s", {name: "s3cr3t"}).strays

    assert advice in str(stray)
    assert "s3cr3t" not in repr(stray)


def test_what_looks_misspelled_is_a_fault_in_a_file_and_not_in_the_environment(tmp_path: Path):
    (tmp_path / FILE).write_text("# ours\nS_APIKY=x\nS_FLAVOUR=y\n")

    (file,) = read_files("s", {}, tmp_path, None)

    assert file.faults == (f"S_APIKY (line 2 of ./{FILE}): no such property; did you mean S_APIKEY?",)
    assert read_environment("s", {"S_APIKY": "x"}).faults == ()


def test_what_ibm_cloud_writes_into_credentials_is_no_mistake(tmp_path: Path):
    (tmp_path / FILE).write_text("S_IAM_APIKEY_NAME=x\nS_IAM_ROLE_CRN=y\nS_APIKEY=z\n")

    (file,) = read_files("s", {}, tmp_path, None)

    assert texts(file) == {"APIKEY": "z"}
    assert not file.strays


def test_the_file_that_the_environment_names_is_the_only_one(tmp_path: Path):
    (tmp_path / FILE).write_text("S_APIKEY=other\n")
    (tmp_path / "mine.env").write_text("\ufeffS_URL=http://h\n", encoding="utf-8")

    (file,) = read_files("s", {"IBM_CREDENTIALS_FILE": "mine.env"}, tmp_path, tmp_path)

    assert file.settings == {"URL": Setting(name="URL", text="http://h", origin="line 1 of mine.env")}


def test_a_file_that_is_named_may_be_in_the_home_directory(tmp_path: Path):
    (tmp_path / "mine.env").write_text("S_URL=http://h\n")

    (file,) = read_files("s", {"IBM_CREDENTIALS_FILE": "~/mine.env"}, Path("/nowhere"), tmp_path)

    assert texts(file) == {"URL": "http://h"}


@pytest.mark.parametrize("name", ["absent.env", "."])
def test_a_file_that_is_named_and_cannot_be_read_is_a_fault(tmp_path: Path, name: str):
    (file,) = read_files("s", {"IBM_CREDENTIALS_FILE": name}, tmp_path, None)

    assert len(file.faults) == 1
    assert f"IBM_CREDENTIALS_FILE names {name}, which cannot be read" in file.faults[0]


def test_the_working_directory_comes_before_the_home_directory(tmp_path: Path):
    here, home = tmp_path / "here", tmp_path / "home"
    for place in (here, home):
        place.mkdir()
        (place / FILE).write_text(f"S_URL=http://{place.name}\n")

    first, second = read_files("s", {}, here, home)

    assert texts(first) == {"URL": "http://here"}
    assert texts(second) == {}
    assert second.state == f"not read, since ./{FILE} has this service"


def test_a_file_about_other_services_does_not_hide_the_one_in_the_home_directory(tmp_path: Path):
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    (here / FILE).write_text("OTHER_URL=http://other\n")
    (home / FILE).write_text("S_URL=http://home\n")

    first, second = read_files("s", {}, here, home)

    assert first.state == "nothing for this service"
    assert second.settings["URL"].origin == f"line 1 of ~/{FILE}"


def test_files_that_are_not_there_are_no_fault(tmp_path: Path):
    sources = read_files("s", {}, tmp_path, tmp_path / "home")

    assert [(source.state, source.faults) for source in sources] == [("not there", ())] * 2


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"S_URL=\xff")

    (file,) = read_files("s", {}, tmp_path, None)

    assert file.faults == (f"./{FILE}: expected text in UTF-8",)


def test_lines_of_others_are_never_a_fault(tmp_path: Path):
    (tmp_path / FILE).write_text("OTHER='open\nwords\nS_URL=http://h\n")

    (file,) = read_files("s", {}, tmp_path, None)

    assert texts(file) == {"URL": "http://h"}
    assert file.faults == ()


def test_a_broken_line_of_ours_is_a_fault_with_its_number(tmp_path: Path):
    (tmp_path / FILE).write_text("S_PASSWORD='s3cr3t\nS_URL\n")

    (file,) = read_files("s", {}, tmp_path, None)

    assert [fault.partition(":")[0] for fault in file.faults] == [
        f"S_PASSWORD (line 1 of ./{FILE})",
        f"S_URL (line 2 of ./{FILE})",
    ]
    assert "s3cr3t" not in "".join(file.faults)


def test_the_last_of_equal_names_in_a_file_holds(tmp_path: Path):
    (tmp_path / FILE).write_text("S_URL=http://a\nS_URL=http://b\n")

    (file,) = read_files("s", {}, tmp_path, None)

    assert texts(file) == {"URL": "http://b"}


@pytest.mark.parametrize(
    ("credentials", "found"),
    [
        (
            {"url": "https://h", "apikey": "k", "iam_role_crn": "x"},
            {"URL": "https://h", "APIKEY": "k", "AUTH_TYPE": "IAM"},
        ),
        ({"host": "h", "iam_apikey": "k"}, {"URL": "https://h", "APIKEY": "k", "AUTH_TYPE": "IAM"}),
        (
            {"username": "u", "password": "p", "url": "https://u:p@h", "port": 443},
            {"USERNAME": "u", "PASSWORD": "p", "URL": "https://u:p@h", "AUTH_TYPE": "BASIC"},
        ),
        ({"auth_type": "vpc", "disable_ssl": True}, {"AUTH_TYPE": "vpc", "DISABLE_SSL": "true"}),
        ({}, {}),
    ],
)
def test_a_bound_service_gives_its_credentials(credentials: object, found: dict[str, str]):
    source = vcap({"user-provided": [{"name": "cloudant", "credentials": credentials}]})

    assert texts(source) == found
    assert {setting.origin for setting in source.settings.values()} <= {"VCAP_SERVICES, instance cloudant"}


def test_a_bound_service_is_found_by_its_name_before_its_kind():
    services = {
        "cloudant": [{"name": "other", "credentials": {"url": "https://kind"}}],
        "user-provided": [{"name": "cloudant", "credentials": {"url": "https://name"}}],
    }

    assert texts(vcap(services)) == {"URL": "https://name"}
    del services["user-provided"]
    assert texts(vcap(services)) == {"URL": "https://kind"}


@pytest.mark.parametrize(
    "services", [{}, {"cloudant": []}, {"cloudant": "x"}, {"other": [{"name": "other"}]}]
)
def test_other_bound_services_are_nothing(services: object):
    found = vcap(services)

    assert not found.settings
    assert not found.faults


@pytest.mark.parametrize("text", ["{s3cr3t", "[]", "7", '"s3cr3t"'])
def test_bound_services_that_are_no_json_object_are_a_fault_that_shows_nothing(text: str):
    found = read_services("cloudant", {"VCAP_SERVICES": text})

    assert len(found.faults) == 1
    assert "expected a JSON object" in found.faults[0]
    assert "s3cr3t" not in found.faults[0]


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("APIKEY", "s3cr3t", "******"),
        ("PASSWORD", "s3cr3t", "******"),
        ("BEARER_TOKEN", "s3cr3t", "******"),
        ("CLIENT_SECRET", "s3cr3t", "******"),
        ("USERNAME", "ann@example.com", "ann@example.com"),
        ("URL", "https://ann:s3cr3t@h", "https://h"),
        ("URL", "http://ann:s3cr3t", "******"),
        ("URL", "ann:s3cr3t@h", "******"),
        ("PROXY", "http://ann:s3cr3t@h:1", "http://******@h:1"),
        ("PROXY", "http://h:1", "http://h:1"),
        ("PROXY", "ann:s3cr3t@h:1", "******@h:1"),
        ("AUTH_URL", "https://ann:s3cr3t@h", "https://******@h"),
        ("MAX_RETRIES", "4", "4"),
    ],
)
def test_a_setting_is_shown_without_secrets(name: str, text: str, shown: str):
    setting = Setting(name=name, text=text, origin="somewhere")

    assert setting.shown() == shown
    assert "s3cr3t" not in repr(setting)
