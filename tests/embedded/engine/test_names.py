import pytest

from couchmapper.embedded.engine.names import check_database_name
from couchmapper.exceptions import BadRequest, IllegalDatabaseName


@pytest.mark.parametrize("name", ["a", "a1_$()+-/b", "a" * 238, "_users", "_replicator", "a/" * 200 + "b"])
def test_a_legal_name_passes(name: str):
    check_database_name(name)


@pytest.mark.parametrize("name", ["", "A", "1a", "_foo", "a b", "é", "a.b", "aB", "a\n"])
def test_an_illegal_name_is_refused(name: str):
    with pytest.raises(IllegalDatabaseName, match="Must begin with a letter"):
        check_database_name(name)


def test_a_long_name_is_refused():
    with pytest.raises(BadRequest) as caught:
        check_database_name("a" * 239)

    assert caught.value.error == "database_name_too_long"
