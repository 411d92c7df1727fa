"""Optional parameters: which are sent, and which names are none."""

import pytest

from couchmapper.client.options import AllDocsOptions, FindOptions, ViewOptions, chosen
from couchmapper.client.params import UNSET


def test_null_is_a_key_and_unset_is_none():
    given = {"key": None, "start_key": UNSET, "end_key": False}

    assert chosen(given, AllDocsOptions) == {"key": None, "end_key": False}


def test_none_is_not_given_where_it_is_no_key():
    assert chosen({"limit": 0, "skip": None, "descending": False}, AllDocsOptions) == {
        "limit": 0,
        "descending": False,
    }


def test_a_group_has_the_parameters_of_those_it_extends():
    assert chosen({"limit": 1, "group": True, "stable": True}, ViewOptions) == {
        "limit": 1,
        "group": True,
        "stable": True,
    }


def test_a_name_that_is_none_of_the_group_is_told():
    with pytest.raises(TypeError, match="argument 'selctor'; expected one of allow_fallback"):
        chosen({"selctor": {}}, FindOptions)
