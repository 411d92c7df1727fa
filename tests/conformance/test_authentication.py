from urllib.parse import unquote, urlsplit

import pytest

from couchmapper.auth.basic import BasicAuth
from couchmapper.auth.cookie import SessionAuth
from couchmapper.connect import connect
from couchmapper.exceptions import Unauthorized

on_couchdb = pytest.mark.stores("couchdb")


@pytest.fixture
def login(store: str, url: str) -> tuple[str, str, str]:
    """Give the URL without credentials, the user and the password of a store that has users."""
    assert store == "couchdb", "an embedded store belongs to the process that opens it: nobody logs in"
    parts = urlsplit(url)
    assert parts.username
    assert parts.password
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}", unquote(parts.username), unquote(parts.password)


def test_the_client_of_these_tests_is_an_admin(client):
    session = client.authentication.session()

    assert session["ok"] is True
    assert "_admin" in session["userCtx"]["roles"]


@on_couchdb
def test_a_name_and_a_password_make_a_client_somebody(login):
    host, user, password = login

    with connect(host, auth=BasicAuth(user, password)) as client:
        session = client.authentication.session()

    assert session["userCtx"]["name"] == user
    assert session["info"]["authenticated"] == "default"


@on_couchdb
def test_a_client_without_credentials_is_nobody(login):
    with connect(login[0]) as anonymous:
        context = anonymous.authentication.session()["userCtx"]

    assert (context["name"], context["roles"]) == (None, [])


@on_couchdb
def test_a_client_without_credentials_may_not_create_databases(login):
    with connect(login[0]) as anonymous, pytest.raises(Unauthorized):
        anonymous.databases.create("couchmapper-nobody")


@on_couchdb
def test_a_session_cookie_makes_a_client_somebody(login):
    host, user, password = login

    with connect(host, auth=SessionAuth(user, password)) as client:
        session = client.authentication.session()

    assert session["userCtx"]["name"] == user
    assert session["info"]["authenticated"] == "cookie"


@on_couchdb
def test_one_session_serves_many_requests_and_clients(login):
    host, user, password = login
    auth = SessionAuth(user, password)

    with connect(host, auth=auth) as one, connect(host, auth=auth) as two:
        names = [each.authentication.session()["userCtx"]["name"] for each in (one, two, one)]

    assert names == [user] * 3


@on_couchdb
def test_a_wrong_password_is_refused_with_the_reason(login):
    host, user, _ = login

    with connect(host, auth=SessionAuth(user, "wrong")) as client, pytest.raises(Unauthorized) as caught:
        client.server.up()

    assert caught.value.reason == "Name or password is incorrect."


@on_couchdb
def test_a_password_is_exchanged_for_the_cookie_of_a_session(client, login):
    _, user, password = login

    answer = client.authentication.log_in.response(user, password)

    assert answer.json()["name"] == user
    assert answer.headers["set-cookie"].startswith("AuthSession=")


@on_couchdb
def test_a_wrong_password_opens_no_session(client, login):
    with pytest.raises(Unauthorized):
        client.authentication.log_in(login[1], "wrong")


@on_couchdb
def test_logging_out_takes_the_cookie_away(client):
    answer = client.authentication.log_out.response()

    assert answer.json() == {"ok": True}
    assert answer.headers["set-cookie"].startswith("AuthSession=;")
