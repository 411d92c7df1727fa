import pytest

from couchmapper.auth.base import AuthTransport
from couchmapper.auth.container import PLACES, ContainerAuth, TokenFile
from couchmapper.exceptions import ConfigurationError
from couchmapper.messages import Request

READ = Request(method="GET", path=("db",), route="/{db}", repeatable=True)


def test_the_resources_token_is_exchanged_for_the_profiles(token_server, tmp_path):
    file = tmp_path / "token"
    file.write_text("resource-token\n")
    auth = ContainerAuth(
        profile_id="p1", profile_name="writer", token_file=file, url=token_server.url, scope="s1"
    )

    AuthTransport(token_server.store, auth).send(READ)

    (call,) = token_server.received
    assert (call.method, call.path) == ("POST", "/identity/token")
    assert call.form == {
        "grant_type": "urn:ibm:params:oauth:grant-type:cr-token",
        "cr_token": "resource-token",
        "profile_id": "p1",
        "profile_name": "writer",
        "scope": "s1",
    }


def test_the_file_is_read_anew_for_each_exchange(token_server, tmp_path, clock):
    file = tmp_path / "token"
    file.write_text("first")
    transport = AuthTransport(
        token_server.store,
        ContainerAuth(profile_name="writer", token_file=str(file), url=token_server.url, clock=clock),
    )
    transport.send(READ)
    file.write_text("second")
    clock.now += 3600

    transport.send(READ)

    assert [call.form["cr_token"] for call in token_server.received] == ["first", "second"]


def test_a_missing_file_is_an_error_until_it_is_there(token_server, tmp_path):
    file = tmp_path / "token"
    transport = AuthTransport(
        token_server.store, ContainerAuth(profile_id="p1", token_file=file, url=token_server.url)
    )
    with pytest.raises(ConfigurationError, match="No such file"):
        transport.send(READ)
    file.write_text("resource-token")

    assert transport.send(READ).json() == {"token": "token-1"}


def test_three_places_are_tried_in_order():
    assert ContainerAuth(profile_id="p1").file.places == PLACES
    assert [place.rsplit("/", 1)[-1] for place in PLACES] == ["vault-token", "sa-token", "token"]


def test_the_first_place_with_a_token_counts(tmp_path):
    places = [tmp_path / name for name in ("none", "empty", "here", "later")]
    for place, content in zip(places[1:], (" \n", "\ttoken \r\n", "other"), strict=True):
        place.write_text(content)

    assert TokenFile(tuple(map(str, places))).read() == "token"


def test_the_error_lists_every_place_with_its_reason(tmp_path):
    missing, folder, empty, binary = (tmp_path / name for name in ("missing", "folder", "empty", "binary"))
    folder.mkdir()
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError) as caught:
        TokenFile((str(missing), str(folder), str(empty), str(binary))).read()

    told = str(caught.value)
    assert (
        f"{missing}: No such file or directory; {folder}: Is a directory; {empty}: the file is empty" in told
    )
    assert f"{binary}: not UTF-8 text" in told
    assert "token_file=" in told


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "profile_id or profile_name"),
        ({"profile_id": ""}, "profile_id"),
        ({"profile_name": ""}, "profile_name"),
        ({"profile_id": "p1", "token_file": ""}, "token_file"),
        ({"profile_id": "p1", "token_file": 5}, "token_file"),
        ({"profile_id": "p1", "client_id": "id"}, "client_secret"),
        ({"profile_id": "p1", "url": "host"}, "url"),
        ({"profile_id": "p1", "scope": ""}, "scope"),
    ],
)
def test_arguments_are_checked_at_once_and_named(arguments, named):
    with pytest.raises(ConfigurationError, match=named):
        ContainerAuth(**arguments)
