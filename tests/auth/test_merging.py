"""The higher source wins, property by property; what belongs together stays together."""

import pytest

from couchmapper.auth.merging import Choice, Merged, merge
from couchmapper.auth.sources import Setting, Source


def source(name: str, **texts: str) -> Source:
    settings = {key: Setting(name=key, text=text, origin=name) for key, text in texts.items()}
    return Source(name=name, state="", settings=settings)


def held(merged: Merged) -> dict[str, tuple[str, str]]:
    return {name: (setting.text, setting.origin) for name, setting in merged.settings.items()}


def kind(*sources: Source) -> str | None:
    choice = merge(sources).choice
    return None if choice is None else choice.kind


def test_each_property_comes_from_the_highest_source_that_has_it():
    merged = merge([source("env", URL="http://a"), source("file", URL="http://b", APIKEY="k")])

    assert held(merged) == {"URL": ("http://a", "env"), "APIKEY": ("k", "file")}
    assert merged.overridden == ("URL (file) gives way to URL (env)",)


def test_equal_values_override_nothing():
    assert merge([source("env", APIKEY="k"), source("file", APIKEY="k")]).overridden == ()


@pytest.mark.parametrize(
    ("settings", "kind_"),
    [
        ({"APIKEY": "k"}, "IAM"),
        ({"APIKEY": "k", "USERNAME": "u", "PASSWORD": "p"}, "IAM"),
        ({"APIKEY": "k", "IAM_PROFILE_ID": "p"}, "IAM"),
        ({"IAM_PROFILE_ID": "p"}, "CONTAINER"),
        ({"IAM_PROFILE_NAME": "p"}, "CONTAINER"),
        ({"BEARER_TOKEN": "t"}, "BEARERTOKEN"),
        ({"USERNAME": "u", "PASSWORD": "p"}, "BASIC"),
        ({"AUTH_TYPE": "Couchdb_Session", "APIKEY": "k"}, "COUCHDB_SESSION"),
        ({"AUTH_TYPE": "noauth"}, "NOAUTH"),
        ({"AUTH_TYPE": "cp4d"}, "CP4D"),
        ({"USERNAME": "u"}, None),
        ({"URL": "http://h"}, None),
        ({"AUTH_TYPE": "nonsense", "APIKEY": "k"}, None),
        ({}, None),
    ],
)
def test_one_source_means_one_kind(settings: dict[str, str], kind_: str | None):
    assert kind(source("env", **settings)) == kind_


def test_the_choice_says_why():
    assert merge([source("env", APIKEY="k")]).choice == Choice(kind="IAM", reason="APIKEY is set")
    assert merge([source("env", USERNAME="u", PASSWORD="p")]).choice == Choice(
        kind="BASIC", reason="USERNAME and PASSWORD are set"
    )
    assert merge([source("env", AUTH_TYPE="vpc")]).choice == Choice(kind="VPC", reason="AUTH_TYPE says so")
    assert merge([source("argument", URL="http://u:p@h")]).choice == Choice(
        kind="BASIC", reason="the URL names a user"
    )


@pytest.mark.parametrize(
    ("above", "below", "kind_"),
    [
        ({"APIKEY": "k"}, {"AUTH_TYPE": "basic", "USERNAME": "u", "PASSWORD": "p"}, "IAM"),
        ({"APIKEY": "k"}, {"AUTH_TYPE": "noauth"}, "IAM"),
        ({"APIKEY": "k"}, {"AUTH_TYPE": "iamassume", "IAM_PROFILE_ID": "p"}, "IAMASSUME"),
        ({"USERNAME": "u", "PASSWORD": "p"}, {"AUTH_TYPE": "couchdb_session"}, "COUCHDB_SESSION"),
        ({"USERNAME": "u", "PASSWORD": "p"}, {"APIKEY": "k"}, "BASIC"),
        ({"USERNAME": "u"}, {"APIKEY": "k"}, "IAM"),
        ({"PASSWORD": "p"}, {"AUTH_TYPE": "couchdb_session", "USERNAME": "u"}, "COUCHDB_SESSION"),
        ({"AUTH_TYPE": "couchdb_session"}, {"USERNAME": "u", "PASSWORD": "p"}, "COUCHDB_SESSION"),
        ({"AUTH_TYPE": "iam"}, {"AUTH_TYPE": "basic", "APIKEY": "k"}, "IAM"),
        ({"AUTH_TYPE": "nonsense"}, {"AUTH_TYPE": "basic"}, None),
    ],
)
def test_the_highest_source_that_says_anything_chooses_the_kind(
    above: dict[str, str], below: dict[str, str], kind_: str | None
):
    assert kind(source("env", **above), source("file", **below)) == kind_


def test_a_lower_kind_that_is_not_used_is_a_warning_and_no_setting():
    merged = merge([source("env", APIKEY="k"), source("file", AUTH_TYPE="basic")])

    assert "AUTH_TYPE" not in merged.settings
    assert merged.warnings == ("AUTH_TYPE (file) is not used: IAM, because APIKEY is set",)


def test_a_user_in_the_url_means_basic_whatever_else_is_set():
    merged = merge(
        [
            source("argument", URL="https://ann:s3cr3t@h"),
            source("env", AUTH_TYPE="iam", APIKEY="k", USERNAME="bob", PASSWORD="other"),
        ]
    )

    origin = "the user in the URL, argument"
    assert held(merged) == {
        "URL": ("https://h", "argument"),
        "AUTH_TYPE": ("BASIC", origin),
        "USERNAME": ("ann", origin),
        "PASSWORD": ("s3cr3t", origin),
        "APIKEY": ("k", "env"),
    }
    assert merged.warnings == ("AUTH_TYPE (env) is not used: BASIC, because the URL names a user",)


def test_a_user_in_a_url_of_any_source_means_basic():
    merged = merge([source("env", AUTH_TYPE="iam", APIKEY="k"), source("VCAP", URL="https://ann:s3cr3t@h")])

    assert merged.choice == Choice(kind="BASIC", reason="the URL names a user")
    assert merged.warnings


def test_a_user_in_a_url_that_is_overridden_means_nothing():
    merged = merge([source("env", URL="http://h", APIKEY="k"), source("file", URL="http://ann:s3cr3t@other")])

    assert held(merged) == {"URL": ("http://h", "env"), "APIKEY": ("k", "env")}


def test_the_password_of_a_user_in_the_url_may_stand_elsewhere():
    merged = merge([source("argument", URL="http://ann@h"), source("env", PASSWORD="p")])

    assert held(merged)["PASSWORD"] == ("p", "env")


@pytest.mark.parametrize(("owner", "owned"), [("USERNAME", "PASSWORD"), ("CLIENT_ID", "CLIENT_SECRET")])
def test_a_secret_is_not_used_with_the_name_of_another(owner: str, owned: str):
    merged = merge([source("env", **{owner: "ann"}), source("file", **{owner: "bob", owned: "bobs"})])

    assert held(merged) == {owner: ("ann", "env")}
    assert f"{owned} (file) gives way to {owner} (env)" in merged.overridden


def test_a_password_is_used_with_a_name_from_elsewhere_when_it_has_none_of_its_own():
    assert held(merge([source("env", USERNAME="ann"), source("file", PASSWORD="p")])) == {
        "USERNAME": ("ann", "env"),
        "PASSWORD": ("p", "file"),
    }
    assert "PASSWORD" in held(
        merge([source("env", USERNAME="a"), source("file", USERNAME="a", PASSWORD="p")])
    )


def test_the_names_of_a_profile_come_from_one_source():
    merged = merge([source("env", IAM_PROFILE_ID="a"), source("file", IAM_PROFILE_NAME="b")])

    assert held(merged) == {"IAM_PROFILE_ID": ("a", "env")}


def test_nothing_that_is_told_holds_a_secret():
    merged = merge(
        [
            source("env", URL="http://ann:s3cr3t@h", APIKEY="s3cr3t"),
            source("file", PASSWORD="s3cr3t2", AUTH_TYPE="iam", USERNAME="bob"),
        ]
    )

    assert "s3cr3t" not in repr(merged)
