"""The values of a view with links."""

import copy

import pytest

from couchmapper.exceptions import InvalidAnswer
from couchmapper.mapping import Ref
from couchmapper.mapping.links import Link, load_link


def test_a_link_is_a_reference():
    link = load_link({"_id": "customer:ann"})

    assert type(link) is type(copy.copy(link)) is Link
    assert link == Ref("customer:ann")
    assert (link.id, link.is_loaded) == ("customer:ann", False)


@pytest.mark.parametrize("value", [None, "customer:ann", {}, {"_id": None}, {"_id": ""}, {"_id": 5}], ids=str)
def test_what_is_no_link_is_refused(value: object):
    with pytest.raises(InvalidAnswer, match=r"the value of a row is no link to a document, got .*: deploy"):
        load_link(value)
