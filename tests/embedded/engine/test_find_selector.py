"""Selectors as a query needs them."""

import pytest

from couchmapper.embedded.engine.find_selector import read_selector
from couchmapper.exceptions import InvalidSelector


def test_what_never_matches_is_known():
    assert read_selector({"a": {"$in": []}}).is_never
    assert read_selector({"$and": []}).is_never
    assert not read_selector({}).is_never


def test_a_search_is_refused_since_there_is_no_index_for_it():
    with pytest.raises(InvalidSelector) as caught:
        read_selector({"a": {"$in": []}, "$text": "tea"})

    assert caught.value.error == "not_supported"
